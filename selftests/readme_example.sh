#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The C program that README.md shows, as printed: it sends a line to port 5000
# of this machine and prints the answer.

KSFT_SKIP=4

cd "$(dirname "$0")" || exit
if [ -z "$README_EXAMPLE_NETNS" ]; then
	export README_EXAMPLE_NETNS=1
	exec unshare --net "./$(basename "$0")" "$@"
fi

PATH=$PATH:$PWD/../tools
log=$(mktemp) || exit
server_pid=

# shellcheck disable=SC2317
cleanup()
{
	[ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null
	rm -f "$log"
}
trap cleanup EXIT

plan()
{
	echo "TAP version 13"
	echo "1..$1"
}

if ! type wrtcsub > /dev/null 2>&1; then
	plan "0 # SKIP there is no wrtcsub"
	exit $KSFT_SKIP
fi

ip link set lo up || exit
wrtcsub listen --verbose --exec "tr a-z A-Z" 127.0.0.1 5000 \
	< /dev/null 2> "$log" &
server_pid=$!
for _ in {1..1000}; do
	! grep -q 'listening at' "$log" || break
	sleep 0.05
done

plan 2
failed=0
answer=$(timeout 60 ./readme_example)
rc=$?
if [ $rc -eq 0 ] && [ "$answer" = HELLO ]; then
	echo "ok 1 the example prints the answer"
else
	echo "# exit status $rc, output: $answer"
	echo "not ok 1 the example prints the answer"
	failed=1
	kill "$server_pid" 2>/dev/null
fi
if wait "$server_pid"; then
	echo "ok 2 the server had a clean end"
else
	sed 's/^/# /' "$log"
	echo "not ok 2 the server had a clean end"
	failed=1
fi
server_pid=
exit $failed
