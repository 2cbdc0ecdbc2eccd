"""Owns the listening on one port.

Literal loopback addresses only, on the very socket that will listen: no probe before, no wildcard, no name looked up,
no port shared with another process (RFC 8252 §7.3, §8.3).
"""

import errno
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

IPV4 = (socket.AF_INET, "127.0.0.1")
IPV6 = (socket.AF_INET6, "::1")
_BACKLOG = 128
_SYSTEM_PORT_TRIES = 8
_STACK_MISSING = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT}


def bind(host: str, port: int) -> list[socket.socket]:
    """Listen on `port`; 0 is one of the system's choice. Raises OSError, with EADDRINUSE where somebody has it.

    "localhost" means both stacks on one port, as far as they exist: browsers resolve the name either way.
    """
    addresses = [IPV4, IPV6] if host == "localhost" else [IPV4]
    for _ in range(0 if port else _SYSTEM_PORT_TRIES - 1):
        with suppress(OSError):  # what is free on one stack may be taken on the other
            return _bind_all(addresses, port)
    return _bind_all(addresses, port)


def _bind_all(addresses: Sequence[tuple[socket.AddressFamily, str]], port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    for family, address in addresses:
        try:
            bound.append(_bind_one(family, address, bound[0].getsockname()[1] if bound else port))
        except OSError as error:
            if error.errno in _STACK_MISSING:
                continue
            for sock in bound:
                sock.close()
            raise
    if not bound:
        raise OSError(errno.EADDRNOTAVAIL, "there is no loopback address")
    return bound


def _bind_one(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Here it lets a fixed port be used again while old connections time out; two can never listen.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock
