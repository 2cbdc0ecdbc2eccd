"""200 accounts of one app, signed in, opened in one process, asked for a token once, and left at rest.

Promised: no thread, no task and no timer runs for them, and an account takes at most 2048 bytes beside its tokens. The
tokens are the strings of its access, refresh and ID token, which nobody can do without. Bytes are what Python has
allocated (`tracemalloc`); beside them stands what the system counts as the process's own memory, measured in another
process, as being traced costs memory too. Two accounts are opened before the first look, so that what a process keeps
once is not counted as an account's; a CA file of the user's is left aside, since each account reads it anew.

The same of other packages, each account with made-up tokens in a home of its own: what one object of theirs takes, and
a few hundred bytes of what calls it. Those that hold no token read their file at each call.
"""

import asyncio
import gc
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

import anyio
import psutil
import trio
from peers.credentials import token
from peers.environment import left_out, program
from peers.held import Held
from results.options import options
from results.place import BENCHMARKS
from results.promise import Promise
from results.section import Section, Table, tell
from sniffio import current_async_library
from world.app import APP, browse
from world.clock import WorldClock
from world.figures import on_disk
from world.processes import PATIENCE, Line, Program
from world.server import Server
from world.token_requests import Pauses

from signedin import Connection
from signedin.connection import account_of

OPTIONS = {"accounts": (200, "signed in and opened in one process")}
FIRST = 2
"""So many are open before the first look."""
PROMISE = 2048
TTL = 86_400
SETTLED_SECONDS = 0.5
"""After these, the threads that opened the last accounts have ended."""

PEERS = {
    "authlib": ("references", 1),
    "chatgpt-auth": ("chatgpt-auth", 0),
    "codex-auth": ("codex-auth", 1),
    "google-auth": ("references", 1),
    "oauth-codex": ("oauth-codex", 0),
}
"""Each with its environment, and the number of access tokens that an account holds."""

