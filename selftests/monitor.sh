#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wrtcsub monitor: tells of each thing that happens, when it happens.

# shellcheck source=tool_lib.sh
. "$(dirname "$0")/tool_lib.sh"

declare -A WATCH
TRACING=/sys/kernel/tracing

# watch NAME NS ARGS...: to NAME.log; what happens from now on is told.
watch()
{
	local log=$TMP/$1.log

	ip netns exec "$2" wrtcsub monitor "${@:3}" > "$log" 2> "$TMP/$1.error" &
	PIDS+=("$!")
	WATCH[$1]=$!
	soon is_watching "$log" "$!"
}

# A line of the header says so, and for JSON the instance.
is_watching()
{
	[ -s "$1" ] || [ "$(cat "$TRACING/instances/wrtcsub-$2/events/wrtcsub/\
wrtcsub_resume/enable" 2>/dev/null)" = 1 ]
}

# told NAME EVENT: sooner or later.
told()
{
	soon has "$TMP/$1.log" " $2 " && return
	echo "# no $2"
	sed 's/^/# /' "$TMP/$1.log" "$TMP/$1.error"
	return 1
}

# order NAME: the events of it so far.
order()
{
	awk 'NR > 1 { print $2 }' "$TMP/$1.log" | tr '\n' ' '
}

monitor_setup()
{
	watch client "$client" && watch server "$server" &&
		watch json "$client" -j && watch all "$client" -A
}

whole_life()
{
	server_start "$SERVER4" 1 "cat" && hold a "$SERVER4" 100 || return
	will_list 1 "$client" state established &&
		let_go a && wait_end "$CLIENT_PID" &&
		wait_end "$SERVER_PID" || return
	told client close && told server close || return
	is client "$(order client)" "assoc_up open close " &&
		is server "$(order server)" "assoc_up accept close " || return
	grep -q "close .*:0 .*tx=FIN_ACKED rx=FIN_RCVD err=0" "$TMP/client.log"
}

# goes_by LOG NAME: what runs is told as ever, with such a name.
goes_by()
{
	cp "$(type -P wrtcsub)" "$TMP/$2" && watch "$1" "$client" &&
		server_start "$SERVER4" 1 "cat" || return
	# shellcheck disable=SC2016
	hold n "$SERVER4" 0 sh -c 'shift && exec "$0" "$@"' "$TMP/$2" &&
		will_list 1 "$client" state established && let_go n &&
		wait_end "$CLIENT_PID" && wait_end "$SERVER_PID" &&
		told "$1" close || return
	is events "$(order "$1")" "open close " &&
		is messages "$(cat "$TMP/$1.error")" "" &&
		grep -q " open .*:[0-9]* .*tx=OPEN" "$TMP/$1.log"
}

# What runs may be named as an event is, or have a line of its own in the trace,
# as an event has, or what says that events were lost.
any_name()
{
	goes_by name 'a: wrtcsub_x:' && goes_by line $' 1: wrtcsub_a:\n' &&
		goes_by lines $'\nCPU:1 [LOST \nx'
}

