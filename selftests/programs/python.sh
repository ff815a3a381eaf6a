#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# python3 -m http.server, and requests as its client.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# Without more it speaks HTTP/1.0, which ends each connection after a request.
started()
{
	make_files "$TMP/www" 1000000 1 70000 16384 0 && mkdir "$TMP/got" &&
		serve 8000 python3 -m http.server --bind :: \
			--directory "$TMP/www" 8000 &&
		serve 8001 python3 -m http.server --bind :: \
			--directory "$TMP/www" --protocol HTTP/1.1 8001
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
ktap_set_plan 7
ktap_test_result "http.server listens" started
ktap_test_result "requests gets files over IPv4" \
	opens 5 5 gets "http://$SERVER4:8000" 1
ktap_test_result "requests gets files over IPv6" \
	opens 5 5 gets "http://[$SERVER6]:8000" 1
ktap_test_result "50 threads get files at a time" \
	opens 250 250 gets "http://$SERVER4:8000" 50
ktap_test_result "a session of requests keeps its connection" \
	opens 1 1 gets "http://$SERVER4:8001" 1
ktap_test_result "50 sessions at a time keep theirs" \
	opens 50 50 gets "http://$SERVER4:8001" 50
ktap_test_result "all is on one association for each address" shared 3 311
ktap_finished
