# SPDX-License-Identifier: GPL-2.0
"""server.py PORT: answers each substream with what it got, in capitals."""

import socket
import socketserver
import sys

AF_WRTCSUB = 18


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())
        # Waits until the peer has all of it, else raises an OSError.
        self.request.shutdown(socket.SHUT_WR)


class Server(socketserver.ThreadingTCPServer):
    address_family = AF_WRTCSUB

    def __init__(self, address, handler):
        super().__init__(address, handler, bind_and_activate=False)
        # Its addresses are those of IPv4 and IPv6, which Python does not know.
        listener = socket.socket(AF_WRTCSUB, socket.SOCK_STREAM)
        self.socket = socket.socket(socket.AF_INET6, socket.SOCK_STREAM,
                                    fileno=listener.detach())
        self.server_bind()
        self.server_activate()


Server(("::", int(sys.argv[1])), Handler).serve_forever()
