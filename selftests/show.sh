#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wrtcsub show: what is there is listed, with what it has, and the filters let
# through what they say.  There are two substreams to a server at one address,
# on one association, and one to a server at another.

# shellcheck source=tool_lib.sh
. "$(dirname "$0")/tool_lib.sh"

# Of what is opened from now on.
fin_ack_timeout()
{
	ip netns exec "$client" sh -c \
		"echo $1 > /proc/sys/net/wrtcsub/fin_ack_timeout_ms"
}

show_setup()
{
	mkfifo "$TMP/go" || return
	# Nothing is read at the first one, and all at the second.
	server_start "$SERVER4" 9 "exec sleep 1000" || return
	hold a "$SERVER4" 1000 && will_list 1 "$client" state established ||
		return
	# Long enough for a slow machine to look at it.
	fin_ack_timeout 60000 && hold b "$SERVER4" 0 &&
		will_list 2 "$client" state established &&
		fin_ack_timeout 30000 || return
	PORT=5001 server_start "$SERVER6" 9 \
		"cat > /dev/null; read go < $TMP/go" || return
	PORT=5001 hold c "$SERVER6" 70000 || return
	will_list 3 "$client" state established &&
		will_list 3 "$server" state established &&
		will_list 1 "$server" stream 0 \
			assoc "$(assoc_of a "$server")" || return
	# All has been sent, and what is read has been read.
	will_be "$client" '.[0].info.bytes_sent == 70000' dst "$SERVER6" &&
		will_be "$server" 'map(.recv_q) | add == 1000' \
			src "$SERVER4" &&
		will_be "$server" '.[0] | .info.bytes_received == 70000 and
			.recv_q == 0' src "$SERVER6"
}

# assoc_of NAME NS: the number of its association.
assoc_of()
{
	local addr=$SERVER4 side=dst

	[ "$1" = c ] && addr=$SERVER6
	[ "$2" = "$server" ] && side=src
	json "$2" '.[0].assoc' state established "$side" "$addr"
}

# The clients' end is even, the first one has 0.
states()
{
	lists 0 "$client" state listening &&
		lists 0 "$client" -l &&
		lists 3 "$client" -a &&
		lists 2 "$server" -l &&
		lists 5 "$server" -a &&
		lists 5 "$server" state all &&
		lists 5 "$server" state listening state established &&
		lists 3 "$server" &&
		lists 3 "$server" state connected &&
		lists 0 "$server" state close-wait
}

ends()
{
	local port

	port=$(json "$client" '.[0].local.port' dst "[$SERVER6]:5001") || return
	lists 2 "$client" dst "$SERVER4" &&
		lists 2 "$client" dst "::ffff:$SERVER4" &&
		lists 2 "$client" dst "$SERVER4:$PORT" &&
		lists 0 "$client" dst "$SERVER4:5001" &&
		lists 1 "$client" dst "$SERVER6" &&
		lists 0 "$client" src "$SERVER6" &&
		lists 1 "$server" src "$SERVER6" &&
		lists 1 "$client" dport = :5001 &&
		lists 2 "$client" dport 5000 and src 10.18.0.1 &&
		lists 1 "$client" sport = "$port" &&
		lists 1 "$server" dport = ":$port" &&
		lists 0 "$client" sport = 5001
}

numbers()
{
	local a c

	a=$(assoc_of a "$client") && c=$(assoc_of c "$client") || return
	lists 2 "$client" assoc "$a" &&
		lists 1 "$client" assoc = "$c" &&
		lists 0 "$client" assoc 4000000000 &&
		lists 1 "$client" assoc "$a" stream 0 &&
		lists 1 "$client" assoc "$a" stream 2 &&
		lists 0 "$client" stream 4 &&
		lists 2 "$client" stream 0 &&
		lists 3 "$client" uid 0 &&
		lists 0 "$client" uid 65534
}

