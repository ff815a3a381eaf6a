#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""wrtcsub.lua in tshark: the unit tests' vectors, and what else can be seen."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import defaultdict

from capture import BINARY_EMPTY, DCEP, Capture

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parents[1] / "net/wrtcsub/tests/decoder_test.c"
DEFAULT_LIMIT = 263168

OPEN = bytes.fromhex("03 00 0100 00000000 0000 0000")
ACK = b"\x02"
FIN, STOP, RESET, FIN_ACK = (bytes([2, 8, flag]) for flag in range(4))
ABC = bytes.fromhex("05 12 03 61 62 63")


def vectors():
    """Name, bytes, what the decoder says, limit; as in decoder_test.c."""
    text = TESTS.read_text(encoding="utf-8")
    for name, value in re.findall(r'#define (\w+)\s+"([0-9a-f ]+)"', text):
        text = re.sub(rf"\b{name}\b", f'"{value}"', text)
    rows = re.findall(r'{ ("[^"]+"),\s+((?:"[0-9a-f ]*"\s*)+),\s+'
                      r'("[^"]*")(?:, (\d+))? }', text)
    for name, data, says, limit in rows:
        yield (name.strip('"'), bytes.fromhex(data.replace('"', "")),
               says.strip('"'), int(limit or DEFAULT_LIMIT))


def tshark(capture, limit=DEFAULT_LIMIT):
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "pcap")
        capture.write(path)
        run = subprocess.run(
            ["tshark", "-n", "-r", path, "-T", "pdml",
             "-X", f"lua_script:{HERE / 'wrtcsub.lua'}",
             "-o", f"wrtcsub.max_body:{limit}"],
            capture_output=True, check=True, env={**os.environ, "HOME": tmp})
    assert b"Lua" not in run.stderr, run.stderr.decode()
    return ET.fromstring(run.stdout)


def fields(tree, name):
    return [x for x in tree.iter("field") if x.get("name") == name]


def text_of(frame):
    """As the unit tests have it."""
    if fields(frame, "wrtcsub.length") == []:
        return "!"
    text = "".join("M" + bytes.fromhex(x.get("value", "")).decode()
                   for x in fields(frame, "wrtcsub.message"))
    if fields(frame, "wrtcsub.malformed"):
        return text + "!"
    if fields(frame, "wrtcsub.length")[0].get("show") == "0":
        return ""
    for letter, name in ("F", "flag"), ("C", "error_code"):
        found = fields(frame, "wrtcsub." + name)
        if found:
            text += letter + str(int(found[-1].get("show"), 0))
    return text + "."


def texts(tree):
    """What is in each stream, and whether a frame is not all there."""
    found = defaultdict(str)
    rest = defaultdict(str)
    for proto in tree.iter("proto"):
        if proto.get("name") != "wrtcsub":
            continue
        sid = int(fields(proto, "wrtcsub.stream")[0].get("show"))
        found[sid] += "".join(map(text_of, fields(proto, "wrtcsub.frame")))
        rest[sid] = "~" if fields(proto, "wrtcsub.rest") else ""
    return {sid: text + rest[sid] for sid, text in found.items()}


def cuts(data):
    yield [data]
    for cut in range(1, len(data)):
        yield [data[:cut], data[cut:]]
    yield [data[i:i + 1] for i in range(len(data))]


def vectors_of(limit):
    """Each vector whole and cut everywhere: each a stream."""
    capture, want = Capture(), {}
    for name, data, says, of in vectors():
        if of != limit or not data:
            continue
        # What is not whole is shown when it is.
        says = re.sub(r"[^.]*~$", "~", says)
        for messages in cuts(data):
            sid = len(want)
            want[sid] = says, name, messages
            capture.send(sid, *messages)
    got = texts(tshark(capture, limit))
    for sid, (says, name, messages) in want.items():
        assert got.get(sid) == says, (name, messages, says, got.get(sid))
    return len(want)


def all_vectors():
    limits = {limit for _, _, _, limit in vectors()}
    assert len(limits) > 1
    total = sum(map(vectors_of, limits))
    assert total > 500, total


