# SPDX-License-Identifier: GPL-2.0
"""server.py PORT: answers each substream with what it got, in capitals."""

import socket
import sys
import threading

AF_WRTCSUB = 18


def serve(substream):
    with substream:
        while data := substream.recv(4096):
            substream.sendall(data.upper())
        # Waits until the peer has all of it, else raises an OSError.
        substream.shutdown(socket.SHUT_WR)


made = socket.socket(AF_WRTCSUB, socket.SOCK_STREAM)
# Python knows its addresses as those of IPv6.
with socket.socket(socket.AF_INET6, socket.SOCK_STREAM,
                   fileno=made.detach()) as listener:
    listener.bind(("::", int(sys.argv[1])))
    listener.listen()
    while True:
        substream, _ = listener.accept()
        threading.Thread(target=serve, args=[substream]).start()
