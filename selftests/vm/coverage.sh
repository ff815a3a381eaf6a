#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# coverage.sh [RUN.SH'S ARGUMENTS]
#
# What the selftests execute of the module, on the debug kernel: all of them, or
# those that the arguments choose.

. "$(dirname "$0")/lib.sh"
trap - ERR

rc=0
"$VM_DIR/run.sh" -k debug -g "$@" || rc=1
"$VM_DIR/coverage.py" "$BUILD/log/debug.gcov/tap" "$BUILD/gcov" || rc=1
exit $rc
