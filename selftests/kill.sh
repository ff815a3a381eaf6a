#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wrtcsub kill: ends what it is told to, and nothing else.

# shellcheck source=tool_lib.sh
. "$(dirname "$0")/tool_lib.sh"

CLIENTS=()

kill_setup()
{
	local name

	server_start "$SERVER4" 9 "exec cat > /dev/null" || return
	for name in a b c d; do
		hold "$name" "$SERVER4" 0 || return
		CLIENTS+=("$CLIENT_PID")
		will_list "${#CLIENTS[@]}" "$client" state established || return
	done
	will_list 4 "$server" state established
}

# was_ended NAME PID: its client was told who did it.
was_ended()
{
	wait_end "$2"
	is status $? 1 || return
	grep -q "an administrator ended the stream" "$TMP/$1.error" ||
		{ cat "$TMP/$1.error"; return 1; }
}

denied()
{
	exits 1 ip netns exec "$client" setpriv --bounding-set -net_admin \
		wrtcsub kill -H stream 2 || return
	grep -q CAP_NET_ADMIN "$TMP/stderr" || return
	lists 4 "$client" state established
}

mistakes()
{
	exits 2 at "$client" kill && exits 2 at "$client" kill assoc &&
		exits 2 at "$client" kill -a4 && exits 2 at "$client" kill x 1 &&
		exits 2 at "$client" kill "" && exits 2 at "$client" kill " " "" &&
		exits 2 at "$client" kill and "&" &&
		exits 2 at "$client" kill "( )" &&
		exits 2 at "$client" kill dst "[]" &&
		exits 2 at "$client" kill stream 0 or &&
		exits 2 at "$client" kill assoc not stream 0 || return
	lists 4 "$client" state established
}

none()
{
	exits 1 at "$client" kill -H dport = :1 &&
		exits 1 at "$client" kill -H assoc 4000000000 || return
	lists 4 "$client" state established
}

one()
{
	local line

	line=$(at "$client" kill -Hn stream 2) || return
	[[ "$line" == ESTAB*"$SERVER4:$PORT"*:2 ]] ||
		{ echo "# $line"; return 1; }
	was_ended b "${CLIENTS[1]}" &&
		will_list 3 "$client" state established &&
		will_list 3 "$server" state established
}

# What the kernel is not asked for is left alone all the same.
expression()
{
	is killed "$(at "$client" kill -j \
		"stream >= 2 and not (stream 4 or dport != $PORT)" |
		jq 'map(.stream) | tojson')" '"[6]"' || return
	was_ended d "${CLIENTS[3]}" &&
		will_list 2 "$client" state established &&
		will_list 2 "$server" state established
}

# More than one; the answer to the one is read while the list goes on.
some()
{
	local line

	line=$(at "$server" kill -j state established dst 10.18.0.1 |
	       jq -r '(map(.state) | unique | join(" ")), length' | tr '\n' ' ') ||
		return
	is killed "$line" "ESTAB 2 " || return
	will_list 0 "$server" state established &&
		will_list 0 "$client" state established || return
	# These were reset, and that is what they say.
	wait_end "${CLIENTS[0]}"
	is status $? 1 && grep -q "the stream was reset" "$TMP/a.error"
}

whole_assoc()
{
	local assoc

	hold e "$SERVER4" 0 && CLIENTS[4]=$CLIENT_PID || return
	will_list 1 "$client" state established || return
	hold f "$SERVER4" 0 && CLIENTS[5]=$CLIENT_PID || return
	will_list 2 "$client" state established || return
	assoc=$(json "$client" '.[0].assoc') || return
	is list "$(at "$client" kill -j assoc "$assoc" |
		   jq '.[0] | [.assoc, .substreams] | tojson')" \
		"\"[$assoc,2]\"" || return
	was_ended e "${CLIENTS[4]}" && was_ended f "${CLIENTS[5]}" || return
	will_list 0 "$client" assoc && will_list 0 "$server" assoc
}

listener()
{
	lists 1 "$server" -l || return
	exits 0 at "$server" kill -H -l sport = "$PORT" || return
	lists 0 "$server" -l || return
	wait_end "$SERVER_PID"
	is status $? 1 || return
	grep -q "an administrator ended the listener" "$TMP/server"
}

ktap_print_header
link_setup
link_is_patient || exit
ktap_set_plan 9

ktap_test_result "there are substreams to end" kill_setup
ktap_test_result "without CAP_NET_ADMIN nothing is ended" denied
ktap_test_result "without a filter nothing is ended" mistakes
ktap_test_result "that there is nothing to end is a failure" none
ktap_test_result "one substream is ended, its neighbours are not" one
ktap_test_result "one that an expression lets through is ended" expression
ktap_test_result "all that match are ended" some
ktap_test_result "an association is ended with all that is on it" whole_assoc
ktap_test_result "a listener is ended" listener
ktap_finished
