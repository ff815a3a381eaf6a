#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Rounds of traffic, of which one end is killed, or its namespace goes; then the
# module is unloaded, and loaded again.  WRTCSUB_ROUNDS in the environment is
# how many, 4 if it is not set.

# shellcheck source=link_lib.sh
. "$(dirname "$0")/link_lib.sh"

ROUNDS=${WRTCSUB_ROUNDS:-4}
WAYS=(client server namespace both)
WRITERS=3
KILLED=()

loaded()
{
	[ -e /sys/module/wrtcsub/initstate ]
}

# What lists sockets is a module that holds the other one.
unload()
{
	[ ! -e /sys/module/wrtcsub_diag ] || rmmod wrtcsub_diag || return
	rmmod wrtcsub
}

# Writers that have no end, over one association.
traffic()
{
	local i

	rm -f "$TMP"/got*
	CLIENT_PIDS=()
	server_start "$SERVER4" $WRITERS "exec cat > $TMP/got.\$\$" || return
	for ((i = 0; i < WRITERS; i++)); do
		ip netns exec "$client" wrtcsub connect "$SERVER4" "$PORT" \
			< /dev/zero > "$TMP/answer.$i" 2> "$TMP/error.$i" &
		CLIENT_PIDS+=("$!")
		PIDS+=("$!")
	done
	soon all_have_begun
}

all_have_begun()
{
	local file nr=0

	for file in "$TMP"/got.*; do
		[ ! -s "$file" ] || nr=$((nr + 1))
	done
	[ $nr -eq $WRITERS ]
}

# kill_in NAMESPACE: all that runs there.
kill_in()
{
	local pids

	mapfile -t pids < <(ip netns pids "$1")
	KILLED+=("${pids[@]}")
	kill -KILL "${pids[@]}" 2>/dev/null
	return 0
}

# Nothing is open any more in what was killed.
killed_are_gone()
{
	local pid

	for pid in "${KILLED[@]}"; do
		is_over "$pid" || return
	done
}

# That of a process which saw no end: an error of its own, or the signal.
all_ended_badly()
{
	local pid rc

	for pid; do
		wait_end "$pid" 2>/dev/null
		rc=$?
		if [ $rc -eq 0 ] || [ $rc -eq 124 ]; then
			echo "# status $rc"
			return 1
		fi
	done
}

# A namespace whose name is still needed for the next round.
renew_server()
{
	kill_in "$server"
	ip netns del "$server" || return
	# The link goes with the namespace.
	soon link_is_gone || return
	ip netns add "$server" && ip -n "$server" link set lo up &&
		link_connect
}

link_is_gone()
{
	! ip -n "$client" link show veth > /dev/null 2>&1
}

end_of()
{
	case $1 in
	client) kill_in "$client" ;;
	server) kill_in "$server" ;;
	namespace) renew_server ;;
	both) kill_in "$client"; kill_in "$server" ;;
	esac
}

is_refused()
{
	local error

	error=$(unload 2>&1) && { echo "# unloaded"; return 1; }
	case $error in
	*"in use"* | *"temporarily unavailable"*) loaded ;;
	*) echo "# $error"; return 1 ;;
	esac
}

# Who is killed does not leave a frame half sent: what is no frame is
# malformed.
frames_were_whole()
{
	local ns

	for ns in "$client" "$server"; do
		ip netns exec "$ns" grep -q '^RxMalformed[[:space:]]*0$' \
			/proc/net/wrtcsub_stat && continue
		echo "# ${ns%%-*}: malformed"
		return 1
	done
}

one_round()
{
	KILLED=()
	traffic || return
	is_refused || return
	end_of "$1" || return
	all_ended_badly "${CLIENT_PIDS[@]}" || return
	all_ended_badly "$SERVER_PID" || return
	soon killed_are_gone || return
	frames_were_whole || return
	# There is no socket any more: it works, and at once.
	unload || return
	! loaded
}

# Slabs that cannot be reclaimed, in kB.
slab()
{
	awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo
}

rounds()
{
	local i way before=0

	for ((i = 0; i < ROUNDS; i++)); do
		way=${WAYS[i % ${#WAYS[@]}]}
		# What is made once is made in the first ones.
		[ $i -ne ${#WAYS[@]} ] || before=$(slab)
		if ! one_round "$way"; then
			echo "# round $i: $way"
			print_counters
			return 1
		fi
	done
	[ "$before" -eq 0 ] ||
		echo "# $ROUNDS rounds: slabs grew by $(($(slab) - before)) kB"
}

# An unconnected socket, and a listener, keep it as well.
open_socket()
{
	ip netns exec "$server" wrtcsub listen "$SERVER4" "$PORT" \
		< /dev/null > /dev/null 2>&1 &
	SERVER_PID=$!
	PIDS+=("$SERVER_PID")
	soon is_listening || return
	is_refused || return
	kill -KILL "$SERVER_PID"
	wait "$SERVER_PID" 2>/dev/null
	unload
}

is_listening()
{
	[ "$(ip netns exec "$server" wrtcsub show -Hl | wc -l)" -eq 1 ]
}

# An association that no substream is on does not keep the module.
idle_association()
{
	head -c 1000 /dev/zero > "$TMP/idle"
	server_start "$SERVER4" 1 "exec cat > /dev/null" || return
	link_is_patient || return
	client_start idle "$SERVER4"
	wait_end "$CLIENT_PID" && wait_end "$SERVER_PID" || return
	[ "$(count_assocs "$SERVER4")" -eq 1 ] || return
	unload || return
	[ "$(count_assocs "$SERVER4")" -eq 0 ]
}

# tool_loads STATUS COMMAND...: a command of the tool, with nothing to tell of.
tool_loads()
{
	local error

	! loaded || soon unload || return
	error=$(ip netns exec "$client" wrtcsub "${@:2}" 2>&1 > /dev/null)
	[ $? -eq "$1" ] && [ -z "$error" ] && loaded && return
	echo "# ${*:2}: $error"
	return 1
}

loads_as_any_program()
{
	tool_loads 0 show && tool_loads 0 show assoc &&
		tool_loads 1 kill dport "$PORT" && tool_loads 0 stat &&
		soon unload
}

ktap_print_header
link_setup
link_is_watched || exit
ktap_set_plan 4

ktap_test_result "lists and counters load the module" \
	loads_as_any_program
ktap_test_result "a listener keeps the module" open_socket
ktap_test_result "an idle association does not" idle_association
ktap_test_result "$ROUNDS rounds of traffic, and of its end" rounds
ktap_finished
