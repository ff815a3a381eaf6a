#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# demo.sh [DIR]
#
# The demonstration: every file of DIR (/files) goes over a slow and lossy link
# from one network namespace to another, all of them at once, each on a
# substream of its own and all substreams on one association.  Then one
# substream carries a request to its end, and the answer back after that.
#
# It prints what was sent and what arrived, and exits with 1 if anything of it
# is not as it should be; fewer than three files are no demonstration.  Without
# DIR, and where there is no /files, it starts a VM and runs there, with files of
# this machine.

DIR=${1:-/files}
DELAY=20ms
LOSS=1%
CLIENT_ADDR=10.18.0.1
SERVER_ADDR=10.18.0.2
PORT=5000
ASK_PORT=5001
LIMIT=240	# seconds that a transfer may take
AT_LEAST=3	# files

here=$(dirname "$(readlink -f "$0")")

if [ $# -eq 0 ] && [ ! -d "$DIR" ]; then
	: "${KERNEL:=6.1}"
	kernel=$("$here/vm/kernel.sh" "$KERNEL") || exit
	exec "$here/vm/run.sh" -k "$KERNEL" -T 600 -f "$kernel/vmlinuz" \
		-f "$(type -P bash)" -f "$(type -P perl)" \
		-c "/selftests/net/wrtcsub/demo.sh /files"
fi

PATH=$PATH:$here/../tools
client=demo-client-$$
server=demo-server-$$
failed=0
started=()
files=()
tmp=$(mktemp -d) || exit
export RECEIVED=$tmp/received

# shellcheck disable=SC2317
cleanup()
{
	local pid

	for pid in "${started[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait
	ip netns del "$client" 2>/dev/null
	ip netns del "$server" 2>/dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT

die()
{
	echo "demo: $*" >&2
	exit 1
}

wrong()
{
	echo "  WRONG: $*"
	failed=1
}

# wait_until SECONDS COMMAND...
wait_until()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# In microseconds.
now()
{
	echo "${EPOCHREALTIME/[.,]/}"
}

seconds()
{
	printf '%d.%03d' $(($1 / 1000000)) $(($1 / 1000 % 1000))
}

milliseconds()
{
	printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
}

sha()
{
	local sum

	sum=$(sha256sum < "$1") && echo "${sum%% *}"
}

# stat_of FILE KEY: from the line that --stats wrote.
stat_of()
{
	local pair line

	read -r line < "$1"
	for pair in $line; do
		[ "${pair%%=*}" != "$2" ] || echo "${pair#*=}"
	done 2>/dev/null
}

# One line for each association, below a heading.
count_assocs()
{
	ip netns exec "$client" cat /proc/net/sctp/assocs 2>/dev/null |
		tail -n +2 | wc -l
}

make_link()
{
	ip netns add "$client" && ip netns add "$server" &&
	ip -n "$client" link set lo up &&
	ip -n "$server" link set lo up &&
	ip link add name veth netns "$client" type veth \
		peer name veth netns "$server" &&
	ip -n "$client" addr add $CLIENT_ADDR/24 dev veth &&
	ip -n "$server" addr add $SERVER_ADDR/24 dev veth &&
	ip -n "$client" link set veth up &&
	ip -n "$server" link set veth up &&
	ip netns exec "$client" tc qdisc add dev veth root \
		netem delay $DELAY loss $LOSS limit 10000 &&
	ip netns exec "$server" tc qdisc add dev veth root \
		netem delay $DELAY loss $LOSS limit 10000
}

# start_server PORT COUNT COMMAND: sets server_pid.
start_server()
{
	local log=$tmp/server.$1

	ip netns exec "$server" wrtcsub listen --verbose --max "$2" \
		--exec "$3" $SERVER_ADDR "$1" < /dev/null 2> "$log" &
	server_pid=$!
	started+=("$server_pid")
	wait_until 60 grep -q 'listening at' "$log" ||
		die "the server did not start: $(cat "$log")"
}

end_server()
{
	wait "$server_pid" ||
		wrong "the server failed: $(cat "$tmp/server.$1")"
}

# send NAME PORT: in the background; sets pid.
send()
{
	ip netns exec "$client" timeout $LIMIT wrtcsub connect \
		--stats="$tmp/stats.$1.$2" $SERVER_ADDR "$2" \
		< "$DIR/$1" > "$tmp/answer.$1.$2" 2> "$tmp/error.$1.$2" &
	pid=$!
	started+=("$pid")
}

# Watches the transfers until the last one is over.  Sets the highest numbers
# seen, of associations and of substreams at once.
watch()
{
	local alive assocs last='' pid

	most_assocs=0
	most_alive=0
	while :; do
		assocs=$(count_assocs)
		alive=0
		for pid; do
			! kill -0 "$pid" 2>/dev/null || alive=$((alive + 1))
		done
		# Idle, it is still there after the last transfer.
		[ "$assocs" -le "$most_assocs" ] || most_assocs=$assocs
		[ $alive -gt 0 ] || break
		[ $alive -le $most_alive ] || most_alive=$alive
		if [ "$alive $assocs" != "$last" ]; then
			printf '  %8s s  files on their way: %d, ' \
				"$(seconds $(($(now) - begin)))" $alive
			printf 'associations: %d\n' "$assocs"
			last="$alive $assocs"
		fi
		sleep 0.1
	done
}

# report NAME PORT SENT RECEIVED
report()
{
	local stats=$tmp/stats.$1.$2 bytes us

	bytes=$(stat_of "$stats" bytes_out)
	us=$(stat_of "$stats" seconds)
	us=$((10#${us/./}))
	printf '\n  %s\n' "$1"
	printf '    bytes         %d\n' "$bytes"
	printf '    time          %s s, %d kB/s\n' "$(seconds $us)" \
		$((bytes * 1000 / (us + 1)))
	printf '    FIN_ACK       %s ms after the FIN\n' \
		"$(milliseconds "$(stat_of "$stats" fin_ack_us)")"
	printf '    substream     stream %d of association %d\n' \
		"$(stat_of "$stats" stream_id)" "$(stat_of "$stats" assoc_id)"
	printf '    SHA-256 here  %s\n' "$3"
	printf '    SHA-256 there %s\n' "$4"
	[ "$bytes" = "$(stat -c %s "$DIR/$1")" ] ||
		wrong "not all bytes were sent"
	[ "$3" = "$4" ] || wrong "the SHA-256 sums differ"
}

# succeeded NAME PORT PID
succeeded()
{
	wait "$3" && [ -s "$tmp/stats.$1.$2" ] && return
	printf '\n  %s\n' "$1"
	wrong "wrtcsub connect failed: $(cat "$tmp/error.$1.$2")"
	return 1
}

# Files are kept under names of no meaning, for nothing but their bytes is sent;
# which is which is told by their sums.
transfer()
{
	local name sum file pids=() ids=() i arrived
	declare -A there

	mkdir "$RECEIVED"
	# shellcheck disable=SC2016
	start_server $PORT ${#files[@]} 'cat > "$(mktemp "$RECEIVED/XXXXXX")"'
	begin=$(now)
	for name in "${files[@]}"; do
		send "$name" $PORT
		pids+=("$pid")
	done
	watch "${pids[@]}"
	end_server $PORT

	for file in "$RECEIVED"/*; do
		[ -f "$file" ] || continue
		sum=$(sha "$file")
		there[$sum]=$((${there[$sum]:-0} + 1))
	done
	for i in "${!files[@]}"; do
		name=${files[i]}
		succeeded "$name" $PORT "${pids[i]}" || continue
		sum=$(sha "$DIR/$name")
		arrived="(none of those that arrived)"
		if [ "${there[$sum]:-0}" -gt 0 ]; then
			there[$sum]=$((there[$sum] - 1))
			arrived=$sum
		fi
		report "$name" $PORT "$sum" "$arrived"
		ids+=("$(stat_of "$tmp/stats.$name.$PORT" assoc_id)")
	done

	printf '\n  associations: %d; files on their way at once: %d\n' \
		"$most_assocs" "$most_alive"
	[ "$most_assocs" -eq 1 ] || wrong "it should be one association"
	[ "$most_alive" -eq ${#files[@]} ] ||
		wrong "it should be ${#files[@]} files at once"
	[ "$(printf '%s\n' "${ids[@]}" | sort -u | wc -l)" -eq 1 ] ||
		wrong "the substreams name different associations: ${ids[*]}"
}

# The smallest file is the request.
ask()
{
	local name sum answer

	name=$(cd "$DIR" && stat -c '%s %n' -- "${files[@]}" | sort -n |
		head -n 1 | cut -d ' ' -f 2-)
	start_server $ASK_PORT 1 sha256sum
	send "$name" $ASK_PORT
	succeeded "$name" $ASK_PORT "$pid" || return
	end_server $ASK_PORT
	sum=$(sha "$DIR/$name")
	read -r answer _ < "$tmp/answer.$name.$ASK_PORT"
	report "$name" $ASK_PORT "$sum" "${answer:-(no answer)}"
}

[ "$(id -u)" -eq 0 ] || die "only root can make network namespaces"
type wrtcsub > /dev/null 2>&1 || die "there is no wrtcsub: make tools"
for file in "$DIR"/*; do
	[ ! -f "$file" ] || files+=("$(basename "$file")")
done
[ ${#files[@]} -ge $AT_LEAST ] ||
	die "$DIR has ${#files[@]} files, not $AT_LEAST or more"
make_link || die "cannot make two namespaces and a link"

cat <<END
Two network namespaces, $CLIENT_ADDR and $SERVER_ADDR; their link delays
packets by ${DELAY/ms/ ms} and loses ${LOSS/\%/ %} of them, in each direction.
Linux $(uname -r).

1. ${#files[@]} files at once, each on a substream; every substream ends with an
   acknowledged shutdown.

END
transfer
cat <<END

2. A request and its answer: the client shuts down its sending half after
   the file, the server (sha256sum) reads to that end and answers, and the
   client reads the answer to its end.
END
ask
echo
if [ $failed -ne 0 ]; then
	echo "demo: FAILED"
	exit 1
fi
echo "demo: all files arrived, all ends were acknowledged"
