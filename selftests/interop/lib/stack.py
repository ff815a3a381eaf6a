# SPDX-License-Identifier: GPL-2.0
"""What is asked of each SCTP stack, dialling and being dialled."""

import os
import socket
import struct

import bulk
import frame as fr
import net
import sub
from session import Session

SIZES = 1, 125, 126, 1200, 16379, 65536
LIMIT_FRAME = 16384
MIB = 1 << 20


def acked(*pairs):
    """The peer acknowledges the kernel's FIN."""
    for sock, _ in pairs:
        assert sub.finish_begin(sock)
    for _, channel in pairs:
        channel.expect(fr.FIN)
        channel.send_frame(flag=fr.FIN_ACK)
    for sock, _ in pairs:
        seen = sub.finish(sock)
        assert seen == "0", seen


def finish(*pairs):
    """Both sides end, the kernel's first; each step for all at once."""
    acked(*pairs)
    for _, channel in pairs:
        channel.send_frame(flag=fr.FIN)
    for sock, channel in pairs:
        channel.expect(fr.FIN_ACK)
        assert sub.read_end(sock) == "0"
    for sock, channel in pairs:
        channel.wait_closed()
        sock.close()


def echo(session, opener=None):
    sock, channel = session.open(opener)
    for size in SIZES:
        data = os.urandom(size)
        sock.sendall(data)
        got, _ = channel.read(size)
        assert got == data
        channel.send_data(data)
        assert sub.read_exactly(sock, size) == data
    finish((sock, channel))
    return "even" if channel.sid % 2 == 0 else "odd"


def largest_frame(session):
    """The shape of the kernel's largest frame, as the peer sees it."""
    sock, channel = session.open()
    data = os.urandom(LIMIT_FRAME - 5)
    sock.sendall(data)
    got, frames = channel.read(len(data))
    assert got == data
    finish((sock, channel))
    return " then ".join(
        f"{frame.size} bytes in messages of "
        + "+".join(str(n) for n in frame.messages) for frame in frames)


def one_message(session):
    sock, channel = session.open()
    data = os.urandom(16384)
    channel.send_frame(data, split=False)
    assert sub.read_exactly(sock, len(data)) == data
    finish((sock, channel))


def kernel_first(session):
    sock, channel = session.open()
    sock.sendall(b"abc")
    assert sub.finish_begin(sock)
    assert channel.read(3)[0] == b"abc"
    channel.expect(fr.FIN)
    channel.send_frame(flag=fr.FIN_ACK)
    assert sub.finish(sock) == "0"
    channel.send_frame(b"defg")
    channel.send_frame(flag=fr.FIN)
    channel.expect(fr.FIN_ACK)
    assert sub.read_exactly(sock, 4) == b"defg"
    assert sub.read_end(sock) == "0"
    channel.wait_closed()
    sock.close()


def peer_first(session):
    sock, channel = session.open()
    channel.send_frame(b"abc")
    channel.send_frame(flag=fr.FIN)
    channel.expect(fr.FIN_ACK)
    assert sub.read_exactly(sock, 3) == b"abc"
    assert sub.read_end(sock) == "0"
    finish_alone(sock, channel)


def finish_alone(sock, channel):
    acked((sock, channel))
    channel.wait_closed()
    sock.close()


def no_fin_ack(session):
    sock, channel = session.open()
    sub.set_option(sock, sub.FIN_ACK_TIMEOUT, 300)
    sock.sendall(b"abc")
    seen = sub.finish(sock)
    assert seen == "ETIMEDOUT", seen
    assert channel.read(3)[0] == b"abc"
    channel.expect(fr.FIN)
    channel.send_frame(b"defg")
    channel.send_frame(flag=fr.FIN)
    assert sub.read_exactly(sock, 4) == b"defg"
    assert sub.read_end(sock) == "0"
    channel.expect(fr.FIN_ACK)
    channel.wait_closed()
    sock.close()
    return seen


def peer_resets(session):
    sock, channel = session.open()
    channel.send_frame(flag=fr.RESET_STREAM, code=0x1000)
    seen = sub.read_end(sock)
    assert seen == "ECONNRESET", seen
    assert sub.error_code(sock) == 0x1000
    channel.wait_closed()
    sock.close()
    return seen


def kernel_resets(session):
    sock, channel = session.open()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    sock.close()
    channel.expect(fr.RESET_STREAM)
    channel.wait_closed()


def peer_stops(session):
    sock, channel = session.open()
    channel.send_frame(flag=fr.STOP_SENDING)
    channel.expect(fr.FIN)
    # Without the poll that Python does: a FIN on its way is not POLLOUT.
    sock.setblocking(False)
    try:
        sock.send(b"x")
        raise AssertionError("a write after STOP_SENDING")
    except BrokenPipeError:
        pass
    channel.send_frame(flag=fr.FIN_ACK)
    seen = sub.finish(sock)
    assert seen == "0", seen
    channel.send_frame(flag=fr.FIN)
    channel.expect(fr.FIN_ACK)
    channel.wait_closed()
    sock.close()
    return "EPIPE"


