# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the tests of wrtcsub show, kill, monitor and stat: substreams that
# stay as they are, and what the tool says of them.

# shellcheck source=link_lib.sh
. "$(dirname "$(readlink -e "${BASH_SOURCE[0]}")")/link_lib.sh"

declare -A HOLD

# at NS ARGS...: the tool in that namespace.
at()
{
	ip netns exec "$1" wrtcsub "${@:2}"
}

# hold NAME ADDR BYTES [BY...]: a client that sends as much, and then has no end
# until let_go. It stays as long as the test does, however slow the machine is.
# BY runs it, if it is given. Sets CLIENT_PID.
hold()
{
	mkfifo "$TMP/$1" || return
	{ head -c "$3" /dev/zero; exec sleep 1000; } > "$TMP/$1" &
	PIDS+=("$!")
	HOLD[$1]=$!
	ip netns exec "$client" "${@:4}" wrtcsub connect "$2" "$PORT" \
		< "$TMP/$1" > "$TMP/$1.answer" 2> "$TMP/$1.error" &
	CLIENT_PID=$!
	PIDS+=("$CLIENT_PID")
}

# let_go NAME: its client has come to the end of what it sends.
let_go()
{
	kill "${HOLD[$1]}"
	wait "${HOLD[$1]}" 2>/dev/null
	rm "$TMP/$1"
}

# count NS ARGS...: how many sockets or associations wrtcsub show lists.
count()
{
	local lines

	mapfile -t lines < <(at "$1" show -Hn "${@:2}")
	echo ${#lines[@]}
}

# lists N NS ARGS...: as many are listed.
lists()
{
	local nr

	nr=$(count "${@:2}")
	[ "$nr" -eq "$1" ] && return
	echo "# show ${*:3}: $nr, not $1"
	return 1
}

# will_list N NS ARGS...: sooner or later.
will_list()
{
	soon lists "$@"
}

# json NS FILTER ARGS...: what jq makes of what wrtcsub show -j says.
json()
{
	at "$1" show -j "${@:3}" | jq -re "$2"
}

# will_be NS FILTER ARGS...: sooner or later jq says true to it.
will_be()
{
	soon json "$@" > /dev/null && return
	echo "# show ${*:3}: never $2"
	at "$1" show -n "${@:3}" | sed 's/^/# /'
	return 1
}

# is WHAT HAS WANTS
is()
{
	[ "$2" = "$3" ] && return
	echo "# $1: $2, not $3"
	return 1
}

# exits STATUS COMMAND...: without a word on standard output if it is not 0.
exits()
{
	local out rc

	out=$("${@:2}" 2> "$TMP/stderr")
	rc=$?
	if [ $rc -eq "$1" ] && { [ $rc -eq 0 ] || [ -z "$out" ]; }; then
		return
	fi
	echo "# ${*:2}: status $rc, not $1: $out $(cat "$TMP/stderr")"
	return 1
}
