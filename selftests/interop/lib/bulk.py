# SPDX-License-Identifier: GPL-2.0
"""Many substreams that carry much, both ways at once.

Every byte is compared with what it has to be, at the kernel's end and at the
peer's.
"""

import errno
import random
import selectors
import socket
import threading
import time

import frame as fr
import sub
from wait import LIFE

PIECE = 65536
FRAME = 16379			# with it a frame has 16384 bytes
FIN_ACK_MS = 600000		# the most that there is


class Pattern:
    """For each substream and direction other bytes, all from one buffer."""

    def __init__(self, size, count):
        self.size = size
        self.step = 4099
        self.buf = memoryview(
            random.Random(size).randbytes(size + 2 * count * self.step))

    def of(self, number, from_kernel):
        at = (2 * number + from_kernel) * self.step
        return self.buf[at:at + self.size]


class KernelEnd:
    def __init__(self, sock, out, want):
        self.sock = sock
        self.out, self.want = out, want
        self.sent = self.got = 0
        self.reader = self.writer = None	# how these have ended
        sock.setblocking(False)
        # What is asked here is not how long a link takes.
        sub.set_option(sock, sub.FIN_ACK_TIMEOUT, FIN_ACK_MS)

    def events(self):
        return ((selectors.EVENT_READ if not self.reader else 0) |
                (selectors.EVENT_WRITE if not self.writer else 0))

    def read(self):
        try:
            data = self.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError as e:
            self.reader = errno.errorcode[e.errno]
            return
        if not data:
            self.reader = "0"
        else:
            self.take(data)
        self.got += len(data)

    def take(self, data):
        if data != self.want[self.got:self.got + len(data)]:
            self.reader = f"wrong bytes after {self.got}"

    def write(self):
        try:
            if self.sent < len(self.out):
                piece = self.out[self.sent:self.sent + PIECE]
                self.sent += self.sock.send(piece)
                return
            # EINPROGRESS, and then the result.
            self.sock.shutdown(socket.SHUT_WR)
            self.writer = "0"
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as e:
            if e.errno != errno.EINPROGRESS:
                self.writer = errno.errorcode[e.errno]


def turn(sel):
    for key, events in sel.select(1):
        end = key.data
        if events & selectors.EVENT_READ and not end.reader:
            end.read()
        if events & selectors.EVENT_WRITE and not end.writer:
            end.write()
        if end.events():
            sel.modify(end.sock, end.events(), end)
        else:
            sel.unregister(end.sock)


def drive(ends, state, kill_after=None, kill=None):
    """The kernel's ends, until all are over.

    When they have read kill_after bytes, kill() is called.
    """
    deadline = time.monotonic() + LIFE
    with selectors.DefaultSelector() as sel:
        for end in ends:
            sel.register(end.sock, end.events(), end)
        while sel.get_map():
            if time.monotonic() > deadline:
                raise TimeoutError(state())
            turn(sel)
            if kill_after and sum(end.got for end in ends) >= kill_after:
                kill()
                kill_after = None


class PeerEnd:
    def __init__(self, channel, out, want):
        self.channel = channel
        self.out, self.want = out, want
        self.sent = self.got = 0
        self.reader = None
        self.acked = False
        self.finishes = True
        channel.on_frame = self.take
        while not channel.frames.empty():
            self.take(channel.frames.get())

    def take(self, frame):
        end = self.got + len(frame.data)
        if frame.data and frame.data != self.want[self.got:end]:
            self.reader = f"wrong bytes after {self.got}"
        self.got = end
        if frame.flag == fr.FIN:
            self.reader = self.reader or "0"
            self.channel.send_frame(flag=fr.FIN_ACK)
        elif frame.flag == fr.FIN_ACK:
            self.acked = True
        elif frame.flag is not None:
            self.reader = fr.NAMES[frame.flag]

    def write(self):
        """Return: whether there is more."""
        if self.sent == len(self.out):
            if self.finishes:
                self.channel.send_frame(flag=fr.FIN)
            return False
        piece = bytes(self.out[self.sent:self.sent + FRAME])
        self.channel.send_frame(piece)
        self.sent += len(piece)
        return True


class Bulk:
    def __init__(self, session, count, size):
        pattern = Pattern(size, count)
        self.session = session
        self.peer = session.peer
        self.count, self.size = count, size
        self.kernel_ends, self.peer_ends = [], []
        for i, (sock, channel) in enumerate(session.open_many(count)):
            ours, theirs = pattern.of(i, True), pattern.of(i, False)
            self.kernel_ends.append(KernelEnd(sock, ours, theirs))
            self.peer_ends.append(PeerEnd(channel, theirs, ours))

    def write_all(self):
        ends = list(self.peer_ends)
        while ends and not self.peer.lost.is_set():
            if self.peer.is_busy():
                time.sleep(0.001)
                continue
            ends = [end for end in ends if end.write()]

    def run(self, kill_after=None):
        """kill_after: of what the kernel reads, then the peer is killed."""
        writer = threading.Thread(target=self.write_all, daemon=True)
        writer.start()
        drive(self.kernel_ends, self.state, kill_after, self.peer.kill)
        writer.join()

    def state(self):
        got = sum(end.got for end in self.kernel_ends)
        sent = sum(end.got for end in self.peer_ends)
        return (f"kernel got {got}, peer got {sent} of "
                f"{self.count * self.size}; {self.peer.state()}")

    def check(self):
        """All has arrived, and both ends know it."""
        for end in self.kernel_ends:
            seen = end.reader, end.writer, end.got
            assert seen == ("0", "0", self.size), (seen, self.state())
        for end in self.peer_ends:
            seen = end.reader, end.got
            assert seen == ("0", self.size), (seen, self.state())

    def close(self):
        for end in self.kernel_ends:
            end.sock.close()


def check_killed(ends, size, acked=()):
    """Return: the errors that readers and writers saw.

    Some may have read all before that, and have written all if acked has them.
    """
    readers = [end for end in ends if end.reader == "0"]
    writers = [end for end in ends if end.writer == "0"]
    assert all(end.got == size for end in readers), "a false end of stream"
    assert all(end in acked for end in writers), "a false acknowledgment"
    assert len(readers) < len(ends), "nothing was left to lose"
    return " ".join(sorted({seen for end in ends
                            for seen in (end.reader, end.writer)} - {"0"}))


def transfer(session, count, size):
    bulk = Bulk(session, count, size)
    bulk.run()
    bulk.check()
    bulk.close()
    return f"{count} x {size >> 10} KiB"


def killed(session, count, size, after):
    """One never ends: all can have come before what is read of it says so."""
    bulk = Bulk(session, count, size)
    bulk.peer_ends[-1].finishes = False
    bulk.run(after)
    assert bulk.kernel_ends[-1].reader != "0", "a false end of stream"
    acked = [end for end, theirs in zip(bulk.kernel_ends, bulk.peer_ends)
             if theirs.reader == "0" and theirs.got == size]
    seen = check_killed(bulk.kernel_ends, size, acked)
    bulk.close()
    return seen
