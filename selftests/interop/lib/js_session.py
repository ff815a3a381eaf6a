# SPDX-License-Identifier: GPL-2.0
"""An association of js-libp2p's streams, and what they carry on it."""

import hashlib
import os

import bulk
import net
import sub
from js import Js
from wait import until

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../peers")


class Session:
    """The stream class dials; so it has the even identifiers."""

    def __init__(self, echo=False):
        local, remote = net.addresses()
        self.listener = sub.listen(local, net.SCTP_PORT, sub.INITIATOR)
        self.js = Js([os.path.join(PEERS, "js.mjs")]
                     + (["-echo"] if echo else [])
                     + [os.path.join(PEERS, "pion"),
                        "-local", f"{remote}:{net.UDP_PORT}",
                        "-remote", f"{local}:{net.UDP_PORT}"])
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


class End(bulk.KernelEnd):
    """What is to come is known to the other side only."""

    def __init__(self, sock, out):
        super().__init__(sock, out, None)
        self.hash = hashlib.sha256()

    def take(self, data):
        self.hash.update(data)


def begin(session, count, size, last="transfer"):
    """Return: the kernel's ends, and for each its identifier and answer.

    last: what js does with the last one.
    """
    pattern = bulk.Pattern(size, count)
    ends, theirs = [], []
    for i in range(count):
        sock, sid = session.opened_by_js()
        ends.append(End(sock, pattern.of(i, True)))
        theirs.append(sid)
    return ends, [(sid, session.js.begin(op, sid=sid, length=size))
                  for sid, op in zip(theirs,
                                     ["transfer"] * (count - 1) + [last])]


def transfer(session, count, size):
    """Random bytes each way; they end, and both ends have to agree."""
    ends, theirs = begin(session, count, size)
    bulk.drive(ends, lambda: f"kernel got {sum(end.got for end in ends)}")
    for end, (sid, answer) in zip(ends, theirs):
        seen = end.reader, end.writer, end.got
        assert seen == ("0", "0", size), seen
        assert session.js.end(answer) == end.hash.hexdigest()
        until(lambda s=sid: session.status(s)["status"] == "closed", "closed")
        status = session.status(sid)
        assert status["received"] == size, status
        assert status["sha256"] == hashlib.sha256(end.out).hexdigest()
        end.sock.close()
    return f"{count} x {size >> 10} KiB"


def killed(session, count, size, after):
    """One never ends: see bulk.killed()."""
    ends, theirs = begin(session, count, size, "write")
    bulk.drive(ends, lambda: "not killed", after, session.js.kill)
    assert ends[-1].reader != "0", "a false end of stream"
    # It comes in order: who has seen it has seen all bytes.
    finished = session.js.told("remoteCloseWrite")
    acked = [end for end, (sid, _) in zip(ends, theirs) if sid in finished]
    return bulk.check_killed(ends, size, acked)
