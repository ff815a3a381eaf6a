#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Makes a QEMU ready and prints its command, a word in each line.
#
# It is the machine's own, unless that is older than 8.1, as Debian 12's is: the
# translator of 7.2 breaks a kernel now and then.  What was seen: CPUs that met
# the breakpoint of a static key for ever, after the kernel had removed it; one
# that died of it; and one that had garbage in its flags behind a "cmpxchg16b",
# and got a double fault by the next interrupt.  Then it is that of the
# backports, unpacked but not installed; the libraries that it needs are those
# that the older one needs.

. "$(dirname "$0")/lib.sh"
set -e -o pipefail

OLDEST=8.1
PROGRAM=qemu-system-x86_64
DIR=$CACHE/qemu

version()
{
	"$1" --version 2>/dev/null |
		sed -nE '1s/.* version ([0-9]+(\.[0-9]+)*).*/\1/p'
}

if dpkg --compare-versions "$(version $PROGRAM)" ge $OLDEST; then
	echo $PROGRAM
	exit
fi

lock qemu
if [ ! -d "$DIR" ]; then
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")-backports
	say "getting QEMU from $suite"
	apt_use "$suite"
	rm -rf "$DIR.new"
	apt_unpack "$DIR.new" qemu-system-x86 qemu-system-data seabios
	dpkg --compare-versions "$(version "$DIR.new/usr/bin/$PROGRAM")" \
		ge $OLDEST || die "that QEMU does not run here"
	mv "$DIR.new" "$DIR"
fi
printf '%s\n' "$DIR/usr/bin/$PROGRAM" -L "$DIR/usr/share/qemu" \
	-L "$DIR/usr/share/seabios"
