#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Writes the first inputs of each target into directories below DIR.

Usage: seeds.py DIR

Frames and DATA_CHANNEL_OPEN messages are the vectors of the unit tests; the
lives of a substream and of identifiers are here.
"""

import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).parents[2] / "net/wrtcsub/tests"

# What the bytes of fsm_fuzz.c's input mean.
FSM_OPS = {
    "write": 0, "read": 2, "send": 4, "receive": 7, "shut_wr": 10,
    "shut_rd": 11, "fin_timer": 12, "close_timer": 13, "close": 14,
    "abort": 15 | 0x40, "lose": 15 | 0x70,
    "say_fin": 15, "say_stop": 15 | 0x20, "say_fin_ack": 15 | 0x60,
}
FSM_LIVES = [
    # Who does what: end 0 or 1, and an operation.  End 1 is of another kind
    # where there is a "say", of FIN, STOP_SENDING, RESET_STREAM or FIN_ACK.
    "0write 0send 1receive 1read 0shut_wr 0send 0send 1receive 1send 0receive",
    "0shut_wr 1shut_wr 0send 0send 1send 1send 0receive 1receive 0send 1send",
    "0write 1shut_rd 1send 0receive 0send 0send 1receive 1send 0receive",
    "0write 0write 0shut_wr 1shut_rd 1send 0receive 0send 1receive 1send",
    "0write 0send 0abort 0send 1receive 1receive 1read",
    "0write 0send 1receive 0lose 1read",
    "0shut_wr 0send 0send 0fin_timer 0close 0close_timer 0send 1receive",
    "1say_fin 1say_fin 0receive 0receive 0send 0shut_wr 0close 0close_timer",
    "1say_fin_ack 0shut_wr 0send 0receive 0send 1say_stop 0receive",
]
# Operation and identifier.
SID_LIVES = [
    bytes.fromhex("0a 00 00 40 00 02 05 03 00 04 00 00 00"),
    bytes.fromhex("02 00 00 00 00 85 ff ff 85 01 00 82 ff fe"),
]


def vectors(source):
    """The bytes of a test's vectors, its macros expanded."""
    text = (TESTS / source).read_text()
    for name, value in re.findall(r'#define (\w+)\s+"([0-9a-f ]+)"', text):
        text = re.sub(rf"\b{name}\b", f'"{value}"', text)
    rows = re.findall(r'{ "[^"]+",\s+((?:"[0-9a-f ]+"\s*)+),\s', text)
    return [bytes.fromhex(row.replace('"', "")) for row in rows]


def fsm_life(text):
    """A line of FSM_LIVES as an input; the first byte chooses the peer."""
    ops = [FSM_OPS[word[1:]] << 1 | int(word[0]) for word in text.split()]
    return bytes(["say" in text] + ops)


def main():
    """Write all seeds."""
    seeds = {
        # The first byte chooses the limit of a frame.
        "frame": [b"\0" + v for v in vectors("decoder_test.c")],
        "dcep": vectors("dcep_test.c"),
        "fsm": [fsm_life(text) for text in FSM_LIVES],
        "sid": SID_LIVES,
    }
    for target, inputs in seeds.items():
        folder = pathlib.Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        assert len(inputs) > 1, target
        for number, data in enumerate(inputs):
            (folder / f"seed{number:03}").write_bytes(data)


main()
