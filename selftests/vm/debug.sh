#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# debug.sh [all | short [1|2|3|4]]: all selftests on the debug kernel; and what they
# execute of the module, of which some percent of lines and of branches has to be
# reached.  With "all" also those of ../prove and others that take long, on the
# kernel for data races, which is several times as fast: nothing but the module is
# checked there, and here it only counts.  With "short" each program over one of
# IPv4 and IPv6, if it would take both, and none that differs only in its words'
# size, is about what the tool prints, or takes minutes to see a rate; a number is
# one quarter of these, and with the last one comes what all four have executed.

. "$(dirname "$0")/lib.sh"
trap - ERR

KERNEL=debug
PARTS=(1/2 2/2)
LEAST=(95 80)
WITHOUT=()
PROVE=()
JUDGE=1
case $1 in
all)
	KERNEL=kcsan
	LEAST=(95 85)
	PROVE=("kcsan.gcov:fault,inbound,callfuzz,hostile,abort,unanswered")
	;;
short)
	LEAST=(85 70)
	LESS='-*_32-kill-monitor-nc-run-show-stat-tcp-fair-frames_of_one_byte'
	WITHOUT=("$LESS-ipv6*" "$LESS-ipv4*")
	[ -z "$2" ] || PARTS=($((2 * $2 - 1))/8 $((2 * $2))/8)
	[ "${2:-4}" = 4 ] || JUDGE=
	;;
esac
LOG=$BUILD/log/$KERNEL.gcov

rc=0
"$VM_DIR/check.sh" "$KERNEL.gcov:${PARTS[0]}${WITHOUT[0]}" \
	"$KERNEL.gcov:${PARTS[1]}${WITHOUT[1]}" "${PROVE[@]}" || rc=1
[ -z "$JUDGE" ] || "$VM_DIR/coverage.py" "$BUILD/gcov-$KERNEL" "${LEAST[@]}" \
	"$LOG."?of"${PARTS[0]#*/}"/tap ${PROVE:+"$LOG/tap"} || rc=1
exit $rc