Measure = Callable[[], int]
"""Bytes, by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What runs in a process: its threads, the tasks of its event loop, and what that waits for by the clock."""

    threads: int
    tasks: int
    timers: int

    def __sub__(self, other: "Running") -> "Running":
        return Running(
            threads=self.threads - other.threads, tasks=self.tasks - other.tasks, timers=self.timers - other.timers
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A process at rest: what runs for all accounts, and an account's share of memory, in bytes."""

    running: Running
    memory: float
    tokens: float

    @property
    def beside(self) -> float:
        """Bytes beside the tokens."""
        return self.memory - self.tokens


def main() -> int:
    """Look at both event loops, and at the memory that the system counts."""
    number = options(__doc__, OPTIONS).accounts
    with ExitStack() as stack:
        home = stack.enter_context(on_disk())
        server = stack.enter_context(Server(WorldClock(), Pauses(before=(0, 0), after=(0, 0)), ttl=TTL))
        server.introduce_to(home)
        anyio.run(_sign_in_all, home, number + FIRST)
        rests = {backend: _told(home, number, backend, traced) for backend in ("asyncio", "trio")}
        system = _told(home, number, "asyncio", resident)
    return tell("idle", _section(number, rests, system, _theirs(number)))


async def _sign_in_all(home: str, number: int) -> None:
    for each in range(number):
        opening = Connection.open(
            app_name=APP, account=f"label-{each}", new=True, provider="sandbox", home=home, store="file"
        )
        async with opening as connection:
            await connection.sign_in(prompt=browse)


def _told(home: str, number: int, backend: str, measure: Measure) -> Rest:
    with Program(rest, home, number, backend, measure) as program:
        told: Rest = program.hear(seconds=10 * PATIENCE)
        return told


def _theirs(number: int) -> dict[str, Held]:
    """Nothing of those that cannot be had."""
    pythons = {name: program(environment) for name, (environment, _) in PEERS.items()}
    return {name: _held(python, name, number) for name, python in pythons.items() if python is not None}


def _held(python: str, name: str, number: int) -> Held:
    with tempfile.TemporaryDirectory() as empty:
        command = [python, "-m", "peers.held", name, empty, str(number), name]
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": empty, "PYTHONPATH": BENCHMARKS}
        said = subprocess.run(command, env=environment, cwd=empty, capture_output=True, text=True, check=True)
    return Held(**json.loads(said.stdout))


# the process that rests ----------------------------------------------------------------------------------------------


def rest(line: Line, home: str, number: int, backend: str, measure: Measure) -> None:
    """Open all of them, and tell what that comes to."""
    os.environ.pop("SSL_CERT_FILE", None)
    anyio.run(_rest, line, home, number, measure, backend=backend)


async def _rest(line: Line, home: str, number: int, measure: Measure) -> None:
    idle = _running()
    held = [await _open(home, each) for each in range(FIRST)]
    before = measure()
    held += [await _open(home, each) for each in range(FIRST, FIRST + number)]
    after = measure()
    await anyio.sleep(SETTLED_SECONDS)
    tokens = sum(map(_tokens, held[FIRST:]))
    line.send(Rest(running=_running() - idle, memory=(after - before) / number, tokens=tokens / number))


async def _open(home: str, number: int) -> Connection:
    connection = await Connection.open(app_name=APP, account=f"label-{number}", home=home, store="file")
    await connection.get_access_token()
    return connection


def _tokens(connection: Connection) -> int:
    session = account_of(connection).context.session
    assert session is not None
    tokens = session.access_token, session.refresh_token, session.id_token
    return sum(sys.getsizeof(token.reveal()) for token in tokens if token is not None)


def _running() -> Running:
    return Running(threads=threading.active_count(), tasks=len(anyio.get_running_tasks()), timers=_timers())


def _timers() -> int:
    """Of trio it is known only whether there is one."""
    if current_async_library() == "trio":
        return int(trio.lowlevel.current_statistics().seconds_to_next_deadline < math.inf)
    loop: Any = asyncio.get_running_loop()
    return sum(not timer.cancelled() for timer in loop._scheduled)


# memory --------------------------------------------------------------------------------------------------------------


def traced() -> int:
    """Bytes that Python has allocated since the first look."""
    gc.collect()
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    return tracemalloc.get_traced_memory()[0]


def resident() -> int:
    """Bytes of the process that are in memory."""
    gc.collect()
    return psutil.Process().memory_info().rss


# what came of it -----------------------------------------------------------------------------------------------------


def _section(number: int, rests: dict[str, Rest], system: Rest, theirs: dict[str, Held]) -> Section:
    rows: list[tuple[str, ...]] = [("bytes of an account, signedin", *rests)]
    rows.append(("all of it", *(f"{rest.memory:,.0f}" for rest in rests.values())))
    rows.append(("the tokens", *(f"{rest.tokens:,.0f}" for rest in rests.values())))
    rows.append(("the rest", *(f"{rest.beside:,.0f}" for rest in rests.values())))
    rows.append(("resident, says the system", f"{system.memory:,.0f}", ""))
    promises = [
        promise for backend, rest in rests.items() for promise in _promises(f"{number} accounts, {backend}", rest)
    ]
    return Section(
        title="Accounts at rest",
        words=__doc__,
        tables=[rows, _peers(theirs)],
        promises=promises,
        notes=left_out(*(environment for environment, _ in PEERS.values())),
    )


def _peers(theirs: dict[str, Held]) -> Table:
    rows: list[tuple[object, ...]] = [("package", "all of it", "tokens", "the rest", "threads of all accounts")]
    for name, held in sorted(theirs.items(), key=lambda item: item[1].memory):
        tokens = PEERS[name][1] * sys.getsizeof(token())
        figures = (f"{size:,.0f}" for size in (held.memory, tokens, held.memory - tokens))
        rows.append((f"{name} {held.version}", *figures, held.threads))
    return rows


def _promises(who: str, rest: Rest) -> list[Promise]:
    running = [
        Promise(name=f"{who}: {kind}", measured=count, at_most=0, unit=kind)
        for kind, count in asdict(rest.running).items()
    ]
    return [*running, Promise(name=f"{who}: beside the tokens", measured=rest.beside, at_most=PROMISE, unit="bytes")]


if __name__ == "__main__":
    sys.exit(main())
