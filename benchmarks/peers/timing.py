"""One process that times one call, in turns with a bare check in the same process, and tells what it found as JSON.

Run by the package's own Python: `python -m peers.timing NAME HOME [DISTRIBUTION]`. The network is out of reach.
"""

import asyncio
import json
import socket
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import repeat
from timeit import Timer
from typing import Any, NoReturn

from peers.calls import CALLS, Call

BATCHES = 15
BATCH_SECONDS = 0.02
SEEN_WITHIN = 1.2
"""Seconds after which a call is asked what it says to a sign-out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Nanoseconds of a bare check and of the call, each the median of its batches, and of their ratios in pairs.

    `sees` is whether another process's sign-out is seen; None where the package keeps nothing that could show it.
    """

    bare: float
    call: float
    ratio: float
    version: str
    sees: bool | None = None


class Held:
    """The bare check: is the token that is held good by the clock?"""

    def __init__(self) -> None:
        self.token, self.expires_at = "token", time.time() + 86_400

    def check(self) -> str | None:
        """The token, if it is."""
        return self.token if time.time() < self.expires_at else None


def main() -> None:
    """Time the call, and print what came of it."""
    name, home, distribution = sys.argv[1:]
    cut_off()
    call = CALLS[name](home)
    timed = in_turns(of_call(call))
    sees = None if call.sign_out is None else _sees(call, call.sign_out)
    print(json.dumps(asdict(Timed(**timed, version=_version(distribution), sees=sees))))


def cut_off() -> None:
    """From here on, every try to reach the network fails."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError("nothing here may need the network")

    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, refuse)
    socket.getaddrinfo = refuse


def of_call(call: Call) -> Callable[[int], float]:
    """What takes the seconds of so many calls."""
    if not call.is_async:
        return Timer(call.ask).timeit

    async def several(number: int) -> float:
        ask, begun = call.ask, time.perf_counter()
        for _ in repeat(None, number):
            await ask()
        return time.perf_counter() - begun

    return lambda number: asyncio.run(several(number))


def in_turns(timed: Callable[[int], float]) -> dict[str, float]:
    """Batches of both, one after the other, each of a length that a clock can measure."""
    bare = Timer(Held().check).timeit
    bare_number, number = _enough(bare), _enough(timed)
    pairs = [(bare(bare_number) / bare_number, timed(number) / number) for _ in range(BATCHES)]
    checks, calls = zip(*pairs, strict=True)
    ratio = statistics.median(call / check for check, call in pairs)
    return {"bare": statistics.median(checks) * 1e9, "call": statistics.median(calls) * 1e9, "ratio": ratio}


def _enough(timed: Callable[[int], float]) -> int:
    """How many make a batch."""
    number = 1
    while timed(number) < BATCH_SECONDS:
        number *= 2
    return number


def _sees(call: Call, sign_out: Callable[[], object]) -> bool:
    """Whether it still gives a token when its file is gone, or raises."""
    sign_out()
    time.sleep(SEEN_WITHIN)
    try:
        asked: Any = asyncio.run(_awaited(call)) if call.is_async else call.ask()
    except Exception:  # noqa: BLE001 - each says it in its own way
        return True
    return asked is None


async def _awaited(call: Call) -> Any:
    return await call.ask()


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main()
