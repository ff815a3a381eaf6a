# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# In the VM: two namespaces with a link, and the root with the peers' software.

HERE=$(dirname "$(readlink -e "${BASH_SOURCE[0]}")")
ROOT=/mnt
# SCTP over UDP (RFC 6951), as no peer is on IP itself.
UDP_PORT=9899

# interop PROGRAM ARGS...: a Python program, in the namespace "kernel".
interop()
{
	make_link && make_root && cd / &&
	exec ip netns exec kernel chroot "$ROOT" env PYTHONUNBUFFERED=1 ONLY="$ONLY" \
		/usr/bin/python3 "/srv/$1" "${@:2}"
}

make_link()
{
	ip netns add kernel && ip netns add peer &&
	ip link add name veth netns kernel type veth \
		peer name veth netns peer &&
	ip -n kernel link set veth up && ip -n peer link set veth up &&
	ip -n kernel link set lo up && ip -n peer link set lo up &&
	ip netns exec kernel sysctl -qw net.sctp.udp_port=$UDP_PORT
}

# Mounted once in the life of the VM.
make_root()
{
	local fs

	[ ! -e "$ROOT/usr/bin/python3" ] || return 0
	modprobe -a 9pnet_virtio virtio_pci &&
	mkdir -p "$ROOT" &&
	mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=512000 \
		root "$ROOT" || return
	for fs in proc dev run tmp; do
		mount --rbind "/$fs" "$ROOT/$fs" || return
	done
	mount -t sysfs sys "$ROOT/sys" &&
	mount --bind "$HERE" "$ROOT/srv"
}
