#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# iperf3: one way, the other way, and several streams at a time.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

BYTES=4000000

started()
{
	make_files "$TMP/files" 3000001 && mkdir "$TMP/there" "$TMP/got" &&
		serve 5201 iperf3 -s &&
		serve 5202 iperf3 -s -p 5202 -F "$TMP/there/1"
}

# iperf STREAMS ARGS...: sets SENT and RECEIVED.
iperf()
{
	ask iperf3 -J -P "$1" "${@:2}" > "$TMP/json" || return
	if jq -e .error "$TMP/json" > "$TMP/error"; then
		sed 's/^/# /' "$TMP/error"
		print_counters
		return 1
	fi
	read -r SENT RECEIVED < <(jq -r '.end |
		"\(.sum_sent.bytes) \(.sum_received.bytes)"' "$TMP/json")
	jq -r '.end.sum_received |
		"# \(.bytes) bytes, \(.bits_per_second / 1e6) Mbit/s"' "$TMP/json"
	jq -e '.end.streams | length == '"$1" "$TMP/json" > /dev/null
}

# measures STREAMS ARGS...: when the client has sent it all, the server closes,
# and so what is under way then is not counted, as with TCP.
measures()
{
	iperf "$1" -n "$BYTES" "${@:2}" && [ "$SENT" -ge "$BYTES" ] &&
		[ "$RECEIVED" -gt 0 ] && [ "$RECEIVED" -le "$SENT" ]
}

# The other way it is the client that ends it, when it has got it all.
measures_back()
{
	measures "$@" -R && [ "$RECEIVED" -ge "$BYTES" ]
}

# It loses its place in a file where less is written than it wanted to, with TCP
# as well: so it writes once at a time, and what there is room for.
FILES="-p 5202 -l 16K -b 10G"

is_there()
{
	[ "$(stat -c %s "$TMP/there/1")" -eq "$(stat -c %s "$TMP/files/1")" ]
}

# The file has no end for the client until all of it has arrived.
goes_there()
{
	local size rc

	size=$(stat -c %s "$TMP/files/1") && rm -f "$TMP/there/1" &&
		mkfifo "$TMP/fifo" || return
	{ cat "$TMP/files/1"; soon is_there 2> /dev/null; } > "$TMP/fifo" &
	# shellcheck disable=SC2086
	iperf 1 -c "$1" $FILES -t 0 -F "$TMP/fifo"
	rc=$?
	rm "$TMP/fifo"
	[ $rc -eq 0 ] && is sent "$SENT" "$size" &&
		is received "$RECEIVED" "$size" &&
		are_whole "$TMP/there" "$TMP/files/SUMS"
}

# And what has arrived there comes back.
comes_back()
{
	local size

	size=$(stat -c %s "$TMP/files/1") && rm -f "$TMP/got/1" || return
	# shellcheck disable=SC2086
	iperf 1 -c "$1" $FILES -n "$size" -R -F "$TMP/got/1" &&
		is sent "$SENT" "$size" && is received "$RECEIVED" "$size" &&
		are_whole "$TMP/got" "$TMP/files/SUMS"
}

knows_the_window()
{
	jq -e '[.intervals[].streams[].snd_cwnd] | max > 0' "$TMP/json" \
		> /dev/null
}

ktap_print_header
programs_setup
ktap_set_plan 11
ktap_test_result "iperf3 listens" started
ktap_test_result "one stream over IPv4" measures 1 -c "$SERVER4"
ktap_test_result "it knows the congestion window" knows_the_window
ktap_test_result "one stream the other way" measures_back 1 -c "$SERVER4"
ktap_test_result "eight streams, without Nagle" \
	measures 8 -c "$SERVER4" --no-delay
ktap_test_result "one stream over IPv6" measures 1 -c "$SERVER6"
ktap_test_result "a file goes there over IPv4" goes_there "$SERVER4"
ktap_test_result "a file comes back over IPv4" comes_back "$SERVER4"
ktap_test_result "a file goes there over IPv6" goes_there "$SERVER6"
ktap_test_result "a file comes back over IPv6" comes_back "$SERVER6"
ktap_test_result "all is on one association for each port" shared 4 22
ktap_finished
