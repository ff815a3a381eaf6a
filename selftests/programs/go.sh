#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A server of Go's net/http, which makes its system calls itself: it gets its
# listener from "wrtcsub run".

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

started()
{
	make_files "$TMP/www" 3000000 1 70000 16384 && mkdir "$TMP/got" &&
		serve 8080 --no-preload --listen 8080 /srv/go_server "$TMP/www"
}

# Under its own sockets it would be TCP, whoever linked it and whoever runs it.
refused()
{
	local run=(in_root "$server" wrtcsub run)

	exits 126 "${run[@]}" /srv/go_server "$TMP/www" &&
		exits 126 "${run[@]}" /srv/go_server_c "$TMP/www" &&
		exits 126 "${run[@]}" go version &&
		exits 126 "${run[@]}" env /srv/go_server_c "$TMP/www"
}

gets()
{
	rm -f "$TMP/got"/*
	ask curl -sS --fail -o "$TMP/got/#1" "http://$1/{1,2,3,4}" &&
		are_whole "$TMP/got" "$TMP/www/SUMS"
}

posts()
{
	ask curl -sS --fail --data-binary "@$TMP/www/1" \
		"http://$SERVER4:8080/sum" > "$TMP/answer" &&
		grep -qx "$(sha256sum < "$TMP/www/1" | cut -c1-64)" \
			"$TMP/answer"
}

ktap_print_header
programs_setup
ktap_set_plan 7
ktap_test_result "net/http takes the listener it is given" started
ktap_test_result "a program in Go is not preloaded" refused
ktap_test_result "curl gets files over IPv4, one connection" \
	opens 1 1 gets "$SERVER4:8080"
ktap_test_result "curl gets files over IPv6, one connection" \
	opens 1 1 gets "[$SERVER6]:8080"
ktap_test_result "curl posts a file" posts
ktap_test_result "wrk keeps 50 connections busy" \
	opens 51 51 wrk_load 50 "http://$SERVER4:8080/2"
ktap_test_result "all is on one association for each address" shared 2 53
ktap_finished
