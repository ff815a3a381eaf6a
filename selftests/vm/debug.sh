#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All selftests on the debug kernel, and what they execute of the module.

. "$(dirname "$0")/lib.sh"
trap - ERR

rc=0
"$VM_DIR/check.sh" debug.gcov:1/2 debug.gcov:2/2 || rc=1
"$VM_DIR/coverage.py" "$BUILD/gcov" "$BUILD"/log/debug.gcov.?of2/tap || rc=1
exit $rc
