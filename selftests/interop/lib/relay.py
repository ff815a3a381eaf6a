# SPDX-License-Identifier: GPL-2.0
"""A peer: a program that relays the channels of an SCTP stack.

The stack is in a process and a network namespace of its own.  Here are its
channels, and the frames on them; nothing is answered unless a test says so.
"""

import os
import queue
import signal
import struct
import subprocess
import threading

import frame as fr
import net
from wait import LIMIT, LIFE

HEAD = struct.Struct("!BBHLL")
PPID_STRING = 51
PPID_BINARY = 53


class Gone(Exception):
    """What was waited for did not come."""


class Channel:
    def __init__(self, relay, sid, kind=0, names=b"\0"):
        self.relay = relay
        self.sid = sid
        self.kind = kind
        self.label, self.protocol = names.split(b"\0")
        self.acked = threading.Event()
        self.closed = threading.Event()
        self.decoder = fr.Decoder()
        self.frames = queue.Queue()
        self.on_frame = self.frames.put

    def got(self, data):
        for frame in self.decoder.feed(data):
            self.on_frame(frame)

    def send(self, *messages, ppid=PPID_BINARY):
        """SCTP messages, with nothing of others between them."""
        self.relay.put_many(("D", self.sid, data, 0, ppid)
                            for data in messages)

    def send_frame(self, data=b"", flag=None, code=None, split=True):
        prefix, body = fr.encode(data, flag, code)
        if split:
            self.send(prefix, body)
        else:
            self.send(prefix + body)

    def send_data(self, data, size=16379):
        for at in range(0, len(data), size):
            self.send_frame(data[at:at + size])

    def next(self, timeout=LIMIT):
        try:
            return self.frames.get(timeout=timeout)
        except queue.Empty:
            raise Gone(f"{self}: no frame; {self.relay.state()}") from None

    def expect(self, flag):
        frame = self.next()
        if frame.flag != flag or frame.data:
            raise Gone(f"{self}: {frame} instead of {fr.NAMES[flag]}")
        return frame

    def read(self, length):
        """Payload of that length, and the frames that brought it."""
        data, frames = bytearray(), []
        while len(data) < length:
            frame = self.next()
            if frame.flag is not None:
                raise Gone(f"{self}: {frame} after {len(data)} bytes")
            data += frame.data
            frames.append(frame)
        return bytes(data), frames

    def close(self):
        self.relay.put("C", self.sid)

    def wait(self, event, what):
        if not event.wait(LIMIT):
            raise Gone(f"{self}: not {what}; {self.relay.state()}")

    def wait_closed(self):
        self.wait(self.closed, "closed")

    def wait_acked(self):
        self.wait(self.acked, "acknowledged")

    def __str__(self):
        return f"channel {self.sid}"


class Relay:
    def __init__(self, argv):
        self.process = subprocess.Popen(
            [*net.enter(net.PEER), "timeout", "-s", "KILL", str(LIFE), *argv],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True)
        self.begun = threading.Event()
        self.up = threading.Event()
        self.lost = threading.Event()
        self.errors = []
        self.refused = set()
        self.accepted = queue.Queue()
        self.channels = {}
        self.commands = queue.SimpleQueue()
        self.thread = threading.Thread(target=self.take_all, daemon=True)
        self.thread.start()
        threading.Thread(target=self.put_all, daemon=True).start()
        self.wait(self.begun, "started")

    def put(self, op, sid=0, data=b"", kind=0, ppid=0):
        self.put_many([(op, sid, data, kind, ppid)])

    # Never waits, for the peer may want to be read from first.
    def put_many(self, commands):
        buf = b""
        for op, sid, data, kind, ppid in commands:
            buf += HEAD.pack(ord(op), kind, sid, ppid, len(data)) + data
        self.commands.put(buf)

    def put_all(self):
        try:
            while True:
                self.process.stdin.write(self.commands.get())
                self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            self.lost.set()

    def is_busy(self):
        return self.commands.qsize() > 64

    def take_all(self):
        stdout = self.process.stdout
        while True:
            head = stdout.read(HEAD.size)
            if len(head) < HEAD.size:
                break
            op, kind, sid, ppid, length = HEAD.unpack(head)
            self.take(chr(op), kind, sid, ppid, stdout.read(length))
        self.lost.set()

    def take(self, op, kind, sid, ppid, data):
        channel = self.channels.get(sid)
        if op == "B":
            self.begun.set()
        elif op == "U":
            self.up.set()
        elif op == "L":
            self.lost.set()
        elif op == "O":
            channel = Channel(self, sid, kind, data)
            self.channels[sid] = channel
            self.accepted.put(channel)
        elif op == "K" and channel:
            channel.acked.set()
        elif op == "D" and channel:
            if ppid in (PPID_BINARY, PPID_STRING):
                channel.got(data)
        elif op == "C" and channel:
            channel.closed.set()
        elif op == "F":
            self.refused.add(sid)
        else:
            text = data[:200].decode(errors="backslashreplace")
            self.errors.append(f"{sid}: {text}")

    def wait(self, event, what):
        if not event.wait(LIMIT):
            raise Gone(f"peer: not {what}; {self.state()}")

    def state(self):
        return (f"lost {self.lost.is_set()}, exit {self.process.poll()}, "
                f"errors {self.errors[-5:]}, "
                f"refused resets {sorted(self.refused)}")

    def open(self, sid, kind=0, label=b"", protocol=b""):
        channel = Channel(self, sid, kind, label + b"\0" + protocol)
        self.channels[sid] = channel
        self.put("O", sid, label + b"\0" + protocol, kind)
        return channel

    def accept(self):
        try:
            return self.accepted.get(timeout=LIMIT)
        except queue.Empty:
            raise Gone(f"peer: no channel comes; {self.state()}") from None

    def abort(self):
        self.put("A")

    def kill(self):
        """The peer and its stack are no more; nobody says goodbye."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.thread.join()

    def end(self):
        self.abort()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        if self.process.poll() is None:
            self.kill()
