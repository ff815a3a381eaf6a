#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# coverage.sh [LIST WHO]
#
# Does each test exist that COVERAGE names, or another list, whose name is WHO?
# A line of it that begins with a tab is a program and tests of it; "kunit"
# stands for those that the kernel runs, and is followed by their suite.

cd "$(dirname "$0")" || exit
LIST=${1:-COVERAGE}
WHO=${2:-COVERAGE}
KUNIT=../net/wrtcsub/tests

# has FILE TEST: as a test of the harness, or as the function of a shell test.
has()
{
	case $1 in
	*.sh) grep -qE "^$2\\(\\)" "$1" ;;
	*_test.c) grep -qE "^	KUNIT_CASE\\([a-z_]*$2\\)" "$1" ;;
	*) grep -qE "^TEST[A-Z_]*\\(([a-z0-9_]+, )?$2[,)]" "$1" ;;
	esac
}

wrong=0
while read -r program tests; do
	if [ "$program" = kunit ]; then
		program=$KUNIT/${tests%% *}_test.c
		tests=${tests#* }
	fi
	if [ ! -e "$program" ]; then
		echo "$WHO: there is no $program"
		wrong=1
		continue
	fi
	for test in $tests; do
		has "$program" "$test" && continue
		echo "$WHO: $program has no $test"
		wrong=1
	done
done < <(grep '^	' "$LIST")
exit $wrong
