#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""frame.c against protobuf's own library, both ways, with random messages.

Usage: protobuf.py CODEC
"""

import random
import re
import subprocess
import sys
import warnings

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

CASES = 5000
FIELD = descriptor_pb2.FieldDescriptorProto

# The specification's fields, and some that it does not have.
KNOWN = [
    ("flag", 1, FIELD.TYPE_ENUM), ("message", 2, FIELD.TYPE_BYTES),
    ("errorCode", 3, FIELD.TYPE_UINT32),
]
UNKNOWN = [
    ("u4", 4, FIELD.TYPE_INT64), ("u5", 5, FIELD.TYPE_FIXED32),
    ("u6", 6, FIELD.TYPE_FIXED64), ("u15", 15, FIELD.TYPE_BYTES),
    ("u16", 16, FIELD.TYPE_SINT32), ("u2047", 2047, FIELD.TYPE_BYTES),
    ("u19", 19, FIELD.TYPE_DOUBLE), ("u33", 33, FIELD.TYPE_BOOL),
    ("umax", (1 << 29) - 1, FIELD.TYPE_UINT64),
]

# What may be a tag of more than 32 bits, or a number of more than 64:
# protobuf's C++ drops what is over, the codec (as Go's protobuf) refuses it.
TOO_LONG = re.compile(rb"[\x80-\xff]{4}[\x10-\x7f]|[\x80-\xff]{9}[\x02-\x7f]")


def make_classes():
    """The messages Plain (known fields) and Wide (known and unknown ones)."""
    file = descriptor_pb2.FileDescriptorProto(name="frame.proto")
    flag = file.enum_type.add(name="Flag")
    for number, name in enumerate(["FIN", "STOP_SENDING", "RESET_STREAM",
                                   "FIN_ACK"]):
        flag.value.add(name=name, number=number)
    for name, fields in ("Plain", KNOWN), ("Wide", KNOWN + UNKNOWN):
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            added = message.field.add(name=field, number=number, type=kind,
                                      label=FIELD.LABEL_OPTIONAL)
            # protobuf keeps an enum's unknown number aside; an int32 has the
            # same bytes and keeps it.
            if kind == FIELD.TYPE_ENUM and name == "Wide":
                added.type = FIELD.TYPE_INT32
            elif kind == FIELD.TYPE_ENUM:
                added.type_name = "Flag"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return [message_factory.MessageFactory(pool).GetPrototype(
        pool.FindMessageTypeByName(name)) for name in ("Plain", "Wide")]


PLAIN, WIDE = make_classes()


def varint(value):
    """As multiformats/unsigned-varint has it."""
    out = bytearray()
    while value > 0x7f:
        out.append(0x80 | value & 0x7f)
        value >>= 7
    out.append(value)
    return bytes(out)


def unframe(data):
    """Body of the one frame that data is."""
    length = shift = 0
    for used, byte in enumerate(data, 1):
        length |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            break
    assert varint(length) == data[:used] and len(data) == used + length
    return data[used:]


class Codec:
    """The program that has frame.c in it."""

    def __init__(self, path):
        self.program = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        """The answer, without its newline."""
        self.program.stdin.write(" ".join(words) + "\n")
        self.program.stdin.flush()
        return self.program.stdout.readline().rstrip("\n")

    def close(self):
        """True if it ended well: its sanitizers had nothing to say."""
        self.program.stdin.close()
        return self.program.wait() == 0


def random_bytes(rng):
    """Of all the lengths that have a varint of their own size."""
    return rng.randbytes(rng.choice([0, 1, 5, 127, 128, 300, 16384, 20000])
                         if rng.random() < .3 else rng.randrange(20))


def random_value(rng, kind):
    """A value that a field of that type may have."""
    if kind == FIELD.TYPE_BYTES:
        return random_bytes(rng)
    if kind == FIELD.TYPE_DOUBLE:
        return rng.random()
    if kind == FIELD.TYPE_BOOL:
        return rng.random() < .5
    bits = 32 if kind in (FIELD.TYPE_UINT32, FIELD.TYPE_FIXED32) else 64
    if kind in (FIELD.TYPE_ENUM, FIELD.TYPE_SINT32):
        return rng.choice([0, 1, 2, 3, 4, 127, 128, -1, -2147483648,
                           2147483647, rng.randrange(-2147483648, 2147483648)])
    value = rng.choice([0, 1, 127, 128, (1 << bits) - 1,
                        rng.randrange(1 << bits)])
    return value - (1 << 63) if kind == FIELD.TYPE_INT64 else value


def random_message(rng):
    """Fields in any order and any number, each serialized by protobuf."""
    data = b""
    for _ in range(rng.randrange(7)):
        fields = KNOWN if rng.random() < .6 else UNKNOWN
        name, _, kind = rng.choice(fields)
        piece = WIDE()
        setattr(piece, name, random_value(rng, kind))
        data += piece.SerializeToString()
    return data


def parse(data):
    """The message that data is.  All of it: of what protobuf leaves over it
    only warns."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        message = WIDE.FromString(data)
    if seen:
        raise DecodeError(seen[0].message)
    return message


