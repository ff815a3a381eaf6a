# SPDX-License-Identifier: GPL-2.0
"""client.py ADDR PORT TEXT: sends it, and prints the answer."""

import socket
import sys

AF_WRTCSUB = 18


def substream(family):
    """A socket of AF_WRTCSUB with addresses of that family."""
    made = socket.socket(AF_WRTCSUB, socket.SOCK_STREAM)
    return socket.socket(family, socket.SOCK_STREAM, fileno=made.detach())


addr, port, text = sys.argv[1:]
with substream(socket.AF_INET) as s:
    s.connect((addr, int(port)))
    s.sendall(text.encode())
    s.shutdown(socket.SHUT_WR)      # no OSError: the peer has it all
    while data := s.recv(4096):     # b"": the answer is whole
        sys.stdout.buffer.write(data)
