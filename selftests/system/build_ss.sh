#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build_ss.sh KERNEL DIR
#
# Builds Debian's iproute2 with our patch, and puts its ss into DIR.

. "$(dirname "$0")/lib.sh"

DIR=$2
PATCH=$TOP/tools/iproute2/ss-wrtcsub.patch

"$VM_DIR/setup.sh" dpkg-dev patch
lock iproute2
if ! compgen -G "$CACHE/iproute2/*.dsc" > /dev/null; then
	apt_source bookworm "$CACHE/iproute2.new" iproute2
	rm -rf "$CACHE/iproute2"
	mv "$CACHE/iproute2.new" "$CACHE/iproute2"
fi
src=$DIR/build/iproute2
mkdir "$DIR/build"
dpkg-source --no-check -x "$CACHE"/iproute2/*.dsc "$src" > /dev/null
patch -s -p1 -d "$src" < "$PATCH"
cp "$TOP"/include/uapi/linux/*.h "$src/include/uapi/linux"
if ! (cd "$src" && ./configure && make SUBDIRS="lib misc" \
      CCOPTS="-O2 -Werror") > "$DIR/build/log" 2>&1; then
	cat "$DIR/build/log" >&2
	die "iproute2 does not build"
fi
mv "$src/misc/ss" "$DIR"
rm -rf "$DIR/build"
