#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs programs of Debian, as they are, under "wrtcsub run", in the VM.

usage()
{
	cat <<-END
	usage: run.sh [-k KERNEL] [PROGRAM...]
	  -k  6.1 (default), 6.12 or debug
	The programs are $PROGRAMS; all of them if none is named.
	END
}

HERE=$(dirname "$(readlink -f "$0")")
# shellcheck source=../vm/lib.sh
. "$HERE/../vm/lib.sh"
set -e -o pipefail

PROGRAMS="python nginx socat iperf3 redis ssh rsync node go examples"
WORK=/root/programs
KERNEL=6.1

while getopts k:h opt; do
	case $opt in
	k) KERNEL=$OPTARG ;;
	h) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $PROGRAMS

programs=()
for program; do
	[[ " $PROGRAMS " = *" $program "* ]] || { usage >&2; exit 2; }
	programs+=(-t "programs/$program")
done

# go_build DIR NAME OPTION...: in the root, of a single file.
go_build()
{
	in_root env -C "$1" GO111MODULE=off CGO_ENABLED="${CGO:-0}" \
		GOCACHE=/root/.cache/go go build "${@:3}" "$2.go"
}

# rust_build DIR NAME: the compiler finds itself by /proc.
rust_build()
{
	unshare --mount-proc="$ROOT/proc" chroot "$ROOT" env -i -C "$1" \
		PATH=/usr/bin:/bin rustc -D warnings "$2.rs"
}

# What has to be compiled is compiled in the root.
build()
{
	local dir=$WORK/examples name

	lock programs-build
	rm -rf "${ROOT:?}$WORK"
	mkdir -p "$ROOT$WORK"
	cp "$HERE"/*.{go,mjs,py} "$ROOT$WORK"
	cp -r "$TOP/Documentation/examples" "$TOP/include/uapi" "$ROOT$WORK"
	go_build "$WORK" go_server
	# With the C library, and by its linker.
	CGO=1 go_build "$WORK" go_server -o go_server_c -ldflags=-linkmode=external
	for name in server client; do
		go_build "$dir/go" $name
		in_root gcc -Wall -Wextra -Werror -I "$WORK/uapi" \
			-o "$dir/c/$name" "$dir/c/$name.c"
		rust_build "$dir/rust" $name
	done
}

# collect DIR: the tests, as ../vm/run.sh -p wants them.
collect()
{
	local program

	cp -r "$ROOT$WORK" "$1/programs"
	cp "$VM_DIR/mount_root.sh" "$HERE"/*.sh "$1/programs"
	for program in $PROGRAMS; do
		echo "programs/$program.sh"
	done > "$1/tests"
}

"$VM_DIR/setup.sh" mmdebstrap
ROOT=$("$VM_DIR/root.sh" programs "$HERE/packages")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
build
collect "$dir"
"$VM_DIR/run.sh" -k "$KERNEL" -m 2G -T 3600 -l 600 -p "$dir" -r "$ROOT" \
	-v "${programs[@]}"
