#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Compares the state machine of the module with the model's rows, and with the
# tables of wrtcsub.rst; has spin look at all states of the model, in several
# settings; and breaks it in many ways, each of which spin has to find.

cd "$(dirname "$0")" || exit
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
passed=0
failed=0

# result NAME COMMAND...: the command prints a line about it.
result()
{
	local name=$1 text

	shift
	if text=$("$@" 2>&1); then
		echo "ok - $name: $text"
		passed=$((passed + 1))
	else
		echo "not ok - $name: $text"
		failed=$((failed + 1))
	fi
}

# model_rows HALF: "HALF STATE EVENT NEXT" for each row that moves, or does
# something.
model_rows()
{
	sed -nE 's/^ROW\((\w+),\s*(\w+),\s*(\w+),\s*(.*)\)$/\1 \2 \3 \4/p' \
		"$1_rows.h" |
		awk -v half="$1" '$1 != $3 || $4 !~ /^(skip|SECOND_FIN)$/ {
			print half, $1, $2, $3 }'
}

compare_rows()
{
	cc -std=gnu2x -Wall -I../../selftests/unit/include -I../../include \
		-I../../net/wrtcsub -o "$DIR/rows" rows.c \
		../../net/wrtcsub/fsm.c || return
	"$DIR/rows" | sort > "$DIR/c"
	{ model_rows tx; model_rows rx; } | sort > "$DIR/model"
	[ -s "$DIR/c" ] && diff "$DIR/c" "$DIR/model" &&
		echo "$(wc -l < "$DIR/c") rows, the same in both"
}

# What several rows of the document say is said once.
compare_document()
{
	awk -f states.awk ../../Documentation/networking/wrtcsub.rst \
		> "$DIR/rst" || return
	sort -u "$DIR/rst" | diff "$DIR/c" - &&
		echo "$(wc -l < "$DIR/c") rows, the same in both"
}

# search PAN_FLAGS RUN_FLAGS MACRO...: look at all states.  What spin says is in
# $DIR/out.
search()
{
	local pan_flags=$1 run_flags=$2

	shift 2
	# spin expands no macros within an inline.
	gcc -E -P -x c "${@/#/-D}" -o "$DIR/model.pml" substream.pml &&
	(
		cd "$DIR" || exit
		spin -a model.pml > out || { cat out; exit 1; }
		# shellcheck disable=SC2086
		gcc -O2 -DCOLLAPSE -DMEMLIM=8000 $pan_flags pan.c -o pan &&
		./pan -m10000 $run_flags > out
	)
}

is_whole()
{
	! grep -E 'error|too small|not completed|out of memory' "$DIR/out" |
		grep -v 'errors: '
}

# holds PAN_FLAGS RUN_FLAGS MACRO...
holds()
{
	if ! search "$@" || ! is_whole || ! grep -q 'errors: 0$' "$DIR/out"
	then
		grep -E '^pan|^error' "$DIR/out"
		return 1
	fi
	awk '/states, stored/ { states = $1 }
		/elapsed time/ { time = $4 }
		END { print states " states, " time " s" }' "$DIR/out"
}

# is_found PAN_FLAGS RUN_FLAGS MACRO...
is_found()
{
	if ! search "$@" ||
	   ! grep -E '^pan:1: (assertion|non-progress)' "$DIR/out"; then
		echo "spin has not found it"
		return 1
	fi
}

result "module and model" compare_rows
result "module and document" compare_document

SAFETY=(-DSAFETY "")
CYCLES=(-DNP -l)
result "two ends" holds "${SAFETY[@]}" WRITES=2 ABORTS=0
result "a reset" holds "${SAFETY[@]}" WRITES=1 ABORTS=1
result "resets that cross" holds "${SAFETY[@]}" WRITES=0 ABORTS=2
result "association lost" holds "${SAFETY[@]}" WRITES=1 ABORTS=0 LOSS
result "association lost, a reset" \
	holds "${SAFETY[@]}" WRITES=1 ABORTS=1 LOSS
result "foreign peer" holds "${SAFETY[@]}" WRITES=2 ABORTS=0 FOREIGN=3
result "foreign peer, a reset" \
	holds "${SAFETY[@]}" WRITES=1 ABORTS=1 FOREIGN=3
result "foreign peer, association lost" \
	holds "${SAFETY[@]}" WRITES=1 ABORTS=0 FOREIGN=3 LOSS
result "two ends, no cycle" holds "${CYCLES[@]}" WRITES=1 ABORTS=0
result "foreign peer, no cycle" \
	holds "${CYCLES[@]}" WRITES=1 ABORTS=1 FOREIGN=2 LOSS

broken()
{
	result "broken: $1" is_found "${SAFETY[@]}" "${@:2}"
}

broken "FIN before the last byte" BREAK_EARLY_FIN WRITES=1 ABORTS=0
broken "no FIN_ACK" BREAK_FIN_ACK WRITES=1 ABORTS=0
broken "a FIN_ACK for each FIN" BREAK_SECOND_FIN WRITES=0 ABORTS=0 FOREIGN=2
broken "a reset forgets the FIN_ACK" BREAK_OWED_FIN_ACK WRITES=0 ABORTS=1
broken "FIN_ACK before the FIN" BREAK_STRAY_FIN_ACK WRITES=1 ABORTS=0 FOREIGN=1
broken "no FIN timer" BREAK_TIMER WRITES=0 ABORTS=0 FOREIGN=1
broken "no close timer" BREAK_CLOSE_TIMER WRITES=0 ABORTS=0 FOREIGN=1
broken "bytes that nobody takes" BREAK_STUCK WRITES=2 ABORTS=0 FOREIGN=1
broken "a reset wakes nobody" BREAK_WAKE WRITES=0 ABORTS=1
broken "a loss looks like an end" BREAK_LOST WRITES=1 ABORTS=0 LOSS
broken "an overflow looks like an end" BREAK_OVERFLOW WRITES=1 ABORTS=1
broken "closed before all is said" BREAK_DETACH WRITES=0 ABORTS=0
result "broken: a timer that does nothing" \
	is_found "${CYCLES[@]}" BREAK_REARM WRITES=1 ABORTS=0

echo "took $SECONDS s"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
