# SPDX-License-Identifier: GPL-2.0
"""What is pion's own: INIT, and how go-libp2p reads."""

import os

import net
import stack
import sub
from relay import Relay
from session import Session
from wait import until

# What bufio.NewReader takes at once.
GO_BUFFER = 4096


def init_as_it_is(argv):
    """Return: what connect says, and the peer."""
    local, remote = net.addresses()
    peer = Relay(argv + ["-local", f"{remote}:{net.UDP_PORT}",
                         "-remote", f"{local}:{net.UDP_PORT}", "-listen"])
    try:
        sub.connect(local, remote, net.SCTP_PORT, net.UDP_PORT,
                    sub.INITIATOR).close()
        seen = "a substream"
    except OSError as e:
        seen = sub.error_name(e)
    peer.end()
    return seen


def go_reads(session):
    """Frames of all sizes, by default: go-libp2p reads everything."""
    sock, channel = session.open()
    for size in (*stack.SIZES, GO_BUFFER - 6, GO_BUFFER - 5, GO_BUFFER):
        data = os.urandom(size)
        sock.sendall(data)
        got, _ = channel.read(size)
        assert got == data
    stack.finish((sock, channel))


def go_cannot_read(session):
    """One message of more than bufio has room for."""
    sock, _ = session.open()
    sub.set_option(sock, sub.FRAME_SPLIT, 0)
    sock.sendall(bytes(2 * GO_BUFFER))
    until(lambda: session.peer.errors, "an error")
    sock.close()
    return session.peer.errors[0].split(": ")[-1]


def run(results, argv):
    net.impatient(True)
    results.run(net.KERNEL, "the kernel's INIT as it is: connect",
                init_as_it_is, argv)
    net.impatient(False)
    results.run_on(lambda: Session(argv + ["-go"], net.PEER), net.PEER, [
        ("go-libp2p's reader, frames of all sizes", go_reads),
        ("go-libp2p's reader, WRTCSUB_FRAME_SPLIT 0", go_cannot_read),
    ])
