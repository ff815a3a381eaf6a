#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wrtcsub listen and wrtcsub connect: each of their options, what they say of
# what goes wrong, and how they exit.  Each test has a port of its own, so that
# none of them meets an association of another.

# shellcheck source=tool_lib.sh
. "$(dirname "$0")/tool_lib.sh"

PATH=$PATH:$LINK_DIR

nc_cleanup()
{
	rm -rf "/etc/netns/$client"
	link_cleanup
}

# serve ARGS...: a listener, with the standard input of the caller; what it
# prints is in served, what it says in server.  Sets SERVER_PID.
serve()
{
	: > "$TMP/server"
	ip netns exec "$server" wrtcsub listen -v "$@" "$PORT" \
		<&0 > "$TMP/served" 2> "$TMP/server" &
	SERVER_PID=$!
	PIDS+=("$SERVER_PID")
	soon has "$TMP/server" 'listening at' && return
	sed 's/^/# server: /' "$TMP/server"
	return 1
}

# served STATUS [TEXT]: the listener has ended so, and has said this.
served()
{
	wait_end "$SERVER_PID"
	is "status of the server" $? "$1" && has "$TMP/server" "$2" && return
	sed 's/^/# server: /' "$TMP/server"
	return 1
}

# stop: the listener, that would go on.
stop()
{
	kill "$SERVER_PID"
	wait_end "$SERVER_PID"
	is "status of the server" $? 143
}

# dial STATUS ARGS...: a client that ends so; what it prints is in printed, what
# it says in said.
dial()
{
	ip netns exec "$client" timeout "$LIMIT" wrtcsub connect "${@:2}" \
		> "$TMP/printed" 2> "$TMP/said"
	is "status of connect ${*:2}" $? "$1" && return
	sed 's/^/# /' "$TMP/said"
	return 1
}

# printed TEXT: by that client; without words.
printed()
{
	is printed "$(< "$TMP/printed")" "$1" && is said "$(< "$TMP/said")" ""
}

# ended NAME PID STATUS [TEXT]: that client has, and has said this.
ended()
{
	wait_end "$2"
	is "status of $1" $? "$3" && has "$TMP/$1.error" "$4" && return
	sed 's/^/# /' "$TMP/$1.error"
	return 1
}

# fails TEXT COMMAND...: with a line that begins with this, and no other.
fails()
{
	exits 1 "${@:2}" || return
	[[ $(< "$TMP/stderr") == "wrtcsub: $1"* ]] &&
		is lines "$(wc -l < "$TMP/stderr")" 1 && return
	sed "s/^/# not $1: /" "$TMP/stderr"
	return 1
}

# offers COMMAND OPTION...: all of those that --help tells of.
offers()
{
	at "$client" "$1" --help > "$TMP/help" 2> "$TMP/said" || return
	is "options of $1" \
		"$(grep -oE -- '--[a-z0-9-]+' "$TMP/help" | LC_ALL=C sort -u |
		   paste -sd ' ')" "${*:2}" && is said "$(< "$TMP/said")" "" &&
		is -h "$(at "$client" "$1" -h)" "$(< "$TMP/help")"
}

tell_options()
{
	offers connect --exec --help --ipv4 --ipv6 --recv-only --source \
		--source-port --stats --timeout --verbose &&
		offers listen --exec --help --ipv4 --ipv6 --keep-open --max \
			--recv-only --stats --timeout --verbose || return
	at "$client" --help > "$TMP/help" && grep -q '^  listen ' "$TMP/help" &&
		grep -q '^  connect ' "$TMP/help" &&
		is -h "$(at "$client" -h)" "$(< "$TMP/help")" &&
		[[ $(at "$client" --version) == "wrtcsub "[0-9]* ]]
}

