# SPDX-License-Identifier: GPL-2.0
"""Frames: a length and a protobuf message, as a stream of bytes."""

from dataclasses import dataclass, field
from typing import List, Optional

FIN, STOP_SENDING, RESET_STREAM, FIN_ACK = range(4)
NAMES = ["FIN", "STOP_SENDING", "RESET_STREAM", "FIN_ACK"]

TAG_FLAG = 0x08
TAG_MESSAGE = 0x12
TAG_CODE = 0x18


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def parse_varint(buf, at):
    """Return: the value and where it ends, or None if it is not all there."""
    value = shift = 0
    while at < len(buf):
        value |= (buf[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not buf[at - 1] & 0x80:
            return value, at
    return None


@dataclass
class Frame:
    flag: Optional[int] = None
    data: bytes = b""
    code: Optional[int] = None
    size: int = 0
    messages: List[int] = field(default_factory=list)

    def __str__(self):
        flag = "" if self.flag is None else NAMES[self.flag] + " "
        return f"{flag}{len(self.data)} bytes in messages of {self.messages}"


def encode(data=b"", flag=None, code=None):
    """Return: the prefix and the body."""
    body = bytearray()
    if flag is not None:
        body += bytes([TAG_FLAG, flag])
    if data:
        body += bytes([TAG_MESSAGE]) + varint(len(data)) + data
    if code is not None:
        body += bytes([TAG_CODE]) + varint(code)
    return varint(len(body)), bytes(body)


def decode(body):
    frame, at = Frame(), 0
    while at < len(body):
        tag = body[at]
        value, at = parse_varint(body, at + 1)
        if tag == TAG_FLAG:
            frame.flag = value
        elif tag == TAG_CODE:
            frame.code = value
        elif tag == TAG_MESSAGE and at + value <= len(body):
            frame.data = bytes(body[at:at + value])
            at += value
        else:
            raise ValueError(f"malformed frame: {bytes(body[:16]).hex()}")
    return frame


class Decoder:
    """Takes SCTP messages, gives frames."""

    def __init__(self):
        self.buf = bytearray()
        self.messages = []

    def feed(self, data):
        self.buf += data
        self.messages.append(len(data))
        while True:
            head = parse_varint(self.buf, 0)
            if not head or head[0] + head[1] > len(self.buf):
                return
            end = head[0] + head[1]
            frame = decode(memoryview(self.buf)[head[1]:end])
            frame.size = end
            frame.messages = self.messages
            # The next frame may have begun in the same message.
            rest = len(self.buf) - end
            self.messages = [rest] if rest else []
            del self.buf[:end]
            yield frame
