#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wrtcsub run: what stays TCP, what is refused, what is handed over.

# shellcheck source=tool_lib.sh
. "$(dirname "$0")/tool_lib.sh"

# finds PROGRAM OPTION...: it finds what it expects.
finds()
{
	wrtcsub run "${@:2}" "$LINK_DIR/$1" > "$TMP/found" 2>&1 && return
	sed 's/^/# /' "$TMP/found"
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

# Nor is it by another program, unless the user has said so.
cannot_be_run()
{
	local run=(wrtcsub run)

	refused "linked statically" "${run[@]}" bash -c 'exec busybox true' &&
		refused "linked statically" "${run[@]}" env busybox true &&
		exits 0 "${run[@]}" env -u LD_PRELOAD busybox true &&
		exits 0 "${run[@]}" --exec-tcp bash -c 'busybox true' &&
		exits 0 "${run[@]}" --exec-tcp env busybox true || return
	# One that is run by that one is on its own.
	refused "linked statically" "${run[@]}" --exec-tcp "${run[@]}" \
		env busybox true
}

# Nor what has another root, or is another user, and does not see the library.
cannot_be_seen()
{
	local nobody=(setpriv --reuid nobody --clear-groups)
	local run=("$TMP/private/wrtcsub" run) tool library

	tool=$(type -P wrtcsub) && library=$(preloaded wrtcsub run) &&
		mkdir "$TMP/root" "$TMP/private" &&
		chmod 755 "$TMP" "$TMP/private" &&
		cp "$(type -P true)" "$TMP/root" &&
		cp "$tool" "${library%%:*}" "$TMP/private" || return
	refused "does not see" wrtcsub run chroot "$TMP/root" /true &&
		exits 127 wrtcsub run chroot "$TMP/root" /nonsense &&
		exits 0 "${run[@]}" "${nobody[@]}" true || return
	chmod 700 "$TMP/private" && exits 0 "${run[@]}" true &&
		refused "does not see" "${run[@]}" "${nobody[@]}" true &&
		exits 0 "${run[@]}" --exec-tcp "${nobody[@]}" true
}

# Nor what has the library where the dynamic linker may not map it.
cannot_be_mapped()
{
	local run=(wrtcsub run) library remount

	library=$(preloaded "${run[@]}") && library=${library%%:*} || return
	# The shell's.  What mounts may be linked statically.
	# shellcheck disable=SC2016
	remount='env -u LD_PRELOAD mount -o bind "$0" "$0" &&
		env -u LD_PRELOAD mount -o remount,bind,noexec "$0" &&
		exec "$@"'
	refused "mounted noexec" unshare -m bash -c "$remount" "$library" \
		"${run[@]}" true &&
		refused "mounted noexec" "${run[@]}" unshare -m bash -c \
			"$remount" "$library" true &&
		exits 0 "${run[@]}" --exec-tcp unshare -m bash -c \
			"$remount" "$library" true
}

# preloaded COMMAND...: what the program that it runs has.
preloaded()
{
	"$@" bash -c "echo -n \"\$LD_PRELOAD\""
}

# The last one says what it is to be.
one_in_another()
{
	local run=(wrtcsub run) library
	# Of the one that runs the tests.
	local -x LD_PRELOAD=

	library=$(preloaded "${run[@]}") &&
		is "preloaded by two" "$(preloaded "${run[@]}" "${run[@]}")" \
			"$library" &&
		is "preloaded by none" \
			"$(preloaded "${run[@]}" "${run[@]}" --no-preload)" "" &&
		exits 0 "${run[@]}" "${run[@]}" --no-preload busybox true || return
	[[ $library = /*/libwrtcsub-run.so ]] &&
		is "with another" \
			"$(LD_PRELOAD=libc.so.6 preloaded "${run[@]}")" \
			"$library:libc.so.6" &&
		is "another alone" "$(LD_PRELOAD=$library:libc.so.6 \
			preloaded "${run[@]}" --no-preload)" libc.so.6
}

mistakes()
{
	local rule addr

	for rule in '' : 80 ::1 :80-70 10.0.0.0/33 '[::1' :65536 ':1 :2'; do
		exits 2 wrtcsub run --only "$rule" true || return
	done
	exits 2 wrtcsub run --tcp 80 true && exits 2 wrtcsub run &&
		exits 2 wrtcsub run --odd true &&
		exits 2 wrtcsub run --listen nonsense true || return
	for addr in '[::1]' '[::1]80' 127.0.0.1: :; do
		exits 2 wrtcsub run --listen "$addr" true &&
			grep -qF "no port: $addr" "$TMP/stderr" || return
	done
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

# No address is any, with a colon before the port as without.
listens_anywhere()
{
	local run=(ip netns exec "$server" wrtcsub run --no-preload) port out

	for port in 5000 :5000; do
		out=$("${run[@]}" --listen $port \
			wrtcsub show -j -l sport = 5000 |
			jq -c '.[] | [.state, .local.address]')
		is "--listen $port" "$out" '["LISTEN","::"]' || return
	done
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
ktap_set_plan 13

ktap_test_result "a program has its arguments and its exit status" \
	status_of_the_program
ktap_test_result "what --tcp names stays TCP" \
	finds choice --tcp :6000-6999 --tcp 127.0.0.2
ktap_test_result "what --only does not name, or --tcp does, stays TCP" \
	finds choice --only '[::]/0:1-5999' --only :7000 --tcp 127.0.0.2/31:5000
ktap_test_result "what cannot be preloaded is not run" cannot_be_preloaded
ktap_test_result "nor is it by a program that is" cannot_be_run
ktap_test_result "nor what would not see the library" cannot_be_seen
ktap_test_result "nor what may not map the library" cannot_be_mapped
ktap_test_result "each call that runs a program knows that" finds exec
ktap_test_result "it can be run by itself" one_in_another
ktap_test_result "mistakes have their exit statuses" mistakes
ktap_test_result "listeners are handed over as by systemd" handed_over
ktap_test_result "they need no address to listen at" listens_anywhere
ktap_test_result "without the family there are no sockets" no_family
ktap_finished
