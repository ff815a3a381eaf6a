#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# redis-server, redis-cli and redis-benchmark.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

started()
{
	make_files "$TMP/files" 1000000 &&
		serve 6379 redis-server --bind 0.0.0.0 '::' --save '' \
			--protected-mode no --dir "$TMP"
}

# A value of 1 MB goes and comes back.
keeps()
{
	ask redis-cli -h "$1" -x set key < "$TMP/files/1" > "$TMP/answer" &&
		is answer "$(cat "$TMP/answer")" OK &&
		ask redis-cli -h "$1" --raw get key > "$TMP/answer" &&
		is value "$(head -c -1 "$TMP/answer" | sha256sum)" \
			"$(sha256sum < "$TMP/files/1")"
}

# load ARGS...
load()
{
	ask redis-benchmark -h "$SERVER4" --csv "$@" > "$TMP/csv" || return
	sed 's/^/# /' "$TMP/csv"
	! grep -qi error "$TMP/csv" "$TMP/client" &&
		is tests "$(wc -l < "$TMP/csv")" 4
}

ktap_print_header
programs_setup
ktap_set_plan 6
ktap_test_result "redis-server listens" started
ktap_test_result "redis-cli sets and gets over IPv4" \
	opens 2 2 keeps "$SERVER4"
ktap_test_result "redis-cli sets and gets over IPv6" \
	opens 2 2 keeps "$SERVER6"
# As many for each of the three, and one that asks how the server is set.
ktap_test_result "redis-benchmark with 50 clients" \
	opens 151 151 load -c 50 -n 2000 -t set,get,incr
ktap_test_result "redis-benchmark with 16 requests in flight each" \
	opens 61 61 load -c 20 -n 5000 -P 16 -t set,get,incr
ktap_test_result "all is on one association for each address" shared 2 70
ktap_finished
