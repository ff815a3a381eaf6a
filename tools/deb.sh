#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the Debian packages in the cache, of a copy of the tree, and prints the
# directory they are in.

. "$(dirname "$0")/../selftests/vm/lib.sh"
set -e -o pipefail

DIR=$BUILD/deb
PARTS="Kbuild Makefile COPYING net include tools Documentation"

copy_tree()
{
	mkdir -p "$DIR/source"
	# shellcheck disable=SC2086
	(cd "$TOP" && rsync -a --exclude='*.o' --exclude='*.d' --exclude='*.ko' \
		--exclude='*.mod*' --exclude='.*' --exclude=modules.order \
		--exclude=Module.symvers --exclude=/tools/wrtcsub \
		--exclude='*.so' \
		$PARTS "$DIR/source")
	cp -r "$TOP/tools/debian" "$DIR/source"
}

build()
{
	cd "$DIR/source" &&
	dpkg-buildpackage -b -us -uc &&
		lintian --fail-on error,warning,info --allow-root \
			--display-info ../*.changes
}

"$VM_DIR/setup.sh" debhelper dh-dkms dpkg-dev lintian
lock "deb-$(basename "$BUILD")"
rm -rf "$DIR"
copy_tree
if ! (build) > "$DIR/log" 2>&1; then
	cat "$DIR/log" >&2
	die "the packages do not build, or lintian found something"
fi
say "lintian has nothing to say of $(cd "$DIR" && echo *.deb)"
echo "$DIR"
