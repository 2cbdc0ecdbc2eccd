"""Owns finding ports for a test: the system's choice, never fixed ones, for other runs share the machine."""

import errno
import socket
from contextlib import ExitStack


def free_ports(count: int) -> tuple[int, ...]:
    """Ports that nobody has now, neither on 127.0.0.1 nor on ::1; all are held until all are known, so they differ."""
    with ExitStack() as held:
        return tuple(_held(held) for _ in range(count))


def _held(held: ExitStack) -> int:
    while True:
        port = int(held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1])
        try:
            held.enter_context(socket.create_server(("::1", port), family=socket.AF_INET6))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
        return port
