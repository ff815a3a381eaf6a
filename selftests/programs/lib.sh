# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the programs: a server and clients in namespaces of their own, in
# the root with Debian's packages, and what has to be true of all of them.

HERE=$(dirname "$(readlink -e "${BASH_SOURCE[0]}")")
# shellcheck source=../tool_lib.sh
. "$HERE/../tool_lib.sh"
# shellcheck source=../vm/mount_root.sh
. "$HERE/mount_root.sh"

LIMIT=120	# seconds

# programs_setup: the link, the root, and this tool in it.
# shellcheck disable=SC2154
programs_setup()
{
	local ns

	link_setup
	chmod 755 "$TMP"
	# What was shared once is shared as long as the test lasts.
	for ns in "$client" "$server"; do
		ip -n "$ns" link set lo up &&
		ip netns exec "$ns" sysctl -qw \
			net.wrtcsub.idle_timeout_ms=600000 || exit
	done
	install -t "$HERE/bin" -D "$(type -P wrtcsub)" \
		/usr/lib/wrtcsub/libwrtcsub-run.so &&
	mount_root "$HERE" || exit
}

# How a command is run in the root.
IN_ROOT=(chroot "$ROOT" env -i HOME=/tmp LC_ALL=C.UTF-8
	PATH=/srv/bin:/usr/sbin:/usr/bin:/sbin:/bin)

# in_root NS COMMAND...
in_root()
{
	ip netns exec "$1" "${IN_ROOT[@]}" "${@:2}"
}

# start PORT COMMAND...: a server; its log is $SERVER_LOG.  Sets SERVER_PID,
# which is its own: a function would be a shell of which it is a child.
start()
{
	SERVER_LOG=$TMP/server-$1
	ip netns exec "$server" "${IN_ROOT[@]}" "${@:2}" \
		< /dev/null > "$SERVER_LOG" 2>&1 &
	SERVER_PID=$!
	PIDS+=("$SERVER_PID")
	busywait $((LIMIT * 1000)) is_served "$1" > /dev/null && return
	sed 's/^/# server: /' "$SERVER_LOG"
	return 1
}

# serve PORT COMMAND...: a server that was written for TCP.
serve()
{
	start "$1" wrtcsub run "${@:2}"
}

is_served()
{
	[ "$(count "$server" -l sport = "$1")" -gt 0 ]
}

# ask COMMAND...: a client; what it says on standard error is for people.
ask()
{
	in_root "$client" timeout "$LIMIT" wrtcsub run "$@" \
		2> "$TMP/client" && return
	echo "# status $?: $*"
	sed 's/^/# client: /' "$TMP/client"
	tail -n 20 "$SERVER_LOG" | sed 's/^/# server: /'
	print_counters
	return 1
}

# make_files DIR SIZE...: random files 1, 2, ..., and SUMS of them.
make_files()
{
	local i=0 size

	mkdir -p "$1" && cd "$1" || return
	for size in "${@:2}"; do
		i=$((i + 1))
		head -c "$size" /dev/urandom > $i
	done
	# Theirs, not these.
	# shellcheck disable=SC2035
	sha256sum * > ../SUMS && mv ../SUMS .
	cd - > /dev/null || return
}

# are_whole DIR SUMS
are_whole()
{
	(cd "$1" && sha256sum --quiet --strict -c "$2")
}

# stat_of NS NAME
stat_of()
{
	# This is awk's.
	# shellcheck disable=SC2016
	ip netns exec "$1" awk -v name="$2" '$1 == name { print $2 }' \
		/proc/net/wrtcsub_stat
}

# opens LEAST MOST COMMAND...: it does its work, with as many connections.  A
# client that opened one for each request would have more.
opens()
{
	local opened

	opened=$(stat_of "$client" Opened)
	"${@:3}" || return
	opened=$(($(stat_of "$client" Opened) - opened))
	echo "# $opened connections"
	[ "$opened" -ge "$1" ] && [ "$opened" -le "$2" ] && return
	echo "# not $1 to $2"
	return 1
}

# wrk_load CONNECTIONS URL: wrk keeps them busy, with many requests on each.  It
# has had one more, to see whether there is a server.
wrk_load()
{
	local requests

	ask wrk -t 2 -c "$1" -d 5s --timeout 60s "$2" > "$TMP/wrk" || return
	sed 's/^/# /' "$TMP/wrk"
	! grep -qE 'Socket errors|Non-2xx' "$TMP/wrk" || return
	requests=$(awk '/ requests in / { print $1 }' "$TMP/wrk")
	[ "$requests" -ge $((2 * $1)) ]
}

# shared N LEAST [OWN]: so far the client has dialled N associations, for at least
# so many connections, the server OWN to itself, and nothing has ever been TCP.
shared()
{
	local ns opened

	is "associations dialled" "$(stat_of "$client" AssocsDialed)" "$1" &&
		is "associations of its own" \
			"$(stat_of "$server" AssocsDialed)" "${3:-0}" &&
		is "associations accepted" \
			"$(stat_of "$server" AssocsAccepted)" \
			$(($1 + ${3:-0})) || return
	opened=$(stat_of "$client" Opened)
	echo "# $opened connections, $1 associations"
	if [ "$opened" -lt "$2" ]; then
		echo "# that is less than $2"
		return 1
	fi
	for ns in "$client" "$server"; do
		# These are awk's.
		# shellcheck disable=SC2016
		is "TCP in $ns" "$(ip netns exec "$ns" awk '
			/^Tcp:/ && n++ { print $6, $7 }' /proc/net/snmp)" \
			"0 0" || return
	done
}
