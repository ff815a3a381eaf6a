#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# consts.sh [check]
#
# Prints socket_wrtcsub.txt.const: the values, on this architecture, of the
# constants that socket_wrtcsub.txt names.  It is what syzkaller's own
# syz-extract makes of it, which wants a kernel tree that has the headers.
#
# check: prints what is wrong with these files instead.  There is a constant
# that has another value, or a name of the headers that the description lacks.

cd "$(dirname "$0")" || exit
HEADERS=../../../include/uapi/linux
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

# What the kernel says, and is never told; and what is only there to count.
TOLD='PF_WRTCSUB|WRTCSUB_(TX|RX|INFO_F)_.*|WRTCSUB_DIAG_(ASSOC|TIMER|PATH)_.*'
TOLD+='|WRTCSUB_DIAG_(LOCAL|PEER)|.*_(UNSPEC|PAD|MAX)'

# Without comments, and what stands behind the $ of a call.
description()
{
	sed 's/#.*//; s/\$[A-Za-z0-9_]*//; /^include/d' socket_wrtcsub.txt
}

# Constants have upper-case names.
names()
{
	grep -oE '\b[A-Z][A-Z0-9]*_?[A-Z0-9_]+\b' | sort -u
}

# A system call's number is a constant, too.  What a definition is made of is
# none, unless it is named elsewhere.
constants()
{
	{
		description | sed -E 's/\[align.*//; s/^(define\s+\w+).*/\1/' |
			names
		sed -nE 's/^([a-z0-9]+)\$.*/__NR_\1/p' socket_wrtcsub.txt
	} | sort -u
}

print()
{
	constants | sed 's/.*/P(&)/' > "$DIR/names"
	description | sed -n 's/^define/#define/p' > "$DIR/definitions"
	cat > "$DIR/consts.c" <<-'END'
	#include <stdint.h>
	#include <stdio.h>
	#include <sys/ioctl.h>
	#include <sys/socket.h>
	#include <sys/syscall.h>
	#include <linux/in.h>
	#include <linux/sctp.h>
	#include <linux/sock_diag.h>
	#include <linux/sockios.h>
	#include <linux/wrtcsub.h>
	#include <linux/wrtcsub_diag.h>
	#include "definitions"

	#ifndef SOL_SCTP
	#define SOL_SCTP 132
	#endif
	#define P(_name) printf(#_name " = %lld\n", (long long)_name);

	int main(void)
	{
	#include "names"
		return 0;
	}
	END
	gcc -I../../../include/uapi -o "$DIR/consts" "$DIR/consts.c" || return
	head -n 1 socket_wrtcsub.txt
	echo "arches = amd64"
	"$DIR/consts"
}

# What the headers define, but for their guards and macros, and enumerate.
defined()
{
	sed -nE -e '/_H$/d' -e 's/^#define\s+([A-Z]\w+)\s.*/\1/p' \
		-e 's/^\t([A-Z]\w+)( = [^,]*)?,.*/\1/p' \
		"$HEADERS/wrtcsub.h" "$HEADERS/wrtcsub_diag.h" | sort -u
}

check()
{
	local name

	print > "$DIR/const" || return
	diff "$DIR/const" socket_wrtcsub.txt.const ||
		echo "socket_wrtcsub.txt.const: run consts.sh"
	description | sed 's/^define\s*\w*//' | names > "$DIR/named"
	for name in $(defined | grep -vxE "$TOLD"); do
		grep -qx "$name" "$DIR/named" ||
			echo "socket_wrtcsub.txt: there is no $name"
	done
}

if [ "$1" = check ]; then
	check > "$DIR/wrong" || exit
	cat "$DIR/wrong"
	[ ! -s "$DIR/wrong" ]
else
	print
fi
