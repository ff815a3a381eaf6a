#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Prints socket_wrtcsub.txt.const: the values, on this architecture, of the
# constants that socket_wrtcsub.txt names.  It is what syzkaller's own
# syz-extract makes of it, which wants a kernel tree that has the header.

cd "$(dirname "$0")" || exit
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

# Constants have upper-case names; a system call's number is one, too.
{
	sed 's/#.*//; s/\$[A-Za-z0-9_]*//; s/\[align.*//' socket_wrtcsub.txt |
		grep -v ^include | grep -oE '\b[A-Z][A-Z0-9]*_?[A-Z0-9_]+\b'
	sed -nE 's/^([a-z0-9]+)\$.*/__NR_\1/p' socket_wrtcsub.txt
} | sort -u | sed 's/.*/P(&)/' > "$DIR/names"

cat > "$DIR/consts.c" <<'END'
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/in.h>
#include <linux/sctp.h>
#include <linux/sockios.h>
#include <linux/wrtcsub.h>

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
gcc -I../../../include/uapi -o "$DIR/consts" "$DIR/consts.c" || exit
head -n 1 socket_wrtcsub.txt
echo "arches = amd64"
"$DIR/consts"
