#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ss --wrtcsub, patched as by tools/iproute2, says what wrtcsub show says.

HERE=$(dirname "$(readlink -e "$0")")
# shellcheck source=../tool_lib.sh
. "$HERE/../tool_lib.sh"

# Not by ip netns exec, whose /sys has no cgroups.
ss_at()
{
	nsenter --net="/run/netns/$1" "$HERE/ss" --wrtcsub "${@:2}"
}

# A line for each socket; what follows with a tab belongs to it.
lines()
{
	awk '/^[^\t]/ && NR > 1 { print "" }
	     { printf "%s ", $0 }
	     END { if (NR) print "" }'
}

# Both sorted, and without what only one of them tells: Netid here, and there
# the type.  Assoc:Stream is said in the words of ss.
ss_lines()
{
	ss_at "$@" -H | lines | sed 's/^w_str *//' | squeeze
}

squeeze()
{
	sed 's/[ \t]\+/ /g; s/ $//' | sort
}

show_lines()
{
	at "$1" show "${@:2}" -H | lines | awk '
	{
		split($6, id, ":")
		$6 = (id[1] == "-" ? "" : "assoc:" id[1] " ") \
		     (id[2] == "-" ? "" : "stream:" id[2] " ")
		print
	}' | sed 's/ stream / /' | squeeze
}

# same NS ARGS...: and that it is not empty.
same()
{
	ss_lines "$@" > "$TMP/ss" || return
	show_lines "$@" > "$TMP/show"
	[ -s "$TMP/ss" ] && diff "$TMP/show" "$TMP/ss"
}

# As above, but with the options of the socket left out, which ss has not.
same_options()
{
	local drop=' fin_ack_timeout:[^ ]*\| max_frame:[^ ]*\| frame_split:[^ ]*'

	drop+='\| nodelay\| rcv_overflow:[^ ]*'
	ss_lines "$@" > "$TMP/ss" || return
	show_lines "$@" | sed "s/$drop//g" | sort > "$TMP/show"
	[ -s "$TMP/ss" ] && diff "$TMP/show" "$TMP/ss"
}

# processes: each of them in a line, as they are in another order.
processes()
{
	grep -o '("[^)]*)' | sort
}

# link_setup sets the name.
# shellcheck disable=SC2154
same_processes()
{
	local word

	for word in "$@"; do
		ss_at "$server" -Hnp state "$word" | processes > "$TMP/ss"
		at "$server" show -Hnp state "$word" | processes > "$TMP/show"
		[ -s "$TMP/ss" ] && diff "$TMP/show" "$TMP/ss" || return
	done
}

ss_setup()
{
	# Longer than the test takes.
	ip netns exec "$client" sysctl -qw net.wrtcsub.fin_ack_timeout_ms=60000
	server_start "$SERVER4" 9 "exec sleep 1000" || return
	hold a "$SERVER4" 1000 || return
	hold b "$SERVER4" 0 || return
	PORT=5001 server_start "$SERVER6" 9 "exec cat > /dev/null" || return
	PORT=5001 hold c "$SERVER6" 70000 || return
	PORT=5001 hold d "$SERVER6" 0 || return
	will_list 4 "$client" state established &&
		will_list 4 "$server" state established || return
	let_go d && will_list 3 "$client" state established &&
		will_list 3 "$server" state established
}

columns()
{
	local header

	header=$(ss_at "$client" -n | sed -n 1p | tr -s ' ')
	[[ "$header" = "Netid State Recv-Q Send-Q Local Address:Port \
Peer Address:Port"* ]] || { echo "# $header"; return 1; }
	ss_at "$client" -Hn | grep -q "^w_str *ESTAB .*$SERVER4:5000 " &&
		same "$client" -n && same "$server" -n &&
		same "$client" -na && same "$server" -na
}

listening()
{
	is listeners "$(ss_at "$server" -Hln | wc -l)" 2 &&
		same "$server" -ln
}

filters()
{
	same "$client" -n state connected &&
		same "$client" -n dst "$SERVER4" &&
		same "$client" -n dst "[$SERVER6]:5001" &&
		same "$client" -n dport = :5001 &&
		same "$server" -n sport = :5000 || return
	is table "$(ss_at "$client" -Hn -A wrtcsub_seqpacket | wc -l)" 0
}

everything()
{
	same_options "$client" -ne && same_options "$server" -nae &&
		same "$client" -nm && same "$server" -nam &&
		same "$client" -ni && same "$server" -nai &&
		same_options "$client" -neim
}

# Others are not disturbed.
all_families()
{
	ip netns exec "$client" "$HERE/ss" -Han > "$TMP/all" &&
		is substreams "$(grep -c '^w_str' "$TMP/all")" \
			"$(count "$client" -a)"
}

# The time that is left of what waits for the FIN_ACK.
timer()
{
	ip -n "$server" link set veth down
	let_go b && will_list 1 "$client" state fin-wait-1 || return
	[[ "$(ss_at "$client" -Hno state fin-wait-1)" =~ \
	   'timer:(fin-ack,'[0-9]+'ms)' ]]
}

ktap_print_header
link_setup
ktap_set_plan 8

ktap_test_result "there are substreams to list" ss_setup
ktap_test_result "states, queues, addresses and numbers are the same" columns
ktap_test_result "-l has the listeners" listening
ktap_test_result "filters let the same through" filters
ktap_test_result "-p has the same processes" same_processes \
	established listening
ktap_test_result "-e, -i and -m say the same" everything
ktap_test_result "without --wrtcsub they are among the others" all_families
ktap_test_result "-o has the timer of a FIN" timer
ktap_finished
