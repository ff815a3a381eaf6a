#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# From one network namespace to another: transfers, and what the one end sees
# when the other end, or the link, goes away.

# shellcheck source=link_lib.sh
. "$(dirname "$0")/link_lib.sh"

# endless ADDR COMMAND: a transfer that goes on until it is stopped.
endless()
{
	server_start "$1" 1 "$2" || return
	ip netns exec "$client" wrtcsub connect "$1" "$PORT" < /dev/zero \
		> "$TMP/answer" 2> "$TMP/error" &
	CLIENT_PID=$!
	PIDS+=("$CLIENT_PID")
	soon has_begun
}

has_begun()
{
	[ -s "$TMP/got" ]
}

# ends_badly PID: by an error, but it does end.
ends_badly()
{
	local rc

	wait_end "$1" 2>/dev/null
	rc=$?
	echo "# status $rc"
	[ $rc -ne 0 ] && [ $rc -ne 124 ]
}

cut_link()
{
	rm -f "$TMP/got"
	endless "$SERVER4" "cat > $TMP/got" || return
	ip -n "$server" link set veth down
	ends_badly "$CLIENT_PID" && ends_badly "$SERVER_PID"
	local rc=$?

	ip -n "$server" link set veth up
	return $rc
}

kill_server()
{
	rm -f "$TMP/got"
	# The command holds the substream; its parent only waits for it.
	endless "$SERVER4" "echo \$\$ > $TMP/pid; exec cat > $TMP/got" || return
	kill -KILL "$(cat "$TMP/pid")"
	ends_badly "$CLIENT_PID" || return
	wait_end "$SERVER_PID" 2>/dev/null
	[ $? -ne 124 ]
}

# wrtcsub connect sees to it that a death of its own is no end (SO_LINGER).
kill_client()
{
	rm -f "$TMP/got"
	endless "$SERVER4" "cat > $TMP/got" || return
	kill -KILL "$CLIENT_PID"
	wait "$CLIENT_PID" 2>/dev/null
	ends_badly "$SERVER_PID"
}

# The namespace goes together with all that runs in it.
delete_namespace()
{
	local pid

	rm -f "$TMP/got"
	endless "$SERVER4" "cat > $TMP/got" || return
	for pid in $(ip netns pids "$server"); do
		kill -KILL "$pid"
	done
	ip netns del "$server"
	ends_badly "$CLIENT_PID"
}

ktap_print_header
link_setup
link_is_watched && link_is_patient || exit
ktap_set_plan 6

ktap_test_result "transfer over IPv4" transfer "$SERVER4" 300000
ktap_test_result "transfer over IPv6" transfer "$SERVER6" 300000
ktap_test_result "a link that is cut is an error at both ends" cut_link
ktap_test_result "a server that is killed is an error for the client" kill_server
ktap_test_result "a client that is killed is an error for the server" kill_client
ktap_test_result "a namespace that goes is an error at the other end" \
	delete_namespace
ktap_finished