prefixes()
{
	lists 2 "$client" dst 10.18.0.0/16 &&
		lists 2 "$client" dst 10/8:5000 &&
		lists 0 "$client" dst 10/8:5001 &&
		lists 0 "$client" dst 10.18.0.0/31 &&
		lists 1 "$client" dst fd00::/8 &&
		lists 1 "$client" dst "[fd18::/64]:5001" &&
		lists 1 "$client" dst != 10.0.0.0/8 &&
		lists 2 "$client" dst "*:5000" &&
		lists 1 "$server" -l src fd00::/8 &&
		lists 1 "$client" assoc dst fd00::/8
}

# Also in one argument, as ss(8) takes it.
expressions()
{
	lists 3 "$client" dst "$SERVER4" or dport = :5001 &&
		lists 3 "$client" "dst $SERVER4 or dport = :5001" &&
		lists 1 "$client" dport gt 5000 &&
		lists 2 "$client" "dport<:5001" &&
		lists 1 "$client" not stream 0 &&
		lists 1 "$client" "!(stream = 0)" &&
		lists 1 "$client" "( stream 0 or stream 2 )" and dport ne 5000 &&
		lists 3 "$client" stream 0 "|" stream 2 dport 5000 &&
		lists 0 "$client" dport 5000 dport 5001 &&
		lists 1 "$client" assoc not dport 5000 || return
	lists 2 "$server" exclude established &&
		lists 3 "$server" exclude listening &&
		lists 0 "$server" state connected exclude established
}

# Of what has no peer, no association and no stream.
missing()
{
	lists 0 "$server" -l dport ge 0 &&
		lists 0 "$server" -l stream ge 0 &&
		lists 0 "$server" -l assoc ge 1 &&
		lists 2 "$server" -l dport != 5000 &&
		lists 2 "$server" -l not stream 0 &&
		lists 3 "$server" -a stream ge 0
}

# Names of hosts and services are those of the namespace: ip-netns(8).
names_setup()
{
	local etc=/etc/netns/$client file

	for file in host.conf hosts services; do
		[ -e "/etc/$file" ] || : > "/etc/$file"
	done
	# All lines of a name, not only the first.
	mkdir -p "$etc" && echo "multi on" > "$etc/host.conf" &&
		cat > "$etc/hosts" <<-END || return
		$SERVER4 peer.test
		$SERVER6 peer.test six.test
	END
	cat > "$etc/services" <<-END
		wrtcsub-both 5000/sctp
		wrtcsub-both 5001/tcp
		wrtcsub-tcp 5001/tcp
		wrtcsub-third 5002/sctp
	END
}

names()
{
	names_setup && lists 3 "$client" dst peer.test &&
		lists 1 "$client" dst six.test &&
		lists 2 "$client" dst != six.test &&
		lists 2 "$client" dport wrtcsub-both &&
		lists 1 "$client" dport = :wrtcsub-tcp &&
		lists 2 "$client" dst peer.test:wrtcsub-both &&
		exits 2 at "$client" show dport wrtcsub-none &&
		exits 2 at "$client" show dst none.test || return
	rm -r "/etc/netns/$client"
}

families()
{
	lists 2 "$client" -4 && lists 1 "$client" -6 &&
		lists 1 "$server" -l6 && lists 2 "$server" -a6 &&
		lists 0 "$client" -6 dst "$SERVER4" &&
		lists 1 "$client" -4 assoc
}

columns()
{
	local line port

	port=$(json "$client" '.[0].local.port' stream 2) || return
	line=$(at "$client" show -n | sed -n 1p | tr -s ' ')
	is header "$line" "State Recv-Q Send-Q Local Address:Port \
Peer Address:Port Assoc:Stream" || return
	line=$(at "$client" show -Hn stream 2 | tr -s ' ' | sed 's/ $//')
	is row "$line" "ESTAB 0 0 10.18.0.1:$port $SERVER4:5000 \
$(assoc_of a "$client"):2" || return
	line=$(at "$server" show -Hnl sport = 5001 | tr -s ' ')
	is listener "$line" "LISTEN 0 128 [$SERVER6]:5001 *:* -:-"
}

