# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# In the VM: two namespaces with a link, and the root with the peers' software.

HERE=$(dirname "$(readlink -e "${BASH_SOURCE[0]}")")
# shellcheck source=../vm/mount_root.sh
. "$HERE/mount_root.sh"
# SCTP over UDP (RFC 6951), as no peer is on IP itself.
UDP_PORT=9899

# interop PROGRAM ARGS...: a Python program, in the namespace "kernel".
interop()
{
	make_link && mount_root "$HERE" && cd / &&
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