def experts(capture):
    """What is remarked, message by message."""
    found = []
    for proto in tshark(capture).iter("proto"):
        if proto.get("name") == "wrtcsub":
            names = [x.get("name") for x in proto.iter("field")
                     if x.get("name").startswith("wrtcsub.") and
                     x.get("name") not in SHOWN]
            found.append(" ".join(x[len("wrtcsub."):] for x in names))
    return found


SHOWN = {"wrtcsub." + x for x in (
    "stream", "frame", "begins", "messages", "length", "flag",
    "message_length", "message", "error_code", "unknown", "rest", "empty")}


def remarks(*expected):
    """A conversation, and the remark for each message."""
    capture = Capture()
    for data, remark, how in expected:
        capture.send(0, data, **how)
    got = experts(capture)
    want = [remark for _, remark, _ in expected]
    assert got == want, (got, want)


def at_peace():
    remarks((OPEN, "", {"ppid": DCEP}), (ACK, "", {"ppid": DCEP, "back": True}),
            (ABC, "", {}), (FIN, "", {}), (FIN_ACK, "", {"back": True}),
            (FIN, "", {"back": True}), (FIN_ACK, "", {}))


def flags_out_of_place():
    back = {"back": True}
    remarks((FIN_ACK, "stray_fin_ack", back), (FIN, "", {}),
            (ABC, "after_fin", {}), (FIN, "second_fin", {}),
            (FIN_ACK, "second_fin_ack", back),
            (bytes.fromhex("02 08 07"), "unknown_flag", back),
            (bytes.fromhex("05 08 00 12 01 61"), "with_message", back))


def forms():
    big = bytes.fromhex("848001 12808001") + bytes(16384)
    remarks((bytes.fromhex("00"), "empty_frame", {}),
            (bytes.fromhex("82 00 08 01"), "not_minimal", {}),
            (bytes.fromhex("06 12 01 61 12 01 62"), "repeated", {}),
            (bytes.fromhex("05 12 01 61 78 01"), "unknown_field", {}),
            (big, "over_limit", {}),
            (bytes.fromhex("02 09 00"), "malformed", {}), (ABC, "lost", {}))


def dcep():
    how = {"ppid": DCEP}
    unordered = bytes([3, 0x80]) + OPEN[2:]
    partial = bytes([3, 1]) + OPEN[2:]
    remarks((unordered, "dcep_unordered", how), (partial, "dcep_channel", how),
            (OPEN + b"x", "dcep_length", how), (OPEN[:4], "dcep_length", how),
            (b"\x07", "dcep_type", how))


def in_disorder():
    """The second message comes last, and is remarked on until it does."""
    capture = Capture()
    for at in 0, 2, 3, 1:
        capture.send(0, ABC[at:at + 1] if at < 3 else ABC[3:], ssn=at)
    assert experts(capture) == ["", "gap", "gap", ""]
    assert texts(tshark(capture)) == {0: "Mabc."}


def used_again():
    """After the reset of a stream its numbers begin again."""
    capture = Capture()
    for _ in range(2):
        capture.send(0, OPEN, ppid=DCEP, ssn=0)
        capture.send(0, ABC[:2], ABC[2:], FIN)
    assert experts(capture) == [""] * 8, experts(capture)
    assert texts(tshark(capture)) == {0: "Mabc.F0." * 2}


def carried_otherwise():
    """Bundled, over UDP, as I-DATA, unordered, with empty messages between."""
    capture = Capture()
    for udp in False, True:
        capture.packet(capture.chunk(0, ABC[:1]), capture.chunk(2, RESET),
                       capture.chunk(0, ABC[1:]), udp=udp)
    capture.send(4, ABC[:2], i_data=True)
    capture.send(4, b"\0", i_data=True, ppid=BINARY_EMPTY)
    capture.send(4, ABC[2:], i_data=True)
    capture.send(6, ABC, STOP, unordered=True)
    assert texts(tshark(capture)) == {0: "Mabc." * 2, 2: "F2." * 2,
                                      4: "Mabc.", 6: "Mabc.F1."}


def main():
    tests = (all_vectors, at_peace, flags_out_of_place, forms, dcep,
             in_disorder, used_again, carried_otherwise)
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            verdict = "ok"
        except AssertionError as e:
            print("#", e)
            verdict = "not ok"
            failed += 1
        print(f"{verdict} {number} wireshark: "
              f"{test.__name__.replace('_', ' ')}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
