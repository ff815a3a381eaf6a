# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the tests that need two network namespaces: a link between them, a
# server that answers with the SHA-256 sum of what it got, clients of it.

LINK_DIR=$(dirname "$(readlink -e "${BASH_SOURCE[0]}")")
# In a kernel tree, and below the directory where kselftests are installed.
# shellcheck disable=SC1091
. "$LINK_DIR/../lib.sh"
# shellcheck disable=SC1091
. "$LINK_DIR/../../kselftest/ktap_helpers.sh"

PATH=$PATH:$LINK_DIR/../tools
PORT=5000
LIMIT=40	# seconds; a kernel that checks itself is slower
[ -z "$WRTCSUB_DEBUG_KERNEL" ] || LIMIT=200
PIDS=()
# A pipe that nothing comes from.
exec {NOTHING}<> <(:)
# shellcheck disable=SC2034
SERVER4=10.18.0.2 SERVER6=fd18::2

link_cleanup()
{
	local pid

	for pid in "${PIDS[@]}"; do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	cleanup_all_ns
	rm -rf "$TMP"
}

# nap SECONDS: without a process.
nap()
{
	read -r -t "$1" -u "$NOTHING"
	return 0
}

# soon COMMAND...: it succeeds in time; if not, what it said last is shown.
# Unlike busywait, this starts no process of its own and lets the machine rest.
soon()
{
	local end=$((SECONDS + LIMIT)) said=$TMP/said.$BASHPID

	until "$@" > "$said"; do
		if [ $SECONDS -gt $end ]; then
			cat "$said"
			return 1
		fi
		nap 0.05
	done
}

# has FILE TEXT
has()
{
	[[ "$(< "$1")" == *"$2"* ]]
}

# Two namespaces, $client and $server, with a link.
# shellcheck disable=SC2154
link_setup()
{
	if ! type wrtcsub > /dev/null 2>&1; then
		ktap_skip_all "there is no wrtcsub"
		exit "$KSFT_SKIP"
	fi
	TMP=$(mktemp -d) || exit
	trap link_cleanup EXIT
	setup_ns client server || exit
	link_connect || exit
}

# shellcheck disable=SC2154
link_connect()
{
	ip link add name veth netns "$client" type veth \
		peer name veth netns "$server" || return
	link_up "$client" 10.18.0.1 fd18::1 &&
		link_up "$server" "$SERVER4" "$SERVER6"
}

# link_up NS ADDR4 ADDR6
link_up()
{
	ip -n "$1" -batch - <<-END
		addr add $2/24 dev veth
		addr add $3/64 dev veth nodad
		link set veth up
	END
}

# link_netem ARGS...: the same for both directions.
link_netem()
{
	local ns

	for ns in "$client" "$server"; do
		tc -n "$ns" qdisc replace dev veth root netem "$@" \
			limit 10000 || return
	done
}

# link_sysctl NAME=VALUE...: the same at both ends.
link_sysctl()
{
	local ns

	for ns in "$client" "$server"; do
		ip netns exec "$ns" sysctl -qw "$@" || return
	done
}

# The end of a path is seen after some seconds: a machine that stalls for a
# while is none.
link_is_watched()
{
	link_sysctl net.sctp.rto_min=100 net.sctp.rto_initial=100 \
		net.sctp.rto_max=1000 net.sctp.path_max_retrans=2 \
		net.sctp.association_max_retrans=10 net.sctp.hb_interval=200
}

# An association goes only if it is told to, however long it is idle, and a
# machine that stalls for a while is no peer that does not acknowledge.
link_is_patient()
{
	modprobe -q wrtcsub
	link_sysctl net.wrtcsub.idle_timeout_ms=600000 \
		net.wrtcsub.fin_ack_timeout_ms=30000
}

# server_start ADDR COUNT COMMAND: takes COUNT substreams, each for a COMMAND.
# Sets SERVER_PID.
server_start()
{
	local log=$TMP/server

	: > "$log"
	ip netns exec "$server" wrtcsub listen --verbose --max "$2" \
		--exec "$3" "$1" "$PORT" < /dev/null 2> "$log" &
	SERVER_PID=$!
	PIDS+=("$SERVER_PID")
	soon has "$log" 'listening at' && return
	sed 's/^/# server: /' "$log"
	return 1
}

# client_start NAME ADDR: sends the file NAME; the answer goes to NAME.answer.
# Sets CLIENT_PID.
client_start()
{
	ip netns exec "$client" timeout "$LIMIT" \
		wrtcsub connect "$2" "$PORT" < "$TMP/$1" \
		> "$TMP/$1.answer" 2> "$TMP/$1.error" &
	CLIENT_PID=$!
	PIDS+=("$CLIENT_PID")
}

# is_over PID: it has ended, whether or not its parent knows.  bash may not have
# waited for a child while it rests.
is_over()
{
	local state=

	{ read -r state < "/proc/$1/stat"; } 2>/dev/null
	case ${state##*) } in
	'' | Z* | X*) ;;
	*) return 1 ;;
	esac
}

# wait_end PID: its status, but that of a hang if it does not end.
wait_end()
{
	if ! soon is_over "$1"; then
		echo "# process $1 does not end"
		kill -KILL "$1"
		wait "$1" 2>/dev/null
		return 124
	fi
	wait "$1"
}

# count_assocs ADDR: associations of the client to ADDR, by SCTP's own count.
count_assocs()
{
	local addr=${1/::/:0000:0000:0000:0000:0000:0000:000}

	ip netns exec "$client" grep -c "[ *]$addr " /proc/net/sctp/assocs
}

# dialed: how many associations the client has begun so far.
dialed()
{
	ip netns exec "$client" sed -n 's/^AssocsDialed[[:space:]]*//p' \
		/proc/net/wrtcsub_stat
}

# print_counters: those of both ends that are not 0, when something went wrong.
print_counters()
{
	local ns

	for ns in "$client" "$server"; do
		# These are awk's.
		# shellcheck disable=SC2016
		ip netns exec "$ns" awk -v ns="${ns%%-*}" \
			'$2 { print "# " ns ": " $1, $2 }' \
			/proc/net/wrtcsub_stat
	done
}

# transfer ADDR SIZE...: that many files at once, over one association, with
# an answer to each.
transfer()
{
	local addr=$1 i=0 size pids=() nr pid failed=0 want

	shift
	server_start "$addr" $# sha256sum || return
	# One that is there from before is to be used, then none is begun.
	nr=$(count_assocs "$addr")
	nr=$((nr - $(dialed)))
	for size; do
		i=$((i + 1))
		head -c "$size" /dev/urandom > "$TMP/$i"
		client_start "$i" "$addr"
		pids+=("$CLIENT_PID")
	done
	i=0
	for pid in "${pids[@]}"; do
		i=$((i + 1))
		want=$(sha256sum < "$TMP/$i")
		if ! wait "$pid"; then
			echo "# client $i failed: $(cat "$TMP/$i.error")"
			failed=1
		elif [ "$(cat "$TMP/$i.answer")" != "$want" ]; then
			echo "# client $i: $(cat "$TMP/$i.answer") not $want"
			failed=1
		fi
	done
	nr=$((nr + $(dialed)))
	if [ "$nr" -ne 1 ] || [ "$(count_assocs "$addr")" -gt 1 ]; then
		echo "# $nr associations, $(count_assocs "$addr") now"
		failed=1
	fi
	if ! wait_end "$SERVER_PID"; then
		sed 's/^/# server: /' "$TMP/server"
		failed=1
	fi
	[ $failed -eq 0 ] || print_counters
	return $failed
}
