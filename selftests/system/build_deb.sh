#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build_deb.sh KERNEL DIR ROOT
#
# Makes ROOT: Debian with DKMS and the headers of KERNEL, and with our packages
# installed, whose module DKMS builds meanwhile.  It is compiled here, as that
# would take the VM an hour, but against nothing of this machine.

. "$(dirname "$0")/lib.sh"

KERNEL=$1
ROOT=$3

kernel=$("$VM_DIR/kernel.sh" "$KERNEL")
debs=$("$TOP/tools/deb.sh")
base=$("$VM_DIR/root.sh" deb "$SYSTEM_DIR/deb.packages")

cp -a "$base" "$ROOT"
# Drivers and such are many, and of no use.
rsync -a "$kernel/root/usr" "$ROOT"
rsync -a --exclude='/*/kernel/drivers' --exclude='/*/kernel/fs' \
	--exclude='/*/kernel/sound' "$kernel/root/lib/modules" "$ROOT/usr/lib"
cp "$debs"/*.deb "$ROOT/tmp"
# The root is made without manuals and the like of others; ours are looked for.
if ! in_root sh -c 'exec dpkg --path-include="*" -i /tmp/*.deb' \
     > "$ROOT/tmp/log" 2>&1; then
	cat "$ROOT/tmp/log" "$ROOT"/var/lib/dkms/wrtcsub/*/build/make.log >&2 ||
		true
	die "the packages cannot be installed"
fi
# It goes on in the VM; this tells what was done here.
in_root dkms status >&2
rm "$ROOT"/tmp/*
