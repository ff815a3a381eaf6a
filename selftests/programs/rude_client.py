# SPDX-License-Identifier: GPL-2.0
"""rude_client.py ADDR PORT: one that wants no answer, one that is cut off."""

import contextlib
import socket
import struct
import sys

AF_WRTCSUB = 18


def connected():
    made = socket.socket(AF_WRTCSUB, socket.SOCK_STREAM)
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=made.detach())
    s.connect((sys.argv[1], int(sys.argv[2])))
    return s


# The server may have closed, as there is nobody to write to.
with connected() as s, contextlib.suppress(OSError):
    s.shutdown(socket.SHUT_RD)
    s.sendall(b"deaf")
    s.shutdown(socket.SHUT_WR)
with connected() as s:
    s.sendall(b"cut")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
