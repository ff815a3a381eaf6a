#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# socat at both ends: an end that is followed by an answer.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

started()
{
	make_files "$TMP/files" 3000000 1 100001 &&
		serve 5000 socat -t 60 "TCP6-LISTEN:5000,fork,reuseaddr,ipv6only=0" \
			EXEC:sha256sum
}

# sends TO ARGS...: a file each, all at once; the answers are their sums.
sends()
{
	local name pids=() pid failed=0

	for name in 1 2 3; do
		ask socat -t 60 - "$1" < "$TMP/files/$name" \
			> "$TMP/answer$name" &
		pids+=("$!")
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || failed=1
	done
	for name in 1 2 3; do
		is "answer $name" "$(cut -c1-64 < "$TMP/answer$name")" \
			"$(sha256sum < "$TMP/files/$name" | cut -c1-64)" ||
			failed=1
	done
	return $failed
}

ktap_print_header
programs_setup
ktap_set_plan 4
ktap_test_result "socat listens" started
ktap_test_result "three transfers and answers over IPv4" \
	sends "TCP4:$SERVER4:5000"
ktap_test_result "three transfers and answers over IPv6" \
	sends "TCP6:[$SERVER6]:5000"
ktap_test_result "all is on one association for each address" shared 2 6
ktap_finished
