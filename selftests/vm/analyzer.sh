#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# analyzer.sh OPTION...
#
# Takes the options of a compiler and prints what clang's static analyzer says
# of the sources among them.  What make expects to be there then is empty.

. "$(dirname "$0")/lib.sh"
trap - ERR

out=
sources=
args=()
while [ $# -gt 0 ]; do
	case $1 in
	-o)
		out=$2
		shift
		;;
	*.[ao] | -l* | -Wp,-M*)
		;;
	*.c | -)
		sources+=" $1"
		;;&
	*)
		args+=("$1")
		;;
	esac
	shift
done
# What only links has none.
[ -z "$sources" ] ||
	"clang$CLANG" --analyze --analyzer-output text "${args[@]}" || exit
[ -z "$out" ] || : > "$out"
