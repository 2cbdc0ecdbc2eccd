"""One process in which several callers ask at once for a token that has run out; tells what came of it as JSON.

Run by the package's own Python: `python -m peers.at_once NAME HOME ENDPOINT CALLERS DISTRIBUTION`. It says "ready", and
waits for a line. Nothing but loopback is in reach.
"""

import asyncio
import json
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

from peers.calls import Call
from peers.expired import CALLS, RAN_OUT


@dataclass(slots=True, kw_only=True)
class Asked:
    """The seconds that each caller waited, and the kinds of the errors of those who got no token."""

    version: str = ""
    waits: list[float] = field(default_factory=list[float])
    failures: list[str] = field(default_factory=list[str])


def main() -> None:
    """Ask at once, and print what came of it."""
    name, home, endpoint, callers, distribution = sys.argv[1:]
    stay_here()
    asked, call = Asked(version=version(distribution)), CALLS[name](home, endpoint)
    print("ready", flush=True)
    sys.stdin.readline()
    if call.is_async:
        asyncio.run(_tasks(call, int(callers), asked))
    else:
        _threads(call, int(callers), asked)
    print(json.dumps(asdict(asked)))


def stay_here() -> None:
    """From here on, every try to reach anything but this machine fails."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connect_here(self: socket.socket, address: Any) -> None:
        _check(address[0])
        connect(self, address)

    def look_up_here(host: Any, *rest: Any, **named: Any) -> Any:
        _check(host)
        return look_up(host, *rest, **named)

    for owner, name, here in ((socket.socket, "connect", connect_here), (socket, "getaddrinfo", look_up_here)):
        setattr(owner, name, here)


def _check(host: object) -> None:
    if host not in ("127.0.0.1", b"127.0.0.1", "localhost"):
        raise OSError("nothing here may need the network")


async def _tasks(call: Call, callers: int, asked: Asked) -> None:
    async def ask() -> None:
        begun = time.perf_counter()
        try:
            _take(asked, begun, await call.ask())
        except Exception as error:  # noqa: BLE001 - each says it in its own way
            asked.failures.append(type(error).__name__)

    await asyncio.gather(*(ask() for _ in range(callers)))


def _threads(call: Call, callers: int, asked: Asked) -> None:
    together = threading.Barrier(callers)

    def ask() -> None:
        together.wait()
        begun = time.perf_counter()
        try:
            _take(asked, begun, call.ask())
        except Exception as error:  # noqa: BLE001 - each says it in its own way
            asked.failures.append(type(error).__name__)

    threads = [threading.Thread(target=ask) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _take(asked: Asked, begun: float, token: str) -> None:
    if token == RAN_OUT:
        asked.failures.append("the token that ran out")
    else:
        asked.waits.append(time.perf_counter() - begun)


if __name__ == "__main__":
    main()
