#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wrtcsub run: what stays TCP, what is refused, what is handed over.

# shellcheck source=tool_lib.sh
. "$(dirname "$0")/tool_lib.sh"

# chooses RULE...: choice.c finds what it expects.
chooses()
{
	wrtcsub run "$@" "$LINK_DIR/choice" > "$TMP/choice" 2>&1 && return
	sed 's/^/# /' "$TMP/choice"
	return 1
}

status_of_the_program()
{
	exits 0 wrtcsub run true && exits 1 wrtcsub run false &&
		exits 3 wrtcsub run sh -c 'exit 3' -x &&
		is arguments "$(wrtcsub run echo -n a '' --tcp b)" "a  --tcp b" &&
		is SIGPIPE "$(wrtcsub run grep SigIgn /proc/self/status)" \
			"$(grep SigIgn /proc/self/status)"
}

# refused WHY COMMAND...: it is not run, and the user is told.
refused()
{
	exits 126 "${@:2}" || return
	grep -q "$1" "$TMP/stderr" && return
	cat "$TMP/stderr"
	return 1
}

cannot_be_preloaded()
{
	local nobody=(setpriv --reuid nobody --clear-groups)

	refused "linked statically" wrtcsub run busybox true &&
		exits 0 wrtcsub run --no-preload busybox true &&
		refused "No such file" wrtcsub run /nonsense || return
	echo "#!$(type -P busybox) sh" > "$TMP/script" && chmod +x "$TMP/script" &&
		refused "linked statically" wrtcsub run "$TMP/script" || return
	chmod 755 "$TMP" && cp "$(type -P cat)" "$TMP/cat" &&
		chmod u+s "$TMP/cat" || return
	refused "privileges of its own" "${nobody[@]}" \
		wrtcsub run "$TMP/cat" /dev/null &&
		exits 0 wrtcsub run "$TMP/cat" /dev/null
}

mistakes()
{
	local rule

	for rule in '' : 80 ::1 :80-70 10.0.0.0/33 '[::1' :65536 ':1 :2'; do
		exits 2 wrtcsub run --only "$rule" true || return
	done
	exits 2 wrtcsub run --tcp 80 true && exits 2 wrtcsub run &&
		exits 2 wrtcsub run --odd true &&
		exits 2 wrtcsub run --listen nonsense true &&
		exits 0 wrtcsub run --help
}

# The program sees two listeners, the first of which is at the first port.
handed_over()
{
	local script out

	# These are the script's.
	# shellcheck disable=SC2016
	script='[ "$LISTEN_PID" -eq $$ ] && [ "$LISTEN_FDS" -eq 2 ] &&
		inode=$(readlink /proc/self/fd/3) && [ -e /proc/self/fd/4 ] &&
		[ ! -e /proc/self/fd/5 ] && inode=${inode//[^0-9]/} &&
		wrtcsub show -j -l sport = 5000 | jq -r ".[0].inode == $inode"'
	out=$(ip netns exec "$server" wrtcsub run --no-preload \
		--listen "$SERVER4:5000" --listen "[$SERVER6]:5001" \
		bash -c "$script")
	is "the first listener" "$out" true
}

# No TCP in its place.
no_family()
{
	local rc handler

	handler=$(sysctl -n kernel.modprobe) &&
		sysctl -qw kernel.modprobe=/bin/false &&
		soon modprobe -qr wrtcsub_diag wrtcsub
	rc=$?
	# These are the script's.
	# shellcheck disable=SC2016
	[ $rc -ne 0 ] || ip netns exec "$client" wrtcsub run bash -c '
		! : 2> "$0" <> /dev/tcp/127.0.0.1/9' "$TMP/stderr"
	rc=$?
	sysctl -qw kernel.modprobe="$handler"
	modprobe wrtcsub && [ $rc -eq 0 ] || return
	grep -q "Address family not supported" "$TMP/stderr"
}

ktap_print_header
link_setup
ktap_set_plan 7

ktap_test_result "a program has its arguments and its exit status" \
	status_of_the_program
ktap_test_result "what --tcp names stays TCP" \
	chooses --tcp :6000-6999 --tcp 127.0.0.2
ktap_test_result "what --only does not name, or --tcp does, stays TCP" \
	chooses --only '[::]/0:1-5999' --only :7000 --tcp 127.0.0.2/31:5000
ktap_test_result "what cannot be preloaded is not run" cannot_be_preloaded
ktap_test_result "mistakes have their exit statuses" mistakes
ktap_test_result "listeners are handed over as by systemd" handed_over
ktap_test_result "without the family there are no sockets" no_family
ktap_finished
