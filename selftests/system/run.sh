#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the module with programs of a Debian system, in the VM.

usage()
{
	cat <<-END
	usage: run.sh [-k KERNEL] bpftrace|deb|ss
	  -k  6.1 (default) or 6.12
	END
}

. "$(dirname "$0")/lib.sh"

KERNEL=6.1

while getopts k:h opt; do
	case $opt in
	k) KERNEL=$OPTARG ;;
	h) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
NAME=$1
[[ $# -eq 1 && " bpftrace deb ss " = *" $NAME "* ]] || { usage >&2; exit 2; }

"$VM_DIR/setup.sh" mmdebstrap
mkdir -p "$CACHE"
work=$(mktemp -d "$CACHE/system.XXXXXX")
trap 'rm -rf "$work"' EXIT

# What build_NAME.sh leaves in these goes to the VM: programs among the tests,
# root as what is shared by 9p.
mkdir -p "$work/programs/system"
cp "$SYSTEM_DIR/$NAME.sh" "$VM_DIR/mount_root.sh" "$work/programs/system"
echo "system/$NAME.sh" > "$work/programs/tests"
"$SYSTEM_DIR/build_$NAME.sh" "$KERNEL" "$work/programs/system" "$work/root"
args=()
[ ! -e "$work/root" ] || args=(-r "$(readlink -e "$work/root")")
"$VM_DIR/run.sh" -k "$KERNEL" -m 2G -T 3600 -l 1500 -p "$work/programs" \
	"${args[@]}" -v -t "system/$NAME"
