#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests in the kernel: loads the module that has them, which runs
# them, and reads what KUnit has to say of it.  A kernel without KUnit cannot
# have that module: there this is a skip.

KSFT_SKIP=4
RESULTS=/sys/kernel/debug/kunit
SUITES="decoder encoder dcep sid fsm"

if [ ! -d "$RESULTS" ]; then
	echo "1..0 # SKIP no KUnit, or no debugfs"
	exit $KSFT_SKIP
fi

modprobe wrtcsub_test || exit 1
for suite in $SUITES; do
	cat "$RESULTS/wrtcsub_$suite/results"
	echo "@exit $?"
done | awk -f ktap.awk
rc=$?
rmmod wrtcsub_test || exit 1
exit $rc
