#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The scripts of tools/bpftrace see what happens.

HERE=$(dirname "$(readlink -e "$0")")
# shellcheck source=../tool_lib.sh
. "$HERE/../tool_lib.sh"
# shellcheck source=../vm/mount_root.sh
. "$HERE/mount_root.sh"

# A compiler has to start, without KVM.
LIMIT=1200

# follow NAME: that script, until unfollow.  It runs a child once it sees all,
# and ends with the child.  Sets TRACER.
follow()
{
	rm -f "$TMP/begun" "$TMP/end"
	mkfifo "$TMP/end" || return
	printf ': > %s\nread -r _ < %s\n' "$TMP/begun" "$TMP/end" \
		> "$TMP/child"
	chroot "$ROOT" bpftrace -c "/bin/sh $TMP/child" "/srv/$1.bt" \
		> "$TMP/log" 2>&1 &
	TRACER=$!
	PIDS+=("$TRACER")
	busywait $((LIMIT * 1000)) has_begun && [ -e "$TMP/begun" ] && return
	sed 's/^/# /' "$TMP/log"
	return 1
}

# Or never will.
has_begun()
{
	[ -e "$TMP/begun" ] || is_over "$TRACER"
}

unfollow()
{
	echo > "$TMP/end"
	wait_end "$TRACER" || return
	sed 's/^/# /' "$TMP/log"
}

tracefs()
{
	mount_root "$HERE" &&
		mount -t tracefs none "$ROOT/sys/kernel/tracing" &&
		mount -t debugfs none "$ROOT/sys/kernel/debug"
}

# counts MAP: the histogram of each key, as the sum of its rows.
counts()
{
	awk -v map="@$1" '
		/^@/ {
			if (name)
				print sum
			sum = 0
			name = substr($0, 1, length(map)) == map
		}
		name && /^[[(]/ { sub(/.*[])]/, ""); sum += $1 }
		END { if (name) print sum }' "$TMP/log" | sort | tr '\n' ' '
}

# Two substreams, each with a FIN from either side; link_setup sets the names.
# shellcheck disable=SC2154
fin_ack()
{
	# The client stays until SCTP gives up, for it could still be sent to.
	link_is_watched && follow fin_ack &&
		transfer "$SERVER4" 1000 70000 || return
	ip netns exec "$client" sysctl -qw net.wrtcsub.fin_ack_timeout_ms=300
	# Addresses of IPv6 would go with the link, and not be back with it.
	ip netns exec "$server" sysctl -qw \
		net.ipv6.conf.veth.keep_addr_on_down=1
	server_start "$SERVER6" 1 "exec cat > /dev/null" || return
	hold a "$SERVER6" 0 && will_list 1 "$client" state established ||
		return
	ip -n "$server" link set veth down
	let_go a && wait_end "$CLIENT_PID"
	unfollow || return
	ip -n "$server" link set veth up
	is acknowledged "$(counts fin_ack_us)" "2 2 " &&
		is "timed out" "$(grep -c '^@timed_out\[[0-9]*\]: 1$' \
			"$TMP/log")" 1 &&
		is reset "$(grep -c '^@reset' "$TMP/log")" 0
}

# slow_reader NAME ADDR PORT: a reader that waits for a word in NAME.go.
slow_reader()
{
	mkfifo "$TMP/$1.go" && head -c 4000000 /dev/zero > "$TMP/$1" || return
	PORT=$3 server_start "$2" 1 \
		"read go < $TMP/$1.go; exec cat > /dev/null" || return
	PORT=$3 client_start "$1" "$2"
}

# told REGEX: sooner or later.
told()
{
	busywait $((LIMIT * 1000)) grep -Eq "$1" "$TMP/log"
}

paused()
{
	local first second

	follow paused && slow_reader b "$SERVER4" 5001 || return
	first=$(sooner_assoc "$SERVER4" 5001) || return
	told " pause +[0-9]+ +$first " || return
	echo go > "$TMP/b.go"
	told " resume +[0-9]+ +$first " && wait_end "$CLIENT_PID" || return
	slow_reader c "$SERVER6" 5002 || return
	second=$(sooner_assoc "$SERVER6" 5002) || return
	told " pause +[0-9]+ +$second " && unfollow || return
	grep -Eq "^@still_paused\[[0-9]+, $second\]: [1-9]" "$TMP/log" ||
		return
	is paused "$(grep -c '^@still_paused' "$TMP/log")" 1 || return
	[ "$(counts pause_ms)" -ge 1 ]
}

# sooner_assoc ADDR PORT: the number of the server's association there.
sooner_assoc()
{
	will_list 1 "$server" state established sport = "$2" src "$1" &&
		json "$server" '.[0].assoc' state established sport = "$2"
}

ktap_print_header
tracefs || exit
link_setup
ktap_set_plan 2

ktap_test_result "fin_ack.bt counts what was acknowledged" fin_ack
ktap_test_result "paused.bt tells who pauses and goes on" paused
ktap_finished