mistakes()
{
	local line

	while read -r line; do
		# shellcheck disable=SC2086
		exits 2 at "$client" $line || return
		[[ $(< "$TMP/stderr") == "wrtcsub: "* ]] && continue
		echo "# wrtcsub $line: $(< "$TMP/stderr")"
		return 1
	done <<-END

		ghost
		listen
		listen 10.18.0.1 $PORT 1
		listen 65536
		listen -1
		listen :$PORT
		listen no-such-service
		listen -x $PORT
		listen -s 10.18.0.1 $PORT
		listen -p 1 $PORT
		listen --exec
		listen -e cat --recv-only $PORT
		listen -m 0 $PORT
		listen -m 1x $PORT
		listen -w 0 $PORT
		listen -w 601 $PORT
		listen -w 1s $PORT
		connect
		connect $SERVER4
		connect $SERVER4 $PORT $PORT
		connect $SERVER4 65536
		connect -k $SERVER4 $PORT
		connect -m 1 $SERVER4 $PORT
		connect -p 65536 $SERVER4 $PORT
		connect -w nan $SERVER4 $PORT
		connect -e cat --recv-only $SERVER4 $PORT
	END
	lists 0 "$client" -a
}

# What cannot be had, and why.
errors()
{
	fails "$SERVER4:$PORT: connection refused: nobody listens there" \
		at "$client" connect "$SERVER4" "$PORT" &&
		fails "[$SERVER6]:$PORT: connection refused" \
			at "$client" connect "$SERVER6" "$PORT" &&
		fails "10.99.0.1:$PORT: Network is unreachable" \
			at "$client" connect 10.99.0.1 "$PORT" &&
		fails "nobody.invalid: " \
			at "$client" connect nobody.invalid "$PORT" &&
		fails "$SERVER6: " at "$client" connect -4 "$SERVER6" "$PORT" &&
		fails "$SERVER4: " at "$client" connect -6 "$SERVER4" "$PORT" &&
		fails "$SERVER4: " at "$server" listen -6 "$SERVER4" "$PORT" &&
		fails "source address: Cannot assign requested address" \
			at "$client" connect -s 10.18.0.3 "$SERVER4" "$PORT" &&
		fails "listening at 10.18.0.3:$PORT: Cannot assign requested" \
			at "$server" listen 10.18.0.3 "$PORT" &&
		fails "port 80 needs CAP_NET_BIND_SERVICE" \
			ip netns exec "$server" setpriv --bounding-set \
			-net_bind_service wrtcsub listen 80 || return
	serve &&
		fails "port $PORT is in use" at "$server" listen "$PORT" &&
		fails "source port $PORT is in use" at "$server" \
			connect -p "$PORT" 10.18.0.1 1 &&
		stop
}

# One that cannot read its input, or write its output, says so to both.
broken_files()
{
	serve && dial 1 "$SERVER4" "$PORT" < / &&
		has "$TMP/said" "standard input: Is a directory" &&
		served 1 "the stream was reset" || return
	serve -e "echo much" || return
	ip netns exec "$client" timeout "$LIMIT" wrtcsub connect "$SERVER4" \
		"$PORT" > /dev/full 2> "$TMP/said"
	is status $? 1 && served 0 || return
	has "$TMP/said" "standard output: No space left on device"
}

# Both ways, and a second one is not taken.
one_substream()
{
	echo answer > "$TMP/input"
	serve < "$TMP/input" && hold one "$SERVER4" 100 &&
		will_list 1 "$server" state fin-wait-2 || return
	dial 1 "$SERVER4" "$PORT" && has "$TMP/said" refused || return
	# While it waits for the answer to its FIN.
	link_netem delay 100ms && dial 1 "$SERVER4" "$PORT" < /dev/null &&
		has "$TMP/said" refused && link_netem delay 0ms || return
	let_go one
	ended one "$CLIENT_PID" 0 && served 0 &&
		is bytes "$(wc -c < "$TMP/served")" 100 &&
		is answer "$(< "$TMP/one.answer")" answer
}

# recv_only ADDR: of either end.
recv_only()
{
	echo input > "$TMP/input"
	serve < "$TMP/input" &&
		dial 0 --recv-only "$1" "$PORT" < "$TMP/input" &&
		printed input && served 0 && is bytes "$(< "$TMP/served")" "" ||
		return
	serve --recv-only < "$TMP/input" &&
		dial 0 "$1" "$PORT" < "$TMP/input" &&
		printed "" && served 0 && is bytes "$(< "$TMP/served")" input
}

