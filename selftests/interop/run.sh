#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the module against the SCTP stacks of others, in the VM.

usage()
{
	cat <<-END
	usage: run.sh [-k KERNEL] [-s] [-o REGEX | -w] [STACK...]
	  -k  6.1 (default), 6.12 or debug
	  -s  all cases, but less to carry for js-libp2p and aiortc, and
	      where the kernel dials
	  -o  only the cases whose name matches
	  -w  if all is well, run ../replay_* as well, and write the results
	      into results/KERNEL and into the documentation
	The stacks are $STACKS; all of them if none is named.
	END
}

. "$(dirname "$0")/lib.sh"

STACKS="usrsctp pion aiortc js_libp2p"
KERNEL=6.1
ONLY=
SHORT=
WRITE=

while getopts k:o:swh opt; do
	case $opt in
	k) KERNEL=$OPTARG ;;
	o) ONLY=$OPTARG ;;
	s) SHORT=1 ;;
	w) WRITE=1 ;;
	h) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ -z "$ONLY$SHORT" ] || [ -z "$WRITE" ] || { usage >&2; exit 2; }
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $STACKS

programs=()
for stack; do
	[[ " $STACKS " = *" $stack "* ]] || { usage >&2; exit 2; }
	programs+=(-t "interop/$stack")
done

table()
{
	"$INTEROP_DIR/table.py" "$@"
}

# Node.js brings an npm of its own where it does not come from Debian.
packages=(mmdebstrap)
type -P npm > /dev/null || packages+=(npm)
"$VM_DIR/setup.sh" "${packages[@]}"
root=$("$VM_DIR/root.sh" interop "$INTEROP_DIR/packages" "$INTEROP_DIR/npm")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$INTEROP_DIR/build.sh" "$root" "$dir"
"$VM_DIR/run.sh" -k "$KERNEL" -m 2G -T 5400 -l 3000 -p "$dir" -r "$root" \
	-e "ONLY=$ONLY" -e "SHORT=$SHORT" -v "${programs[@]}"

log=$BUILD/log/$KERNEL
if [ -n "$WRITE" ]; then
	table record "$KERNEL" "$log"
	"$VM_DIR/run.sh" -k "$KERNEL" -t 'replay_*'
	table record "$KERNEL" "$log"
	table write
elif [ -z "$ONLY" ]; then
	say "are these the cases of results/$KERNEL?"
	table compare "$KERNEL" "$log"
fi