# Without -n ports have the names of /etc/services, which is that of the
# namespace: ip-netns(8).
services()
{
	local etc=/etc/netns/$client line port

	port=$(json "$client" '.[0].local.port' stream 2) || return
	[ -e /etc/services ] || : > /etc/services
	mkdir -p "$etc" && echo "wrtcsub-test 5000/sctp" > "$etc/services" ||
		return
	line=$(at "$client" show -H stream 2 | tr -s ' ' | sed 's/ $//')
	rm -r "$etc"
	is row "$line" "ESTAB 0 0 10.18.0.1:$port $SERVER4:wrtcsub-test \
$(assoc_of a "$client"):2"
}

# is_used_by REGEX: the one that is read is, by these processes.
is_used_by()
{
	local line

	line=$(at "$server" show -Hnp src "$SERVER6" state established)
	[[ "$line" =~ $1 ]] || { echo "# $line"; return 1; }
}

# What sleep does not read stays in the queue.
queue()
{
	is queue "$(json "$server" '[.[].recv_q] | sort | join(" ")' \
		    src "$SERVER4")" "0 1000"
}

processes()
{
	local one='",pid=[0-9]+,fd=[0-9]+\)' users

	# Who has accepted it for the first may have it still.
	users="users:\(\(\"wrtcsub$one,\(\"sh$one.*,\(\"cat$one"
	soon is_used_by "$users" || return
	is pid "$(json "$client" '.[0].processes[0].name' -p stream 2)" wrtcsub
}

# One that may not look into others' processes gets the list all the same.
unprivileged()
{
	local out

	out=$(ip netns exec "$client" setpriv --reuid 65534 --clear-groups \
	      wrtcsub show -Hnp) || return
	is lines "$(wc -l <<< "$out")" 3 || return
	[[ "$out" != *users:* ]] || { echo "# $out"; return 1; }
}

details()
{
	local line want

	line=$(at "$client" show -Hneim dst "$SERVER6" | tr -d '\n')
	for want in "tx:OPEN rx:OPEN" " ino:" " sk:" "cgroup:/" \
		    "fin_ack_timeout:30000ms" "max_frame:16384" \
		    "skmem:(r0,rb" "bytes_sent:70000 bytes_received:0" \
		    "substreams:1 " "role:even"; do
		[[ "$line" == *"$want"* ]] ||
			{ echo "# no $want: $line"; return 1; }
	done
}

on_one_line()
{
	is sockets "$(at "$client" show -HniO | grep -c ' bytes_sent:')" 3 &&
		is lines "$(at "$client" show -HniO | wc -l)" 3 &&
		is assocs "$(at "$client" show -HniO assoc | grep -c ' cwnd:')" 2 &&
		is lines "$(at "$client" show -HniO assoc | wc -l)" 2
}

fields()
{
	is info "$(json "$server" '.[] | .info |
		"\(.bytes_received) \(.role)"' src "$SERVER6" \
		state established)" "70000 odd" || return
	is shared "$(json "$client" '.[0].info.substreams' stream 2)" 2 ||
		return
	is listener "$(json "$server" '.[0] | [.state, .peer, .local.port] |
		tojson' -l sport = 5000)" '["LISTEN",null,5000]' || return
	is none "$(json "$client" tojson stream 4)" '[]'
}

