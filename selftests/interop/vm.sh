# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# In the VM: the links, and the root with the peers' software.

HERE=$(dirname "$(readlink -e "${BASH_SOURCE[0]}")")
# shellcheck source=../vm/mount_root.sh
. "$HERE/mount_root.sh"
# SCTP over UDP (RFC 6951), as no peer is on IP itself.
UDP_PORT=9899
LOSSY="delay 25ms reorder 5% loss 1% limit 10000"

# interop PROGRAM ARGS...: a Python program, which enters the namespaces.
interop()
{
	# shellcheck disable=SC2086
	make_link clean && make_link lossy netem $LOSSY && mount_root "$HERE" &&
	cd / && exec chroot "$ROOT" env PYTHONUNBUFFERED=1 \
		ONLY="$ONLY" SHORT="$SHORT" /usr/bin/python3 "/srv/$1" "${@:2}"
}

# make_link NAME [QDISC...]: two namespaces, with this in each direction.
make_link()
{
	local link=$1 netns

	shift
	ip netns add "kernel-$link" && ip netns add "peer-$link" &&
	ip link add name veth netns "kernel-$link" type veth \
		peer name veth netns "peer-$link" || return
	for netns in "kernel-$link" "peer-$link"; do
		ip -n "$netns" link set veth up &&
		ip -n "$netns" link set lo up || return
		[ $# -eq 0 ] ||
			tc -n "$netns" qdisc add dev veth root "$@" || return
	done
	# A peer that gets no processor for a while does not answer either.  A timer
	# that has doubled to a minute meanwhile would be longer than a test waits.
	ip netns exec "kernel-$link" sysctl -qw net.sctp.rto_max=4000 &&
	ip netns exec "kernel-$link" sysctl -qw \
		net.sctp.association_max_retrans=40 || return
	# An end that takes long is no end that fails: the machine may be slow.
	ip netns exec "kernel-$link" sysctl -qw net.sctp.udp_port=$UDP_PORT &&
	ip netns exec "kernel-$link" sysctl -qw \
		net.wrtcsub.fin_ack_timeout_ms=120000
}
