# SPDX-License-Identifier: GPL-2.0
"""js-libp2p's own stream class against the kernel, over pion as a relay."""

import errno
import hashlib
import os
import socket
import struct
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))

# pylint: disable=wrong-import-position
import net
import sub
from js import Js
from tap import Results
from wait import until

PEERS = os.path.join(HERE, "peers")
LARGE = 8 << 20


class Session:
    """The stream class dials; so it has the even identifiers."""

    def __init__(self, echo=False):
        local, remote = net.addresses()
        self.listener = sub.listen(local, net.SCTP_PORT, sub.INITIATOR)
        self.js = Js([os.path.join(PEERS, "js.mjs")]
                     + (["-echo"] if echo else [])
                     + [os.path.join(PEERS, "pion"),
                        "-local", f"{remote}:{net.UDP_PORT}",
                        "-remote", f"{local}:{net.UDP_PORT}"], net.PEER)
        self.sids = iter(range(0, 65535, 2))
        self.remote = remote

    def __enter__(self):
        self.js.expect("up")
        self.first, _ = self.opened_by_js()
        return self

    def __exit__(self, *exc):
        self.listener.close()
        self.js.stop()

    def opened_by_js(self):
        sid = next(self.sids)
        self.js.do("open", sid=sid)
        return sub.accept(self.listener), sid

    def opened_by_kernel(self):
        sock = sub.attached(self.first)
        sock.connect((self.remote, net.SCTP_PORT))
        return sock, self.js.expect("accepted")

    def status(self, sid):
        return self.js.do("status", sid=sid)


def write_and_read(session):
    for sock, sid in session.opened_by_js(), session.opened_by_kernel():
        assert session.js.do("write", sid=sid, length=100, fill="j") is None
        assert sub.read_exactly(sock, 100) == b"j" * 100
        sock.sendall(b"k" * 100)
        until(lambda s=sid: session.status(s)["received"] == 100, "its bytes")
        sock.close()


def js_closes_first(session):
    """close() is of the writing half; it waits for the FIN_ACK."""
    sock, sid = session.opened_by_js()
    session.js.do("write", sid=sid, length=3, fill="j")
    result = session.js.do("close", sid=sid)
    assert result is None, result
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
    result = session.js.do("close", sid=sid)
    assert result is None, result
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
    assert session.js.end(answer) is None
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
    assert session.js.do("close", sid=sid) is None
    session.js.expect("close", sid)
    assert sub.read_end(sock) == "0"
    sock.close()
    return seen


def kernel_closes_read(session):
    sock, sid = session.opened_by_js()
    sock.shutdown(socket.SHUT_RD)
    assert session.js.do("write", sid=sid, length=3, fill="j") is None
    assert session.js.do("close", sid=sid) is None
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
    assert session.js.do("close", sid=sid) is None
    session.js.expect("close", sid)
    status = session.status(sid)
    assert (status["status"], status["received"]) == ("closed", 3), status


def large(session):
    """Each way at once, with SHA-256."""
    sock, sid = session.opened_by_js()
    answer = session.js.begin("write", sid=sid, length=LARGE, fill="j")
    data = os.urandom(LARGE)
    writer = threading.Thread(target=sock.sendall, args=(data,))
    writer.start()
    assert sub.read_exactly(sock, LARGE) == b"j" * LARGE
    assert session.js.end(answer) is None
    writer.join()
    seen = sub.finish(sock)
    assert seen == "0", seen
    assert session.js.do("close", sid=sid) is None
    assert sub.read_end(sock) == "0"
    status = session.status(sid)
    assert status["received"] == LARGE, status
    assert status["sha256"] == hashlib.sha256(data).hexdigest()
    sock.close()


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


def killed(session):
    sock, sid = session.opened_by_js()
    session.js.begin("write", sid=sid, length=LARGE, fill="j")
    sub.read_exactly(sock, LARGE // 8)
    session.js.kill()
    try:
        while sock.recv(65536):
            pass
    except OSError as e:
        return errno.errorcode[e.errno]
    raise AssertionError("a false end of stream")


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
    ("8 MiB each way at once", large),
]


def main():
    results = Results("js-libp2p")
    with Session() as session:
        for what, function in BEHAVIOURS:
            results.run(net.PEER, what, function, session)
    with Session(echo=True) as session:
        results.run(net.PEER, "300 streams at once", hundreds, session)
    net.impatient(True)
    with Session() as session:
        results.run(net.PEER, "killed in the middle", killed, session)
    net.impatient(False)
    net.netem(net.LOSSY)
    with Session() as session:
        for what, function in BEHAVIOURS[:-1]:
            results.run(net.PEER, f"50 ms, 1 % loss, reordering: {what}",
                        function, session)
    net.netem([])
    results.end()


main()