# children N: of the listener.
children()
{
	is children "$(pgrep -c -P "$SERVER_PID")" "$1"
}

# Many at a time; how one of them ends is no matter to the others.
keep_open()
{
	local a b

	echo input > "$TMP/input"
	serve -k < "$TMP/input" && hold a "$SERVER4" 0 && a=$CLIENT_PID &&
		hold b "$SERVER4" 0 && b=$CLIENT_PID && soon children 2 ||
		return
	for _ in 1 2 3; do
		dial 0 "$SERVER4" "$PORT" < "$TMP/input" && printed "" || return
	done
	soon children 2 || return
	kill -KILL "$a"
	wait "$a" 2>/dev/null
	soon children 1 && soon has "$TMP/server" "the stream was reset" &&
		dial 0 "$SERVER4" "$PORT" < "$TMP/input" || return
	let_go b
	ended b "$b" 0 && soon children 0 &&
		is input "$(sort "$TMP/served" | uniq -c | xargs)" "4 input" &&
		stop
}

# Of some that failed --max says how many.
max()
{
	serve -m 2 && hold m "$SERVER4" 0 && soon children 1 &&
		dial 0 "$SERVER4" "$PORT" < /dev/null &&
		dial 1 "$SERVER4" "$PORT" < /dev/null &&
		has "$TMP/said" refused || return
	kill -KILL "$CLIENT_PID"
	wait "$CLIENT_PID" 2>/dev/null
	served 1 "2 substreams served, 1 of them failed"
}

# hears 4 6 ARGS...: the statuses of clients of both families.
hears()
{
	serve -k "${@:3}" && dial "$1" "$SERVER4" "$PORT" &&
		dial "$2" "$SERVER6" "$PORT" && stop && PORT=$((PORT + 1))
}

listen_families()
{
	hears 0 0 && hears 0 1 -4 && hears 1 0 -6 &&
		hears 0 1 0.0.0.0 && hears 0 1 "$SERVER4" &&
		hears 1 0 -6 :: || return
	ip netns exec "$server" sysctl -qw net.ipv6.bindv6only=1 &&
		hears 0 0 && hears 1 0 -6 &&
		ip netns exec "$server" sysctl -qw net.ipv6.bindv6only=0
}

# A host with two addresses; of these, the first that answers.
connect_families()
{
	mkdir -p "/etc/netns/$client" &&
		printf '%s two\n' "$SERVER6" "$SERVER4" \
			> "/etc/netns/$client/hosts" || return
	# Both lines of them, whatever host.conf(5) says.
	local -x RESOLV_MULTI=on
	# The command's own.
	# shellcheck disable=SC2016
	serve -k -e 'echo $WRTCSUB_LOCAL_ADDR' &&
		dial 0 -4 two "$PORT" && printed "$SERVER4" &&
		dial 0 -6 two "$PORT" && printed "$SERVER6" && stop || return
	PORT=$((PORT + 1))
	# shellcheck disable=SC2016
	serve -4 -k -e 'echo $WRTCSUB_LOCAL_ADDR' &&
		dial 0 two "$PORT" && printed "$SERVER4" &&
		dial 1 -6 two "$PORT" &&
		has "$TMP/said" "[$SERVER6]:$PORT: connection refused" && stop
}

connect_source()
{
	ip -n "$client" addr add 10.18.0.7/24 dev veth || return
	# shellcheck disable=SC2016
	serve -k -e 'echo $WRTCSUB_REMOTE_ADDR $WRTCSUB_REMOTE_PORT' &&
		dial 0 -s 10.18.0.7 -p 4321 "$SERVER4" "$PORT" &&
		printed "10.18.0.7 4321" &&
		dial 0 -p 4322 "$SERVER6" "$PORT" && printed "fd18::1 4322" &&
		dial 0 -s 10.18.0.7 "$SERVER4" "$PORT" || return
	[[ $(< "$TMP/printed") == "10.18.0.7 "* ]] && stop
}

