# SPDX-License-Identifier: GPL-2.0
"""rude_server.py PORT: sends half of an answer, and cuts it off."""

import socket
import struct
import sys

AF_WRTCSUB = 18

made = socket.socket(AF_WRTCSUB, socket.SOCK_STREAM)
with socket.socket(socket.AF_INET6, socket.SOCK_STREAM,
                   fileno=made.detach()) as listener:
    listener.bind(("::", int(sys.argv[1])))
    listener.listen()
    while True:
        s, _ = listener.accept()
        with s:
            while s.recv(4096):
                pass
            s.sendall(b"HALF")
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack("ii", 1, 0))
