#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A relay on aiortc's SCTP and data channels: see README."""

import argparse
import asyncio
import os
import struct
import sys
from types import SimpleNamespace

from aiortc_stack import (RTCDataChannel, RTCDataChannelParameters,
                          Transport)

HEAD = struct.Struct("!BBHLL")
PPID_STRING = 51
PPID_BINARY = 53
UNORDERED = 0x80
BUFFERED_LIMIT = 1 << 18
CHUNK_TYPE = 12			# where it is in a packet
ABORT = 6
COPIES = 3


class Udp(asyncio.DatagramProtocol):
    """What stands in for DTLS: packets go into UDP as they are."""

    def __init__(self, listen):
        # aiortc takes the role of the SCTP association from that of ICE.
        role = "controlled" if listen else "controlling"
        self.transport = SimpleNamespace(role=role)
        self.state = "connected"
        self.receiver = None
        self.queue = asyncio.Queue()

    def connection_made(self, transport):
        self.udp = transport

    def datagram_received(self, data, addr):
        self.queue.put_nowait(data)

    def error_received(self, exc):
        pass

    def _register_data_receiver(self, receiver):
        self.receiver = receiver

    def _unregister_data_receiver(self, receiver):
        self.receiver = None

    async def _send_data(self, data):
        # An ABORT is not answered, and so not sent again if it is lost.
        for _ in range(COPIES if data[CHUNK_TYPE] == ABORT else 1):
            self.udp.sendto(data)

    async def pump(self):
        while True:
            data = await self.queue.get()
            if self.receiver:
                await self.receiver._handle_data(data)


class Relay:
    def __init__(self, sctp, commands):
        self.sctp = sctp
        self.commands = commands
        self.channels = {}
        self.up = False
        sctp.on("datachannel", self.accepted)

    def put(self, op, sid=0, data=b"", kind=0, ppid=0):
        buf = HEAD.pack(ord(op), kind, sid, ppid, len(data)) + data
        while buf:
            buf = buf[os.write(1, buf):]

    def add(self, channel):
        # The names of a channel are closed over: its number can be used again.
        sid = channel.id

        def got(data):
            if isinstance(data, str):
                self.put("D", sid, data.encode(), ppid=PPID_STRING)
            else:
                self.put("D", sid, data, ppid=PPID_BINARY)

        def closed():
            if self.channels.get(sid) is channel:
                del self.channels[sid]
            self.put("C", sid)

        self.channels[sid] = channel
        channel.on("message", got)
        channel.on("close", closed)

    def accepted(self, channel):
        kind = 0 if channel.ordered else UNORDERED
        names = channel.label + "\0" + channel.protocol
        self.put("O", channel.id, names.encode(), kind)
        self.add(channel)

    def open(self, sid, kind, names):
        label, protocol = names.decode().split("\0")
        channel = RTCDataChannel(
            self.sctp,
            RTCDataChannelParameters(
                label=label,
                protocol=protocol,
                id=sid,
                ordered=not kind & UNORDERED,
            ),
        )
        channel.on("open", lambda: self.put("K", sid))
        self.add(channel)

    async def send(self, sid, ppid, data):
        channel = self.channels.get(sid)
        if not channel or channel.readyState != "open":
            self.put("E", sid, b"the channel is not open")
            return
        channel.send(data.decode() if ppid == PPID_STRING else data)
        while channel.bufferedAmount > BUFFERED_LIMIT and self.up:
            await asyncio.sleep(0.005)

    async def serve(self):
        while True:
            try:
                head = await self.commands.readexactly(HEAD.size)
            except asyncio.IncompleteReadError:
                return
            op, kind, sid, ppid, length = HEAD.unpack(head)
            data = await self.commands.readexactly(length)
            if op == ord("O"):
                self.open(sid, kind, data)
            elif op == ord("D"):
                await self.send(sid, ppid, data)
            elif op == ord("C") and sid in self.channels:
                self.channels[sid].close()
            elif op == ord("A"):
                await self.sctp.stop()
                return

    async def watch(self):
        """aiortc has no event for the state of the association."""
        while self.sctp.state == "connecting":
            await asyncio.sleep(0.01)
        self.up = self.sctp.state == "connected"
        if self.up:
            self.put("U")
        while self.sctp.state == "connected":
            await asyncio.sleep(0.05)
        self.up = False
        self.put("L", data=self.sctp.state.encode())


async def run(args):
    def address(text):
        host, port = text.split(":")
        return host, int(port)

    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    _, udp = await loop.create_datagram_endpoint(
        lambda: Udp(args.listen),
        local_addr=address(args.local),
        remote_addr=address(args.remote),
    )
    sctp = Transport(udp)
    relay = Relay(sctp, commands)
    relay.put("B")
    await sctp.start(None, 5000)
    tasks = [asyncio.ensure_future(x)
             for x in (udp.pump(), relay.watch(), relay.serve())]
    await tasks[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-local", required=True)
    parser.add_argument("-remote", required=True)
    parser.add_argument("-listen", action="store_true")
    asyncio.run(run(parser.parse_args()))


main()
