#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh unit|KERNEL[.gcov][:PART/PARTS|:PROGRAM,PROGRAM...][-GLOB...]...
#
# Runs these, whatever becomes of each, and adds up.  They run side by side, as
# the tests mostly wait.  Programs that are named have an hour each; what matches
# a GLOB is left out, as with run.sh -x.

. "$(dirname "$0")/lib.sh"
trap - ERR

DIR=$(mktemp -d)
declare -A PID
trap 'rm -rf "$DIR"' EXIT
# Background jobs of a script do not get Ctrl-C.
trap 'kill "${PID[@]}" 2>/dev/null; exit 130' INT TERM HUP

start()
{
	local prefix step=${1%%-*} args=() part kernel globs glob

	part=${step#*:}
	kernel=${step%:*}
	[ "$2" -eq 1 ] || prefix="$step: "
	[ "$kernel" = "${kernel%.gcov}" ] || args+=(-g)
	IFS=- read -r -a globs <<< "${1#"$step"}"
	for glob in "${globs[@]:1}"; do
		args+=(-x "$glob")
	done
	case $part in
	"$step") ;;
	*/*) args+=(-n "$part") ;;
	*)
		args+=(-l 3600)
		for part in ${part//,/ }; do
			args+=(-t "$part")
		done
		;;
	esac
	mkdir -p "$DIR/$1"
	if [ "$1" = unit ]; then
		make -s -C "$TOP/selftests/unit" check
	else
		exec "$VM_DIR/run.sh" -k "${kernel%.gcov}" "${args[@]}"
	fi > "$DIR/$1/out" 2>&1 &
	PID[$1]=$!
	tail -n +1 -F --pid=$! "$DIR/$1/out" 2>/dev/null |
		sed -u "s,^,$prefix," &
}

for step; do
	start "$step" $#
done

# Once more, at the end: what failed, and what it said.
failures()
{
	awk -v step="$1" '
		/^(FAILED|not ok) / { left = 30; print step ": " $0; next }
		/^    / && left-- > 0 { print step ": " $0; next }
		{ left = 0 }' "$DIR/$1/out"
}

passed=0
failed=0
for step; do
	wait "${PID[$step]}"
	rc=$?
	# The last line that counts; a plain TAP run is counted here.
	read -r p f < <(awk '
		/^[0-9]+ passed, [0-9]+ failed/ { p = $1; f = $3; sum = 1 }
		/^ok / { ok++ }
		/^not ok / { bad++ }
		END { print (sum ? p : ok) + 0, (sum ? f : bad) + 0 }' \
		"$DIR/$step/out")
	# A step that failed without saying where is a failure of its own, and
	# so is one that ran nothing.
	if [ $rc -ne 0 ] && [ "$f" -eq 0 ] || [ $((p + f)) -eq 0 ]; then
		f=$((f + 1))
	fi
	sums+="==== $step: $p passed, $f failed"$'\n'
	passed=$((passed + p))
	failed=$((failed + f))
done
# What follows the output has its last lines still to show.
wait
for step; do
	failures "$step"
done
echo "${sums}took $SECONDS s"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
