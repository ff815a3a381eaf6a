# SPDX-License-Identifier: GPL-2.0
"""Captures of SCTP packets, made of nothing."""

import struct

RAW = 101			# a capture of packets of IP
PORTS = 5000, 5001
UDP_PORT = 9899
UNORDERED = 4
WHOLE = 3			# begins and ends a message
DATA, I_DATA = 0, 64
DCEP, BINARY, BINARY_EMPTY = 50, 53, 57


class Capture:
    """Each end counts what it sends, as SCTP does."""

    def __init__(self):
        self.packets = []
        self.tsn = {}
        self.ssn = {}

    def chunk(self, sid, data, ppid=BINARY, back=False, ssn=None,
              unordered=False, i_data=False):
        tsn = self.tsn.setdefault(back, 1000)
        self.tsn[back] = tsn + 1
        if ssn is None:
            ssn = self.ssn.get((back, sid), 0)
        if not unordered:
            self.ssn[back, sid] = ssn + 1
        flags = WHOLE | (UNORDERED if unordered else 0)
        if i_data:
            head = struct.pack("!LHHLL", tsn, sid, 0, ssn, ppid)
        else:
            head = struct.pack("!LHHL", tsn, sid, ssn, ppid)
        head = struct.pack("!BBH", I_DATA if i_data else DATA, flags,
                           4 + len(head) + len(data)) + head
        return head + data + bytes(-len(data) % 4)

    def packet(self, *chunks, back=False, udp=False):
        ports = PORTS[::-1] if back else PORTS
        body = struct.pack("!HHLL", *ports, 1 + back, 0) + b"".join(chunks)
        if udp:
            body = struct.pack("!HHHH", UDP_PORT, UDP_PORT, 8 + len(body),
                               0) + body
        hosts = [b"\x0a\0\0\1", b"\x0a\0\0\2"]
        src, dst = hosts[::-1] if back else hosts
        self.packets.append(struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64,
            17 if udp else 132, 0, src, dst) + body)

    def send(self, sid, *messages, back=False, **how):
        """Each message in a packet of its own."""
        for data in messages:
            self.packet(self.chunk(sid, data, back=back, **how), back=back)

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("=LHHLLLL", 0xa1b2c3d4, 2, 4, 0, 0, 1 << 18,
                                RAW))
            for number, data in enumerate(self.packets):
                f.write(struct.pack("=LLLL", number, 0, len(data), len(data))
                        + data)
