#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A server and a client in Node.js.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

ktap_print_header
programs_setup
ktap_set_plan 5
ktap_test_result "the server listens" serve 8080 node /srv/node_server.mjs 8080
ktap_test_result "requests over IPv4, one connection" \
	opens 1 1 ask node /srv/node_client.mjs "$SERVER4" 8080 1
ktap_test_result "requests over IPv6, one connection" \
	opens 1 1 ask node /srv/node_client.mjs "$SERVER6" 8080 1
ktap_test_result "requests over 50 connections" \
	opens 50 50 ask node /srv/node_client.mjs "$SERVER4" 8080 50
ktap_test_result "all is on one association for each address" shared 2 52
ktap_finished