def kernel_stops(session):
    sock, channel = session.open()
    sock.shutdown(socket.SHUT_RD)
    channel.expect(fr.STOP_SENDING)
    channel.send_frame(b"abc")
    channel.send_frame(flag=fr.FIN)
    channel.expect(fr.FIN_ACK)
    finish_alone(sock, channel)


def channel_closed(session, tries=3):
    """Without a FIN this is no end.

    If the peer's reset is refused, and not asked for again, there is nothing to
    see: then it closes another one.
    """
    sock, channel = session.open()
    channel.send_frame(b"abc")
    channel.close()
    assert sub.read_exactly(sock, 3) == b"abc"
    seen = sub.read_end(sock)
    refused = channel.sid in session.peer.refused
    if seen == "nothing" and refused and tries > 1:
        sock.close()
        return channel_closed(session, tries - 1)
    assert seen == "ECONNRESET", seen
    channel.wait_closed()
    sock.close()
    return seen


def used_again(session, opener):
    """More substreams than there are identifiers, one after the other.

    A peer may lose one of its own, if its reset is refused and not asked for
    again: then it has another, until all are lost.
    """
    sids = []
    for i in range(20):
        free = [sid for sid in range(session.parity + 8, 16, 2)
                if sid not in session.peer.refused]
        if not free:
            break
        sid = free[i % len(free)]
        sock, channel = session.open(opener, sid)
        sids.append(sub.stream_id(sock))
        sock.sendall(bytes([i]))
        assert channel.read(1)[0] == bytes([i])
        finish((sock, channel))
    assert len(set(sids)) <= 8 and len(set(sids)) < len(sids), sids


def hundreds(session):
    pairs = session.open_many(300)
    for i, (sock, channel) in enumerate(pairs):
        sock.sendall(b"%d" % i)
        channel.send_frame(b"%d" % i)
    for i, (sock, channel) in enumerate(pairs):
        want = b"%d" % i
        assert channel.read(len(want))[0] == want
        assert sub.read_exactly(sock, len(want)) == want
    finish(*pairs)


def aborted(session):
    sock, channel = session.open()
    channel.send_frame(b"abc")
    assert sub.read_exactly(sock, 3) == b"abc"
    session.peer.abort()
    seen = sub.read_end(sock)
    assert seen == "ECONNRESET", seen
    sock.close()
    return seen


def comes_up(session):
    """It has a substream already."""
    return session.first.getpeername()[0] == session.remote and "yes"


BEHAVIOURS = [
    ("the association comes up, with a channel", comes_up),
    ("the kernel's largest frame", largest_frame),
    ("a frame of 16391 bytes in one message from the peer", one_message),
    ("the kernel finishes first, the peer answers after that", kernel_first),
    ("the peer finishes first", peer_first),
    ("the peer sends no FIN_ACK, and answers", no_fin_ack),
    ("RESET_STREAM with errorCode from the peer", peer_resets),
    ("RESET_STREAM from the kernel", kernel_resets),
    ("STOP_SENDING from the peer", peer_stops),
    ("STOP_SENDING from the kernel", kernel_stops),
    ("the peer closes a channel without FIN", channel_closed),
    ("300 substreams at once", hundreds),
    ("the peer aborts the association", aborted),
]


class Direction:
    """One side dials."""

    def __init__(self, results, argv, dialler):
        self.results = results
        self.argv = argv
        self.dialler = dialler

    def run(self, cases, role=sub.INITIATOR):
        self.results.run_on(lambda: Session(self.argv, self.dialler, role),
                            self.dialler, cases)

    def run_identifiers(self):
        # A kernel that has more would take a new one each time.
        net.sysctl("wrtcsub/max_streams", 16)
        self.run([(f"identifiers of the {opener} are used again", used_again,
                   opener) for opener in (net.PEER, net.KERNEL)])
        net.sysctl("wrtcsub/max_streams", 1024)
        for name, role in ("even", sub.EVEN), ("odd", sub.ODD):
            self.run([(f"the kernel is {name}, the {opener} opens: "
                       "1 byte to 64 KiB each way", echo, opener)
                      for opener in (net.PEER, net.KERNEL)], role)

    def run_transfers(self, count, size):
        """The peer dies when about a tenth has arrived, or more."""
        self.run([("substreams at once, every byte compared", bulk.transfer,
                   count, size)])
        net.impatient(True)
        size = max(size, MIB // 16)
        self.run([("the peer is killed in the middle", bulk.killed, 10, size,
                   2 * size)])
        net.impatient(False)

    def run_all(self, count, size):
        self.run(BEHAVIOURS)
        self.run_identifiers()
        self.run_transfers(count, size)
