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

PACKAGES=(wrtcsub-dkms wrtcsub-tools libwrtcsub-dev)
EXAMPLES=$ROOT/usr/share/doc/wrtcsub-tools/examples
COMPLETION=/usr/share/bash-completion/completions/wrtcsub

in_root()
{
	chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C.UTF-8 "$@"
}

# Nothing that a package brings is missing, or another than was packed.
complete()
{
	local said

	said=$(in_root dpkg --verify "${PACKAGES[@]}" 2>&1) && [ -z "$said" ] &&
		return
	echo "# ${said//$'\n'/$'\n# '}"
	return 1
}

# unload COMMAND...: by that modprobe.
unload()
{
	[ -e /sys/module/wrtcsub ] &&
		"$@" modprobe -r wrtcsub_diag wrtcsub 2>&1 &&
		[ ! -e /sys/module/wrtcsub ]
}

# By the example for modules-load.d.
load()
{
	local modules module file

	mapfile -t modules < <(grep -v '^#' "$EXAMPLES/modules-load.conf")
	is modules "${modules[*]}" "wrtcsub wrtcsub_diag" || return
	for module in "${modules[@]}"; do
		file=$(in_root modinfo -n "$module") || return
		is directory "${file%/*}" \
			"/lib/modules/$(uname -r)/updates/dkms" &&
			in_root modprobe "$module" || return
		is_loaded "$module" "$file" || return
	done
}

# is_loaded MODULE FILE: by the identity of what was linked, for there is one of
# the same source in the test machine.
is_loaded()
{
	local section=.note.gnu.build-id

	in_root objcopy -O binary -j "$section" "$2" "$TMP/$1" &&
		[ -s "$TMP/$1" ] &&
		cmp "$TMP/$1" "/sys/module/$1/notes/$section"
}

# The example for sysctl.d: it has each name that there is, with its default.
# link_setup sets the name of the namespace.
# shellcheck disable=SC2154
settings()
{
	local name value names=()

	while read -r name _ value; do
		is "$name" "$(ip netns exec "$client" sysctl -n "$name")" \
			"$value" || return
		names+=("$name")
	done < <(sed -n 's/^#\(net\.\)/\1/p' "$EXAMPLES/sysctl.conf")
	[ ${#names[@]} -gt 0 ] || { echo "# no example"; return 1; }
	diff <(printf '%s\n' "${names[@]}" | sort) <(
		ip netns exec "$client" sysctl -aN -r '^net\.wrtcsub\.' | sort)
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
	: > "$TMP/listen"
	in_ns "$server" wrtcsub listen --verbose --recv-only "$SERVER4" 5000 \
		> "$TMP/copy" 2> "$TMP/listen" &
	SERVER_PID=$!
	PIDS+=("$SERVER_PID")
	soon has "$TMP/listen" 'listening at' || return
	in_ns "$client" wrtcsub connect "$SERVER4" 5000 < "$TMP/file" || return
	wait_end "$SERVER_PID" && cmp "$TMP/file" "$TMP/copy"
}

lists_it()
{
	server_start "$SERVER4" 1 "exec cat" && hold a "$SERVER4" 0 &&
		will_list 1 "$client" state established || return
	is listed "$(in_ns "$client" wrtcsub show -Hn | wc -l)" 1 || return
	# Both ends come to theirs, so the module is not in use any more.
	let_go a
	wait_end "$CLIENT_PID" && wait_end "$SERVER_PID"
}

manuals()
{
	local page

	for page in man7/wrtcsub.7 man8/wrtcsub.8 man8/wrtcsub-run.8; do
		in_root zcat "/usr/share/man/$page.gz" | grep -q '^\.Sh NAME' ||
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
		is option "$(complete_words connect --ipv4)" --ipv4 &&
		is filter "$(complete_words show sp)" sport &&
		is filter "$(complete_words kill dport 5000 or dp)" dport &&
		is state "$(complete_words show state estab)" established &&
		is state "$(complete_words kill exclude listen)" listening &&
		is state "$(complete_words show assoc state conn)" connecting &&
		is state "$(complete_words show assoc 7 state estab)" \
			established &&
		is nothing "$(complete_words nonsense -- 2>&1)" ""
}

# each_word WORD...: what the last one may become, and each only once.
each_word()
{
	complete_words "$@" | tr ' ' '\n' | sort -u | xargs
}

# The program and what is behind it are not ours to complete.
completes_run()
{
	local options="--exec-tcp --help --listen --no-preload --only --tcp"
	local words

	is option "$(complete_words run --no)" --no-preload || return
	is options "$(each_word run -n --)" "$options" || return
	for words in "" "-n" "-nl 80" "--listen = 80" "-t : 80" "-x --" \
		     "-n --tcp 10.0.0.0/8 : 80-90" "-o [ :: 1] : 80 -x"; do
		# shellcheck disable=SC2086
		is program "$(each_word run $words sha224s)" sha224sum &&
			is nothing "$(each_word run $words sha224sum --)" "" ||
			return
	done
	is nothing "$(each_word run -t sha224s)" "" &&
		is nothing "$(each_word run -t 10.0.0.1 : sha224s)" ""
}

# A program that has only what the package for developers brings.
headers()
{
	local cflags dir=$TMP/headers

	mkdir "$dir" || return
	cat > "$dir/program.c" <<-END
		#include <linux/wrtcsub.h>
		#include <linux/wrtcsub_diag.h>
		#include <sys/socket.h>

		int main(void)
		{
			return sizeof(struct wrtcsub_diag_req) != 24 ||
			       socket(AF_WRTCSUB, SOCK_STREAM, 0) < 0;
		}
	END
	cflags=$(in_root pkg-config --cflags wrtcsub) || return
	is version "$(in_root pkg-config --modversion wrtcsub)" \
		"$(in_root wrtcsub --version | awk '{ print $NF }')" || return
	# shellcheck disable=SC2086
	in_root gcc -Wall -Werror $cflags -o "$dir/program" "$dir/program.c" &&
		in_root "$dir/program"
}

ktap_print_header
mount_root "$HERE" || exit
link_setup
ktap_set_plan 11

ktap_test_result "nothing of the packages is missing" complete
ktap_test_result "the module of the test machine is unloaded" unload
ktap_test_result "modprobe loads what DKMS has built" load
ktap_test_result "the settings of the example are the defaults" settings
ktap_test_result "a file is moved" move_file
ktap_test_result "wrtcsub show lists a substream" lists_it
ktap_test_result "manual pages are there" manuals
ktap_test_result "bash completes commands, options and filters" completes
ktap_test_result "bash completes what is to be run" completes_run
ktap_test_result "a program is compiled with the headers" headers
# Sockets are freed a little later than they are closed.
ktap_test_result "it can be unloaded" soon unload in_root
ktap_finished
