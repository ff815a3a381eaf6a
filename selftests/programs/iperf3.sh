#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# iperf3: one way, the other way, and several streams at a time.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

BYTES=4000000

# measures STREAMS ARGS...: all of it arrives.
measures()
{
	local sent received

	ask iperf3 -J -n "$BYTES" -P "$1" "${@:2}" > "$TMP/json"
	if jq -e .error "$TMP/json"; then
		print_counters
		return 1
	fi
	read -r sent received < <(jq -r '.end |
		"\(.sum_sent.bytes) \(.sum_received.bytes)"' "$TMP/json")
	jq -r '.end.sum_received |
		"# \(.bytes) bytes, \(.bits_per_second / 1e6) Mbit/s"' "$TMP/json"
	jq -e '.end.streams | length == '"$1" "$TMP/json" > /dev/null || return
	[ "$sent" -ge "$BYTES" ] && [ "$received" -gt 0 ] &&
		[ "$received" -le "$sent" ]
}

knows_the_window()
{
	jq -e '[.intervals[].streams[].snd_cwnd] | max > 0' "$TMP/json" \
		> /dev/null
}

ktap_print_header
programs_setup
ktap_set_plan 7
ktap_test_result "iperf3 listens" serve 5201 iperf3 -s
ktap_test_result "one stream over IPv4" measures 1 -c "$SERVER4"
ktap_test_result "it knows the congestion window" knows_the_window
ktap_test_result "one stream the other way" measures 1 -c "$SERVER4" -R
ktap_test_result "eight streams, without Nagle" \
	measures 8 -c "$SERVER4" --no-delay
ktap_test_result "one stream over IPv6" measures 1 -c "$SERVER6"
ktap_test_result "all is on one association for each address" shared 2 14
ktap_finished