def expected(data):
    """What the codec has to say of a message that protobuf can read."""
    message = parse(data)
    return ",".join([
        str(message.flag) if message.HasField("flag") else "-",
        str(message.errorCode) if message.HasField("errorCode") else "-",
        "=" + message.message.hex() if message.HasField("message") else "-",
    ])


def is_refused(data):
    """Has it what protobuf skips and the codec refuses: a group, or a known
    field of another wire type?"""
    return any(field.field_number <= 3 or field.wire_type == 3
               for field in parse(data).UnknownFields())


def test_protobuf_to_codec(codec, rng):
    """A stream of frames whose bodies are protobuf's."""
    for _ in range(CASES):
        bodies = [random_message(rng) for _ in range(rng.randrange(1, 4))]
        stream = b"".join(varint(len(body)) + body for body in bodies)
        # An empty frame says nothing.
        want = [expected(body) for body in bodies if body]
        seen = codec.ask("read", stream.hex() or "-")
        assert seen.split() == want, (stream.hex(), want, seen)


def test_damaged_protobuf_to_codec(codec, rng):
    """Damaged messages: who reads them reads the same."""
    refused = 0
    for _ in range(CASES):
        body = bytearray(random_message(rng) or b"\x08\x00")
        for _ in range(rng.randrange(1, 3)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        body = bytes(body)
        if TOO_LONG.search(body):
            continue
        try:
            want = "bad" if is_refused(body) else expected(body)
        except DecodeError:
            want = "bad"
        refused += want == "bad"
        seen = codec.ask("read", (varint(len(body)) + body).hex())
        assert seen.split() == [want], (body.hex(), want, seen)
    assert CASES / 20 < refused < CASES


def test_codec_to_protobuf(codec, rng):
    """Frames of ours: payload, flags, error codes."""
    for _ in range(CASES):
        payload = random_bytes(rng) or b"x"
        body = unframe(bytes.fromhex(codec.ask("payload", payload.hex())))
        want = PLAIN(message=payload)
        assert body == want.SerializeToString()
        assert PLAIN.FromString(body) == want

        flag = rng.randrange(4)
        code = rng.choice([None, 0, 127, 128, rng.randrange(1 << 32)])
        body = unframe(bytes.fromhex(codec.ask(
            "flag", str(flag), "-" if code is None else str(code))))
        want = PLAIN(flag=flag, errorCode=code)
        assert body == want.SerializeToString()
        assert PLAIN.FromString(body) == want
        assert PLAIN.FromString(body).HasField("flag")


def test_random_bytes(codec, rng):
    """A stream of anything gets an answer."""
    for _ in range(CASES):
        codec.ask("read", rng.randbytes(rng.randrange(1, 60)).hex())


def main():
    """Print KTAP."""
    tests = [test_protobuf_to_codec, test_damaged_protobuf_to_codec,
             test_codec_to_protobuf, test_random_bytes]
    codec = Codec(sys.argv[1])
    print("KTAP version 1\n1..1\n    # Subtest: protobuf")
    print(f"    1..{len(tests)}")
    bad = 0
    for number, test in enumerate(tests, 1):
        result = "ok"
        try:
            test(codec, random.Random(number))
        except (AssertionError, OSError) as error:
            print(f"    # {error}")
            result = "not ok"
            bad += 1
        print(f"    {result} {number} {test.__name__[5:]}")
    bad += not codec.close()
    print("not ok" if bad else "ok", "1 protobuf")
    return bad > 0


sys.exit(main())
