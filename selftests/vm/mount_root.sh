# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# In the VM: the root that run.sh -r shares.

ROOT=/mnt

# mount_root SRV: at $ROOT, with the directory SRV in its /srv.  Once in the life
# of the VM.
mount_root()
{
	local fs

	[ ! -e "$ROOT/usr/bin" ] || return 0
	modprobe -a 9pnet_virtio virtio_pci &&
	mkdir -p "$ROOT" &&
	mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=512000 \
		root "$ROOT" || return
	for fs in proc dev run tmp; do
		mount --rbind "/$fs" "$ROOT/$fs" || return
	done
	mount -t sysfs none "$ROOT/sys" &&
	mount --bind "$1" "$ROOT/srv"
}
