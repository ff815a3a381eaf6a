# SPDX-License-Identifier: GPL-2.0
"""js-libp2p's own stream class against the kernel, over pion as a relay."""

import errno
import os
import socket
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))

# pylint: disable=wrong-import-position
import net
import sub
from js_session import Session, killed, transfer
from tap import Results, parts
from wait import until

MIB = 1 << 20


def write_and_read(session):
    for sock, sid in session.opened_by_js(), session.opened_by_kernel():
        session.js.do("write", sid=sid, length=100, fill="j")
        assert sub.read_exactly(sock, 100) == b"j" * 100
        sock.sendall(b"k" * 100)
        until(lambda s=sid: session.status(s)["received"] == 100, "its bytes")
        sock.close()


def js_closes_first(session):
    """close() is of the writing half; it waits for the FIN_ACK."""
    sock, sid = session.opened_by_js()
    session.js.do("write", sid=sid, length=3, fill="j")
    session.js.do("close", sid=sid)
    assert sub.read_exactly(sock, 3) == b"jjj"
    assert sub.read_end(sock) == "0"
    # Half closed: it still reads.
    sock.sendall(b"kkkk")
    until(lambda: session.status(sid)["received"] == 4, "its bytes")
    seen = sub.finish(sock)
    assert seen == "0", seen
    session.js.expect("close", sid)
    status = session.status(sid)
    assert status["status"] == "closed", status
    sock.close()
    return ", ".join(status["events"])


def kernel_closes_first(session):
    sock, sid = session.opened_by_js()
    sock.sendall(b"kkk")
    seen = sub.finish(sock)
    assert seen == "0", seen
    session.js.expect("remoteCloseWrite", sid)
    session.js.do("write", sid=sid, length=4, fill="j")
    session.js.do("close", sid=sid)
    assert sub.read_exactly(sock, 4) == b"jjjj"
    assert sub.read_end(sock) == "0"
    session.js.expect("close", sid)
    status = session.status(sid)
    assert (status["status"], status["received"]) == ("closed", 3), status
    sock.close()
    return ", ".join(status["events"])


def both_close(session):
    sock, sid = session.opened_by_js()
    answer = session.js.begin("close", sid=sid)
    seen = sub.finish(sock)
    assert seen == "0", seen
    session.js.end(answer)
    assert sub.read_end(sock) == "0"
    session.js.expect("close", sid)
    sock.close()


def js_aborts(session):
    sock, sid = session.opened_by_js()
    session.js.do("write", sid=sid, length=3, fill="j")
    assert sub.read_exactly(sock, 3) == b"jjj"
    session.js.do("abort", sid=sid)
    seen = sub.read_end(sock)
    assert seen == "ECONNRESET", seen
    sock.close()
    return seen


def kernel_resets(session):
    sock, sid = session.opened_by_js()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    sock.close()
    until(lambda: session.status(sid)["status"] != "open", "its reset")
    status = session.status(sid)
    assert status["status"] == "reset", status
    return ", ".join(status["events"])


def js_closes_read(session):
    """STOP_SENDING: the kernel finishes, and js acknowledges it."""
    sock, sid = session.opened_by_js()
    session.js.do("closeRead", sid=sid)
    session.js.expect("remoteCloseWrite", sid)
    sock.setblocking(False)
    try:
        sock.send(b"x")
        raise AssertionError("a write after STOP_SENDING")
    except OSError as e:
        seen = errno.errorcode[e.errno]
    assert sub.finish(sock) == "0"
    session.js.do("close", sid=sid)
    session.js.expect("close", sid)
    assert sub.read_end(sock) == "0"
    sock.close()
    return seen


def kernel_closes_read(session):
    sock, sid = session.opened_by_js()
    sock.shutdown(socket.SHUT_RD)
    session.js.do("write", sid=sid, length=3, fill="j")
    session.js.do("close", sid=sid)
    seen = sub.finish(sock)
    assert seen == "0", seen
    session.js.expect("close", sid)
    sock.close()


def kernel_closes_all(session):
    """close(2) alone: FIN and STOP_SENDING, and the kernel goes on."""
    sock, sid = session.opened_by_js()
    sock.sendall(b"kkk")
    sock.close()
    session.js.expect("remoteCloseWrite", sid)
    session.js.do("close", sid=sid)
    session.js.expect("close", sid)
    status = session.status(sid)
    assert (status["status"], status["received"]) == ("closed", 3), status


def hundreds(session):
    """300 requests, each to its end, and answers that are echoes."""
    socks = []
    for i in range(300):
        sock = sub.attached(session.first)
        # pion drops what is over 16 that it has not accepted yet.
        sub.set_option(sock, sub.OPEN_WAIT, 1)
        sock.connect((session.remote, net.SCTP_PORT))
        sock.sendall(b"%d" % i)
        socks.append(sock)
    for sock in socks:
        seen = sub.finish(sock)
        assert seen == "0", seen
    for i, sock in enumerate(socks):
        want = b"%d" % i
        assert sub.read_exactly(sock, len(want)) == want
        assert sub.read_end(sock) == "0"
        sock.close()


BEHAVIOURS = [
    ("bytes each way, opened by either", write_and_read),
    ("js closes first, and reads on", js_closes_first),
    ("the kernel finishes first, js writes on", kernel_closes_first),
    ("both close at once", both_close),
    ("js aborts", js_aborts),
    ("the kernel resets", kernel_resets),
    ("js closes its reading half", js_closes_read),
    ("the kernel closes its reading half", kernel_closes_read),
    ("close(2) alone", kernel_closes_all),
]

# Substreams, and bytes on each, each way.
SIZES = {
    net.CLEAN: (100, MIB),
    net.LOSSY: (100, MIB // 32),
}


def main():
    results = Results("js_libp2p")
    count, size = SIZES[net.LINK]
    if os.environ.get("SHORT"):
        size //= 4
    results.run_on(Session, net.PEER, [
        *BEHAVIOURS,
        ("one stream that carries much", transfer, 1, 8 * size),
        ("substreams at once, SHA-256", transfer, count, size),
    ])
    results.run_on(lambda: Session(echo=True), net.PEER,
                   [("300 streams at once, which echo", hundreds)])
    net.impatient(True)
    # More than js-libp2p writes to one stream before it turns to the next.
    size = max(size, MIB // 4)
    results.run_on(Session, net.PEER, [
        ("the peer is killed in the middle", killed, 10, size, 2 * size)])
    net.impatient(False)
    results.end()


if net.LINK:
    main()
else:
    parts()
