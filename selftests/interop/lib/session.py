# SPDX-License-Identifier: GPL-2.0
"""One association between the kernel and a peer, begun by either."""

import net
import sub
from relay import Gone, Relay


class Session:
    """argv makes the command of a peer; role is the kernel's."""

    def __init__(self, argv, dialler, role=sub.INITIATOR, options=()):
        self.dialler = dialler
        self.role = role
        self.local, self.remote = net.addresses()
        self.listener = self.peer = self.first = None
        options = list(options)
        if dialler == net.KERNEL:
            options.append("-listen")
        else:
            self.listener = sub.listen(self.local, net.SCTP_PORT, role)
        self.peer = Relay(
            argv + ["-local", f"{self.remote}:{net.UDP_PORT}",
                    "-remote", f"{self.local}:{net.UDP_PORT}"] + options)
        if role == sub.INITIATOR:
            role = sub.EVEN if dialler == net.KERNEL else sub.ODD
        # What the peer may use.
        self.parity = 1 if role == sub.EVEN else 0
        self.sids = iter(range(self.parity, 65535, 2))

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *exc):
        self.end()

    # A substream that stays as long as the association.
    def begin(self):
        if self.dialler == net.KERNEL:
            self.first = self.connect()
            self.peer.accept()
            self.listener = sub.attached(self.first)
            self.listener.listen(1024)
        else:
            self.peer.wait(self.peer.up, "up")
            self.first, _ = self.open_by_peer(next(self.sids))

    def end(self):
        for sock in self.first, self.listener:
            if sock:
                sock.close()
        if self.peer:
            self.peer.end()

    def connect(self):
        return sub.connect(self.local, self.remote, net.SCTP_PORT,
                           net.UDP_PORT, self.role)

    def open_by_kernel(self):
        if self.dialler == net.KERNEL:
            sock = self.connect()
        else:
            sock = sub.attached(self.first)
            sock.connect((self.remote, net.SCTP_PORT))
        return sock, self.peer.accept()

    def open_by_peer(self, sid):
        channel = self.peer.open(sid)
        try:
            sock = sub.accept(self.listener)
        except TimeoutError:
            raise Gone(f"{channel} does not come; "
                       f"{self.peer.state()}") from None
        channel.wait_acked()
        return sock, channel

    def open(self, opener=None, sid=None):
        """A substream, by the side that dialled unless said otherwise.

        Return: the kernel's end, the peer's.
        """
        if (opener or self.dialler) == net.KERNEL:
            return self.open_by_kernel()
        return self.open_by_peer(next(self.sids) if sid is None else sid)
