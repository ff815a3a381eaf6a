#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The Debian packages, installed in a root: what they brought is all there, and
# it works.

HERE=$(dirname "$(readlink -e "$0")")
# shellcheck source=../tool_lib.sh
. "$HERE/../tool_lib.sh"
# shellcheck source=../vm/mount_root.sh
. "$HERE/mount_root.sh"

EXAMPLES=$ROOT/usr/share/doc/wrtcsub-tools/examples
COMPLETION=/usr/share/bash-completion/completions/wrtcsub

in_root()
{
	chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C.UTF-8 "$@"
}

# The one that was loaded before is that of the VM's own root.
unload()
{
	modprobe -r wrtcsub_diag wrtcsub && [ ! -e /sys/module/wrtcsub ]
}

srcversion()
{
	in_root modinfo -F srcversion "$1"
}

# By the example for modules-load.d.
load()
{
	local module

	while read -r module; do
		[[ "$(in_root modinfo -n "$module")" = */updates/dkms/* ]] &&
			in_root modprobe "$module" || return
		is "$module" "$(cat "/sys/module/$module/srcversion")" \
			"$(srcversion "$module")" || return
	done < <(grep -v '^#' "$EXAMPLES/modules-load.conf")
}

# The example for sysctl.d: each name is there, with its default.
settings()
{
	local name value seen=0

	while read -r name _ value; do
		is "$name" "$(ip netns exec "$client" sysctl -n "$name")" \
			"$value" || return
		seen=$((seen + 1))
	done < <(sed -n 's/^#\(net\.\)/\1/p' "$EXAMPLES/sysctl.conf")
	is settings "$seen" \
		"$(find /proc/sys/net/wrtcsub -type f | wc -l)"
}

in_ns()
{
	ip netns exec "$1" chroot "$ROOT" "${@:2}"
}

# A file, with the tool of the package at both ends; link_setup sets the names.
# shellcheck disable=SC2154
move_file()
{
	head -c 300000 /dev/urandom > "$TMP/file"
	in_ns "$server" wrtcsub listen --verbose --recv-only "$SERVER4" 5000 \
		> "$TMP/copy" 2> "$TMP/listen" &
	SERVER_PID=$!
	PIDS+=("$SERVER_PID")
	busywait $((LIMIT * 1000)) grep -q 'listening at' "$TMP/listen" || return
	in_ns "$client" wrtcsub connect "$SERVER4" 5000 < "$TMP/file" || return
	wait_end "$SERVER_PID" && cmp "$TMP/file" "$TMP/copy"
}

lists_it()
{
	server_start "$SERVER4" 1 "exec sleep 1000" && hold a "$SERVER4" 0 &&
		will_list 1 "$client" state established || return
	is listed "$(in_ns "$client" wrtcsub show -Hn | wc -l)" 1
}

manuals()
{
	local page

	for page in man7/wrtcsub.7 man8/wrtcsub.8; do
		[ -s "$ROOT/usr/share/man/$page.gz" ] ||
			[ -s "$ROOT/usr/share/man/$page" ] ||
			{ echo "# no $page"; return 1; }
	done
}

# complete WORD...: what the last one may become.
complete_words()
{
	# shellcheck disable=SC2016
	in_root bash -c '. '$COMPLETION'
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wrtcsub
		echo "${COMPREPLY[*]}"' bash wrtcsub "$@"
}

completes()
{
	is command "$(complete_words li)" listen &&
		is option "$(complete_words listen --ke)" --keep-open &&
		is option "$(complete_words show --ext)" --extended &&
		is filter "$(complete_words show sp)" sport &&
		is state "$(complete_words show state estab)" established &&
		is state "$(complete_words show assoc state conn)" connecting
}

# A program that has only what the package for developers brings.
headers()
{
	local cflags

	printf '%s\n' '#include <linux/wrtcsub.h>' \
		'#include <linux/wrtcsub_diag.h>' \
		'int main(void) { return AF_WRTCSUB != 18 ||' \
		'sizeof(struct wrtcsub_diag_req) != 24; }' > "$TMP/a.c"
	cflags=$(in_root pkg-config --cflags wrtcsub) || return
	is version "$(in_root pkg-config --modversion wrtcsub)" \
		"$(in_root wrtcsub --version | awk '{ print $NF }')" || return
	# shellcheck disable=SC2086
	in_root gcc $cflags -o "$TMP/a" "$TMP/a.c" && in_root "$TMP/a"
}

ktap_print_header
mount_root "$HERE" || exit
link_setup
ktap_set_plan 9

ktap_test_result "the module of the test machine is unloaded" unload
ktap_test_result "modprobe loads what DKMS has built" load
cleanup_all_ns
link_setup
ktap_test_result "the settings of the example are the defaults" settings
ktap_test_result "a file is moved" move_file
ktap_test_result "wrtcsub show lists a substream" lists_it
ktap_test_result "manual pages are there" manuals
ktap_test_result "bash completes commands, options and filters" completes
ktap_test_result "a program is compiled with the headers" headers
ktap_test_result "it can be unloaded" true
ktap_finished
