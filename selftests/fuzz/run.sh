#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh SECONDS
#
# Builds the targets and runs each for its part of the time.  Prints what each
# did and how much of its source it reached.  Fails if one of them found
# something; the input is then in build/findings.  Fails, too, if the description
# for syzkaller is not of the headers as they are.

cd "$(dirname "$0")" || exit
OUTPUT=$PWD/build
TARGETS="frame dcep fsm sid"
SECONDS_EACH=$(($1 / 4))

if [ "$SECONDS_EACH" -lt 1 ]; then
	echo "usage: run.sh SECONDS (at least 4)" >&2
	exit 2
fi

# reached TARGET: of the source of that name, lines and branches, by gcov.
reached()
{
	(
		cd "$OUTPUT" || exit
		rm -f "$1"-coverage-*.gcda
		find "corpus/$1" "seeds/$1" -type f -print0 |
			xargs -0 "./$1-coverage" > /dev/null || exit
		gcov -n -b "$1-coverage-$1.gcda"
	) | awk -v file="net/wrtcsub/$1.c'" '
		/^File / { ours = index($0, file) }
		ours && /^Lines executed/ { sub(/^[^:]*:/, ""); lines = $1 }
		ours && /^Taken at least once/ {
			sub(/^[^:]*:/, "")
			branches = $1
		}
		END { print "lines " lines ", branches " branches }'
}

# fuzz TARGET: returns what libFuzzer does.
fuzz()
{
	local log=$OUTPUT/$1.log rc

	mkdir -p "$OUTPUT/corpus/$1" "$OUTPUT/findings"
	"$OUTPUT/$1" -max_total_time="$SECONDS_EACH" -max_len=512 \
		-timeout=10 -print_final_stats=1 -verbosity=1 \
		-artifact_prefix="$OUTPUT/findings/$1-" \
		"$OUTPUT/corpus/$1" "$OUTPUT/seeds/$1" > "$log" 2>&1
	rc=$?
	if [ $rc -ne 0 ]; then
		grep -v 'NEW\|REDUCE\|pulse' "$log" | tail -n 60
		return $rc
	fi
	awk '/number_of_executed_units/ { nr = $2 }
		/average_exec_per_sec/ { rate = $2 }
		/DONE +cov: / { match($0, /cov: [0-9]+/)
			edges = substr($0, RSTART + 5, RLENGTH - 5) }
		END { printf "%d executions, %d/s, %d edges, ", nr, rate,
			edges }' "$log"
	reached "$1"
}

make -s OUTPUT="$OUTPUT" || exit
./seeds.py "$OUTPUT/seeds" || exit
passed=0
failed=0
if ./syzkaller/consts.sh check; then
	echo "syzkaller: names and constants as in the headers"
	passed=$((passed + 1))
else
	failed=$((failed + 1))
fi
for target in $TARGETS; do
	printf '%s: ' "$target"
	if fuzz "$target"; then
		passed=$((passed + 1))
	else
		echo "$target: a finding in $OUTPUT/findings"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