# The command of either end has the substream as its input and output.
commands()
{
	echo text > "$TMP/input"
	serve -e "tr a-z A-Z" &&
		dial 0 "$SERVER4" "$PORT" < "$TMP/input" &&
		printed TEXT && served 0 || return
	serve < "$TMP/input" && dial 0 -e "tr a-z A-Z" "$SERVER4" "$PORT" &&
		printed "" && served 0 && is served "$(< "$TMP/served")" TEXT ||
		return
	# shellcheck disable=SC2016
	serve -e 'echo $WRTCSUB_LOCAL_ADDR $WRTCSUB_LOCAL_PORT' &&
		dial 0 "$SERVER4" "$PORT" < /dev/null &&
		printed "$SERVER4 $PORT" && served 0
}

# One that fails has ended its output; one that is killed has not.
failing_commands()
{
	serve -e "cat; exit 3" && dial 0 "$SERVER4" "$PORT" < /dev/null &&
		served 1 "the command exited with status 3" || return
	# shellcheck disable=SC2016
	serve -e 'kill -KILL $$' && dial 1 "$SERVER4" "$PORT" < /dev/null &&
		has "$TMP/said" "the stream was reset" &&
		served 1 "the command was killed: Killed" || return
	# What it does not read, nobody wants.
	serve -e "echo done" && hold x "$SERVER4" 0 || return
	ended x "$CLIENT_PID" 1 "the peer takes no more than it has got" && served 0 &&
		is printed "$(< "$TMP/x.answer")" "done"
}

# What is told of a substream, to people and to programs.
reports()
{
	local to=$SERVER4:$PORT line

	line="bytes_out=5 bytes_in=5 seconds=[0-9.]+ fin_ack_us=[1-9][0-9]*"
	line+=" assoc_id=[1-9][0-9]* stream_id=0 peer=$to status=0"
	echo text > "$TMP/input"
	serve -e cat --stats && dial 0 -v "--stats=$TMP/stats" "$SERVER4" \
		"$PORT" < "$TMP/input" && served 0 || return
	has "$TMP/said" "wrtcsub: $to: substream 0 of association " &&
		has "$TMP/said" ", from 10.18.0.1:" &&
		has "$TMP/said" "$to: sent 5 bytes, received 5 bytes in " &&
		has "$TMP/said" " s, FIN acknowledged after " &&
		has "$TMP/server" " peer=10.18.0.1:" &&
		has "$TMP/server" "sent 5 bytes, received 5 bytes" &&
		grep -qxE "$line" "$TMP/stats" && return
	sed 's/^/# /' "$TMP/said" "$TMP/server" "$TMP/stats"
	return 1
}

shows()
{
	grep -qE -- "$1" "$TMP/shown"
}

# It is there as long as the transfer is, and then it is wiped.
progress()
{
	local sum

	: > "$TMP/shown"
	mkfifo "$TMP/go" && truncate -s 16M "$TMP/big" || return
	sum=$(sha256sum < "$TMP/big")
	serve -e "read -r go < $TMP/go; exec sha256sum" || return
	ip netns exec "$client" terminal "$TMP/shown" \
		wrtcsub connect "$SERVER4" "$PORT" \
		< "$TMP/big" > "$TMP/printed" 2> "$TMP/said" &
	CLIENT_PID=$!
	PIDS+=("$CLIENT_PID")
	soon shows $'\rsent [0-9.]+ [KM]iB \\([0-9]+ %\\), received 0 B, [0-9.]+ ([KM]i)?B/s\e' ||
		return
	echo > "$TMP/go"
	wait_end "$CLIENT_PID"
	is status $? 0 && printed "$sum" && served 0 &&
		is "the end" "$(tail -c 4 "$TMP/shown")" $'\r\e[K' &&
		is lines "$(wc -l < "$TMP/shown")" 0
}

