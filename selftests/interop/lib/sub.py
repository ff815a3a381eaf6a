# SPDX-License-Identifier: GPL-2.0
"""Sockets of AF_WRTCSUB, the thing under test."""

import errno
import socket
import struct

from wait import LIMIT

AF_WRTCSUB = 18
SOL_WRTCSUB = 289
ATTACH = 1
STREAM_ID = 3
OPEN_WAIT = 6
FIN_ACK_TIMEOUT = 7
FRAME_SPLIT = 9
ERROR_CODE = 11
ROLE = 13
ENCAP_PORT = 14

# enum wrtcsub_role
INITIATOR, EVEN, ODD = range(3)


def error_name(e):
    """Python's own time-out has no errno: nothing came at all."""
    return errno.errorcode[e.errno] if e.errno else "nothing"


def adopt(fd):
    """Python knows no AF_WRTCSUB, but its addresses are those of AF_INET."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fd)
    sock.settimeout(LIMIT)
    return sock


def new():
    return adopt(socket.socket(AF_WRTCSUB, socket.SOCK_STREAM).detach())


def set_option(sock, option, value):
    sock.setsockopt(SOL_WRTCSUB, option, value)


def listen(addr, port, role):
    sock = new()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    set_option(sock, ROLE, role)
    sock.bind((addr, port))
    sock.listen(1024)
    return sock


def accept(listener):
    sock, _ = listener.accept()
    sock.settimeout(LIMIT)
    return sock


def connect(local, remote, port, encap, role):
    """One on the association that there is, or on a new one."""
    sock = new()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    set_option(sock, ENCAP_PORT, encap)
    set_option(sock, ROLE, role)
    sock.bind((local, port))
    sock.connect((remote, port))
    return sock


def attached(other):
    """A socket for the association of another."""
    sock = new()
    set_option(sock, ATTACH, other.fileno())
    return sock


def stream_id(sock):
    return struct.unpack("=i", sock.getsockopt(SOL_WRTCSUB, STREAM_ID, 4))[0]


def error_code(sock):
    return sock.getsockopt(SOL_WRTCSUB, ERROR_CODE)


def finish(sock):
    """shutdown(SHUT_WR), which waits. Return: "0" or the name of the error."""
    sock.settimeout(None)
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError as e:
        return errno.errorcode[e.errno]
    finally:
        sock.settimeout(LIMIT)
    return "0"


def read_exactly(sock, length):
    data = bytearray()
    while len(data) < length:
        piece = sock.recv(length - len(data))
        if not piece:
            raise EOFError(f"the end after {len(data)} of {length} bytes")
        data += piece
    return bytes(data)


def read_end(sock):
    """Return: "0" for the end of the stream, or the name of the error."""
    try:
        data = sock.recv(65536)
    except OSError as e:
        return error_name(e)
    return f"{len(data)} bytes" if data else "0"


def finish_begin(sock):
    """Only begin it. Return: whether it is under way."""
    sock.setblocking(False)
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError as e:
        sock.settimeout(LIMIT)
        return e.errno == errno.EINPROGRESS
    sock.settimeout(LIMIT)
    return False