assocs()
{
	local line

	lists 2 "$client" assoc && lists 2 "$server" assoc &&
		lists 2 "$client" assoc state up &&
		lists 0 "$client" assoc state closing &&
		lists 1 "$client" assoc dst "$SERVER6" &&
		lists 0 "$client" assoc dport 5000 dst "$SERVER6" || return
	is substreams "$(json "$client" '.[0].substreams' \
		assoc dst "$SERVER4")" 2 || return
	is who "$(json "$server" '.[0] | [.state, .dialed, .role] |
		tojson' assoc src "$SERVER6")" '["UP",false,"odd"]' || return
	# What an MTU of 1500 bytes leaves.
	is frag_point "$(json "$client" '.[0].path.frag_point |
		. > 1000 and . < 1500' -i assoc dst "$SERVER4")" true || return
	line=$(at "$client" show -Hnei assoc dst "$SERVER4" | tr -d '\n')
	[[ "$line" == *"dialed role:even"*"closing:0 reconf"*"cwnd:"* ]] ||
		{ echo "# $line"; return 1; }
}

# A cgroup whose name a terminal, or JSON, would take for something else. It is
# that of init, as /sys is another one in a namespace: ip-netns(8).
cgroup()
{
	local name=$'a\xff\e[7m\x7f\\x2d' line want='/a\xff\x1b[7m\x7f\x2d'
	local dir=/proc/1/root/sys/fs/cgroup/$name json

	mkdir "$dir" || return
	# shellcheck disable=SC2016
	hold g "$SERVER4" 0 sh -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' \
		"$dir" && will_list 4 "$client" state established || return
	line=$(at "$client" show -Hne stream 4)
	json=$(json "$client" '.[0].cgroup' stream 4)
	kill "$CLIENT_PID"
	wait_end "$CLIENT_PID" 2>/dev/null
	will_list 0 "$client" stream 4 && rmdir "$dir" &&
		is JSON "$json" "$want" || return
	[[ "$line" == *" cgroup:$want "* ]] ||
		{ printf '# %q\n' "$line"; return 1; }
}

# Those of another one are on an association of their own.
user()
{
	local line

	hold u "$SERVER4" 0 setpriv --reuid 65534 --clear-groups &&
		will_list 1 "$client" uid 65534 state established || return
	lists 3 "$client" uid 0 && lists 3 "$client" assoc &&
		lists 2 "$client" assoc uid 0 &&
		lists 1 "$client" assoc uid 65534 &&
		is uid "$(json "$client" '.[0].uid' uid 65534)" 65534 || return
	line=$(at "$client" show -Hne uid 65534 | tr -d '\n')
	[[ "$line" == *" uid:65534 "* ]] || { echo "# $line"; return 1; }
	line=$(at "$client" show -Hne uid 0 | tr -d '\n')
	[[ "$line" != *" uid:"* ]] || { echo "# $line"; return 1; }
	kill "$CLIENT_PID"
	will_list 0 "$client" uid 65534
}

# As show prints them.
connects_by_name()
{
	PORT=5002 server_start "$SERVER4" 1 cat && names_setup || return
	ip netns exec "$client" wrtcsub connect "$SERVER4" wrtcsub-third \
		<<< "hello" > "$TMP/named" || return
	rm -r "/etc/netns/$client"
	is answer "$(cat "$TMP/named")" hello && wait_end "$SERVER_PID" &&
		exits 2 at "$client" connect "$SERVER4" wrtcsub-none &&
		exits 2 at "$client" connect "$SERVER4" 65536 &&
		exits 2 at "$client" connect "$SERVER4" :5000 &&
		exits 2 at "$client" connect -p x "$SERVER4" 5000 &&
		exits 2 at "$client" listen 65536 &&
		exits 1 at "$client" connect 10.18.0.300 5000 &&
		will_list 3 "$client"
}

# A FIN that was acknowledged, with the peer still open, at both ends.
half_closed()
{
	local line

	let_go c && will_be "$client" '.[0].info.fin_rtt_us > 0' \
		state fin-wait-2 || return
	lists 2 "$client" state established || return
	line=$(at "$client" show -Hni state fin-wait-2 | tr -d '\n')
	[[ "$line" == FIN-WAIT-2*"fin_rtt:"*ms* ]] ||
		{ echo "# $line"; return 1; }
	is halves "$(json "$client" '.[0] | "\(.tx) \(.rx)"' \
		state fin-wait-2)" "FIN_ACKED OPEN"
}

