#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# nginx with sendfile and keep-alive; curl and wrk are its clients.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

configure()
{
	cat > "$TMP/nginx.conf" <<-END
	worker_processes 2;
	pid $TMP/nginx.pid;
	error_log $TMP/error.log notice;
	daemon off;
	events { worker_connections 1024; }
	http {
		access_log off;
		sendfile on;
		tcp_nopush on;
		keepalive_timeout 60;
		keepalive_requests 1000000;
		server {
			listen 8080;
			listen [::]:8080;
			root $TMP/www;
		}
		server {
			listen 8081;
			location / { proxy_pass http://$SERVER4:8080; }
		}
		client_body_temp_path $TMP/body;
		proxy_temp_path $TMP/proxy;
		fastcgi_temp_path $TMP/fastcgi;
		uwsgi_temp_path $TMP/uwsgi;
		scgi_temp_path $TMP/scgi;
	}
	END
}

started()
{
	make_files "$TMP/www" 3000000 1 70000 16384 300 && mkdir "$TMP/got" &&
		configure && serve 8080 nginx -e "$TMP/error.log" \
			-c "$TMP/nginx.conf" &&
		busywait $((LIMIT * 1000)) is_served 8081
}

# gets URL
gets()
{
	local url=$1

	rm -f "$TMP/got"/*
	ask curl -sS --fail -o "$TMP/got/#1" "$url/{1,2,3,4,5}" &&
		are_whole "$TMP/got" "$TMP/www/SUMS"
}

# Ranges of one file, and the whole again, on connections of their own.
gets_at_once()
{
	rm -f "$TMP/got"/*
	ask curl -sS --no-progress-meter --fail --parallel --parallel-immediate --parallel-max 20 \
		-o "$TMP/got/#2-#1" \
		"http://$SERVER4:8080/{1,2,3,4,5}?[1-8]" || return
	is files "$(find "$TMP/got" -type f | wc -l)" 40 || return
	is "different files" "$(sha256sum "$TMP/got"/* | cut -c1-64 | sort -u |
		wc -l)" 5
}

clean_log()
{
	! grep -E '\[(alert|crit|error|emerg)\]' "$TMP/error.log"
}

ktap_print_header
programs_setup
ktap_set_plan 9
ktap_test_result "nginx listens at IPv4 and IPv6" started
ktap_test_result "curl gets files over IPv4, one connection" \
	opens 1 1 gets "http://$SERVER4:8080"
ktap_test_result "curl gets files over IPv6, one connection" \
	opens 1 1 gets "http://[$SERVER6]:8080"
ktap_test_result "curl gets 40 files at a time" gets_at_once
ktap_test_result "wrk keeps 100 connections busy with small files" \
	opens 101 101 wrk_load 100 "http://$SERVER4:8080/5"
ktap_test_result "wrk keeps 100 connections busy with sendfile" \
	opens 101 101 wrk_load 100 "http://$SERVER4:8080/3"
ktap_test_result "curl gets files over a proxy, one connection" \
	opens 1 1 gets "http://$SERVER4:8081"
ktap_test_result "nginx has seen nothing strange" clean_log
ktap_test_result "all is on one association for each port" shared 3 220 1
ktap_finished
