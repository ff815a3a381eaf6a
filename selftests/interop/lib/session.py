# SPDX-License-Identifier: GPL-2.0
"""One association between the kernel and a peer, begun by either."""

import itertools

import net
import sub
from relay import Gone, Relay

# pion accepts 16 at a time and drops what is over.
AT_ONCE = 10


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
            print("#", self.state())
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
            self.first, _ = self.open()

    def end(self):
        for sock in self.first, self.listener:
            if sock:
                sock.close()
        if self.peer:
            self.peer.end()

    def state(self):
        return self.peer.state()

    def connect(self):
        return sub.connect(self.local, self.remote, net.SCTP_PORT,
                           net.UDP_PORT, self.role)

    def open_sock(self):
        if self.dialler == net.KERNEL:
            return self.connect()
        sock = sub.attached(self.first)
        sock.connect((self.remote, net.SCTP_PORT))
        return sock

    def open_by_kernel(self, count=1):
        socks = [self.open_sock() for _ in range(count)]
        channels = {}
        for _ in socks:
            channel = self.peer.accept()
            channels[channel.sid] = channel
        return [(sock, channels[sub.stream_id(sock)]) for sock in socks]

    def open_by_peer(self, *sids):
        channels = [self.peer.open(sid) for sid in sids]
        socks = {}
        for _ in channels:
            sock = self.accept()
            socks[sub.stream_id(sock)] = sock
        for channel in channels:
            channel.wait_acked()
        return [(socks[channel.sid], channel) for channel in channels]

    def accept(self):
        try:
            return sub.accept(self.listener)
        except TimeoutError:
            raise Gone(f"no channel comes; {self.state()}") from None

    def open(self, opener=None, sid=None):
        """A substream, by the side that dialled unless said otherwise.

        Return: the kernel's end, the peer's.
        """
        if (opener or self.dialler) == net.KERNEL:
            return self.open_by_kernel()[0]
        return self.open_by_peer(next(self.sids) if sid is None else sid)[0]

    def open_many(self, count):
        """By the side that dialled, some at a time, as each takes a while."""
        pairs = []
        while len(pairs) < count:
            n = min(AT_ONCE, count - len(pairs))
            if self.dialler == net.KERNEL:
                pairs += self.open_by_kernel(n)
            else:
                pairs += self.open_by_peer(*itertools.islice(self.sids, n))
        return pairs
