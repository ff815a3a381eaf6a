#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# python3 -m http.server, and requests as its client.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

started()
{
	make_files "$TMP/www" 1000000 1 70000 16384 0 && mkdir "$TMP/got" &&
		serve 8000 python3 -m http.server --bind :: \
			--directory "$TMP/www" 8000
}

# gets URL ARGS...
gets()
{
	rm -f "$TMP/got"/*
	ask python3 /srv/requests_get.py "$TMP/got" "$@" 1 2 3 4 5 &&
		are_whole "$TMP/got" "$TMP/www/SUMS"
}

ktap_print_header
programs_setup
ktap_set_plan 5
ktap_test_result "http.server listens" started
ktap_test_result "requests gets files over IPv4" gets "http://$SERVER4:8000" 1
ktap_test_result "requests gets files over IPv6" \
	gets "http://[$SERVER6]:8000" 1
ktap_test_result "50 threads get files at a time" \
	gets "http://$SERVER4:8000" 50
ktap_test_result "all is on one association for each address" shared 2 60
ktap_finished