both_closed()
{
	is states "$(json "$server" '.[0].state' src "$SERVER6" \
		state connected)" CLOSE-WAIT || return
	echo go > "$TMP/go"
	will_list 0 "$client" dst "$SERVER6" &&
		will_list 2 "$server" state connected
}

# The time that is left of what waits for the FIN_ACK that does not come.
timer()
{
	local ms

	ip -n "$server" link set veth down
	let_go b && will_list 1 "$client" state fin-wait-1 || return
	ms=$(json "$client" '.[0].timers.fin_ack_ms' state fin-wait-1) ||
		return
	[ "$ms" -le 60000 ] || return
	[[ "$(at "$client" show -Hno state fin-wait-1)" =~ \
	   'timer:(fin-ack,'[0-9]+'ms)' ]]
}

# points_at REST ARGS...: that is where the mistake is shown.
points_at()
{
	local place text

	exits 2 at "$client" show "${@:2}" || return
	text=$(sed -n 2p "$TMP/stderr")
	place=$(sed -n 3p "$TMP/stderr")
	[[ "$place" =~ ^\ +\^$ ]] || { echo "# $* points nowhere"; return 1; }
	is place "${text:${#place} - 1}" "$1"
}

places()
{
	points_at "65536 and stream 0" dport = 65536 and stream 0 &&
		points_at red dst 10.18.0.2 or red &&
		points_at ")" "(" stream 0 or ")" &&
		points_at odd state odd &&
		points_at "" "(" stream 0
}

disk_is_full()
{
	at "$client" show "$@" > /dev/full
}

mistakes()
{
	exits 2 at "$client" show state odd &&
		exits 2 at "$client" show dport &&
		exits 2 at "$client" show dport 65536 &&
		exits 2 at "$client" show dst 10.18.0.2.1 &&
		exits 2 at "$client" show dport 1 or &&
		exits 2 at "$client" show "(" dport 1 &&
		exits 2 at "$client" show dport 1 ")" &&
		exits 2 at "$client" show not state all &&
		exits 2 at "$client" show colour red &&
		exits 2 at "$client" show assoc stream 1 &&
		exits 2 at "$client" show --odd &&
		exits 0 at "$client" show --help &&
		exits 1 disk_is_full && exits 1 disk_is_full -j
}

ktap_print_header
link_setup
ktap_set_plan 26

ktap_test_result "sockets are listed as they come up" show_setup
ktap_test_result "filters of states" states
ktap_test_result "filters of addresses and ports" ends
ktap_test_result "filters of associations, streams and users" numbers
ktap_test_result "filters of prefixes" prefixes
ktap_test_result "and, or, not and parentheses" expressions
ktap_test_result "what is not there is compared with nothing" missing
ktap_test_result "filters of names" names
ktap_test_result "-4 and -6 are about the addresses" families
ktap_test_result "the columns are those of ss" columns
ktap_test_result "without -n ports have names" services
ktap_test_result "Recv-Q is what was not read" queue
ktap_test_result "-p finds the processes" processes
ktap_test_result "nobody sees the list without processes" unprivileged
ktap_test_result "-e, -i and -m add what they say" details
ktap_test_result "with -O each has one line" on_one_line
ktap_test_result "-j has it all" fields
ktap_test_result "show assoc lists associations" assocs
ktap_test_result "a cgroup may have any name" cgroup
ktap_test_result "-e says whose it is, if not root's" user
ktap_test_result "connect takes the name of a service" connects_by_name
ktap_test_result "an end that was acknowledged is FIN-WAIT-2" half_closed
ktap_test_result "one that was ended by both is gone" both_closed
ktap_test_result "the timer of a FIN is shown" timer
ktap_test_result "a mistake is shown where it is" places
ktap_test_result "mistakes have their exit statuses" mistakes
ktap_finished