# A message stands where the line was; one that is not at a terminal has none.
progress_and_messages()
{
	local a b

	: > "$TMP/shown"
	serve -k && hold pa "$SERVER4" 3000 && a=$CLIENT_PID &&
		hold pb "$SERVER4" 3000 terminal "$TMP/shown" &&
		b=$CLIENT_PID || return
	soon shows $'\rsent 2.9 KiB, received 0 B, ' || return
	let_go pa
	ended pa "$a" 0 && is said "$(< "$TMP/pa.error")" "" || return
	at "$client" kill -H state close-wait > "$TMP/killed" || return
	wait_end "$b"
	is status $? 1 && shows $'\e\\[K\r\e\\[Kwrtcsub: .* administrator' && stop
}

# Who types is told when nobody else does any more.
typed()
{
	: > "$TMP/shown"
	serve < /dev/null && hold t "$SERVER4" 0 terminal -i "$TMP/shown" &&
		soon shows "the peer has ended, Ctrl-D ends our side" || return
	# The hold is that of the keyboard: this is typed beside it.
	printf 'word\n\004' > "$TMP/t"
	wait_end "$CLIENT_PID"
	is status $? 0 && served 0 && is served "$(< "$TMP/served")" word
}

# A neighbour that is there for ARP alone.
connect_timeout()
{
	local start=${EPOCHREALTIME/[.,]/}

	ip -n "$client" neigh add 10.18.0.9 lladdr 02:00:00:00:00:09 dev veth &&
		fails "10.18.0.9:$PORT: the peer does not answer" \
			ip netns exec "$client" timeout "$LIMIT" \
			wrtcsub connect -w 0.3 10.18.0.9 "$PORT" || return
	[ $((${EPOCHREALTIME/[.,]/} - start)) -ge 300000 ]
}

# feed NAME: what has no end until let_go.
feed()
{
	mkfifo "$TMP/$1" || return
	sleep 1000 > "$TMP/$1" &
	PIDS+=("$!")
	HOLD[$1]=$!
}

# Of the end at either side, while the link is cut.
end_timeout()
{
	local rc

	feed end && feed other && serve -w 0.6 < "$TMP/other" || return
	ip netns exec "$client" wrtcsub connect -w 0.5 "$SERVER4" "$PORT" \
		< "$TMP/end" 2> "$TMP/end.error" &
	CLIENT_PID=$!
	PIDS+=("$CLIENT_PID")
	will_list 1 "$server" state established || return
	link_netem loss 100%
	let_go end
	let_go other
	soon has "$TMP/end.error" "acknowledge the end of the stream within 0.5 s" &&
		soon has "$TMP/server" "acknowledge the end of the stream within 0.6 s"
	rc=$?
	link_netem loss 0%
	[ $rc -eq 0 ] || return
	ended end "$CLIENT_PID" 1 && served 1
}

# run TEXT TEST
run()
{
	PORT=$((PORT + 10))
	ktap_test_result "$@"
}

ktap_print_header
link_setup
trap nc_cleanup EXIT
exec < /dev/null
link_is_patient || exit
ktap_set_plan 19

run "--help tells of all options" tell_options
run "mistakes have an exit status of their own" mistakes
run "what cannot be had is told, and why" errors
run "a file that fails is told to both ends" broken_files
run "a listener takes one substream" one_substream
run "--recv-only sends nothing" recv_only "$SERVER4"
run "--keep-open takes any number at a time" keep_open
run "--max takes as many" max
run "-4 and -6 are what a listener hears" listen_families
run "-4 and -6 are where connect goes" connect_families
run "--source and --source-port are where it comes from" connect_source
run "--exec gives a substream to a command" commands
run "--exec tells how its command has failed" failing_commands
run "--verbose and --stats tell of a substream" reports
run "a terminal shows the progress" progress
run "a message is not mixed with the progress" progress_and_messages
run "who types is told of the peer's end" typed
run "--timeout ends a connect" connect_timeout
run "--timeout ends the wait for the FIN_ACK" end_timeout
ktap_finished