# lines_are COUNT FILE: and each has its end.
lines_are()
{
	local text

	IFS= read -r -d '' text < "$2"
	text=${text//[^$'\n']/}
	[ ${#text} -eq "$1" ]
}

as_json()
{
	soon lines_are 3 "$TMP/json.log" || return
	is json "$(jq -sr 'map(.event) | join(" ")' "$TMP/json.log")" \
		"assoc_up open close" || return
	jq -se '.[1] | .assoc > 0 and .stream == 0 and .tx == "OPEN" and
		(now - .time | . >= 0 and . < 60)' "$TMP/json.log" > /dev/null
}

# What all namespaces tell, but for associations that may have become idle
# meanwhile, also such that other programs have left.
all_told()
{
	awk 'NR > 1 && $2 != "assoc_down"' "$TMP/all.log"
}

# are_told EVENTS: these, and how many.
are_told()
{
	is events "$(all_told | awk '{ print $2 }' | sort |
		uniq -c | awk '{ print $1, $2 }' | tr '\n' ',')" "$1"
}

# Those of the one end and those of the other.
everywhere()
{
	soon are_told "1 accept,2 assoc_up,2 close,1 open," || return
	is networks "$(all_told | grep -o ' net=[0-9]*' | sort -u | wc -l)" 2 ||
		return
	! grep -q ' net=' "$TMP/client.log"
}

reset()
{
	server_start "$SERVER4" 1 "exec cat > /dev/null" || return
	hold b "$SERVER4" 0 && will_list 1 "$server" state established ||
		return
	at "$client" kill -H dport "$PORT" > /dev/null || return
	told client reset && told server reset
}

# The peer takes it that the FIN has come, but cannot say so.
timeout_of_fin()
{
	server_start "$SERVER4" 1 "exec cat > /dev/null" || return
	hold c "$SERVER4" 0 && will_list 1 "$client" state established ||
		return
	ip netns exec "$client" sysctl -qw net.wrtcsub.fin_ack_timeout_ms=300
	server_start "$SERVER6" 1 "exec cat > /dev/null" || return
	hold d "$SERVER6" 0 && will_list 2 "$client" state established ||
		return
	ip -n "$server" link set veth down
	let_go d && told client timeout
}

# resumes_more_than COUNT
resumes_more_than()
{
	[ "$(grep -c " resume " "$TMP/server.log")" -gt "$1" ]
}

# A reader that does not read, and then does.  The tool, which reads until a pipe
# is full, may be so slow that it ends a pause before.
pause()
{
	local before

	ip -n "$server" link set veth up
	mkfifo "$TMP/go"
	PORT=5002 server_start "$SERVER4" 1 \
		"read go < $TMP/go; exec cat > /dev/null" || return
	head -c 4000000 /dev/zero > "$TMP/e"
	PORT=5002 client_start e "$SERVER4"
	told server pause || return
	before=$(grep -c " resume " "$TMP/server.log")
	echo go > "$TMP/go"
	soon resumes_more_than "$before" && wait_end "$CLIENT_PID"
}

# More than the buffer has room for, while it is stopped.
lost()
{
	local instance pid

	watch lost "$client" || return
	pid=${WATCH[lost]}
	instance=$TRACING/instances/wrtcsub-$pid
	echo 4 > "$instance/buffer_size_kb" && kill -STOP "$pid" || return
	awk 'BEGIN { for (i = 0; i < 5000; i++) {
		printf "%100d\n", i; fflush() } }' > "$instance/trace_marker"
	kill -CONT "$pid"
	soon grep -q 'the tracer lost .*events of CPU' \
		"$TMP/lost.error"
}

# Its instance of the tracer goes with it.
ends()
{
	[ -d "$TRACING/instances/wrtcsub-${WATCH[client]}" ] || return
	kill -TERM "${WATCH[client]}"
	wait_end "${WATCH[client]}"
	is status $? 0 || return
	[ ! -e "$TRACING/instances/wrtcsub-${WATCH[client]}" ] || return
	kill -INT "${WATCH[all]}" && wait_end "${WATCH[all]}"
	is status $? 0
}

# Whether it is the header that cannot be printed, or an event.
full_disk()
{
	local pid

	exits 1 sh -c 'exec timeout 20 "$@" > /dev/full' sh \
		ip netns exec "$client" wrtcsub monitor || return
	ip netns exec "$client" wrtcsub monitor -j > /dev/full \
		2> "$TMP/full.error" &
	pid=$!
	PIDS+=("$pid")
	soon is_watching /dev/null "$pid" || return
	server_start "$SERVER4" 1 "cat" && hold f "$SERVER4" 0 || return
	wait_end "$pid"
	is status $? 1 &&
		is messages "$(grep -c 'standard output' "$TMP/full.error")" 1
}

mistakes()
{
	exits 2 at "$client" monitor now && exits 2 at "$client" monitor -x &&
		exits 1 ip netns exec "$client" setpriv --reuid 65534 \
			--clear-groups wrtcsub monitor
}

ktap_print_header
link_setup
link_is_patient || exit
ktap_set_plan 12

ktap_test_result "it says when it begins" monitor_setup
ktap_test_result "a substream is opened, accepted and closed" whole_life
ktap_test_result "-j prints objects" as_json
ktap_test_result "-A tells of all namespaces, else one" everywhere
ktap_test_result "processes may have any name" any_name
ktap_test_result "a substream is reset" reset
ktap_test_result "a FIN_ACK does not come in time" timeout_of_fin
ktap_test_result "an association pauses and goes on" pause
ktap_test_result "events that are lost are told of" lost
ktap_test_result "a signal ends it, and nothing is left" ends
ktap_test_result "a disk that is full is a failure" full_disk
ktap_test_result "mistakes have their exit statuses" mistakes
for name in server json name line lines lost; do
	kill -TERM "${WATCH[$name]}"
	wait_end "${WATCH[$name]}"
done
ktap_finished
