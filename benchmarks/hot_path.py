"""What a token costs that is at hand, and how soon another process's sign-out, sign-in or rotation is seen.

Nanoseconds say something about the machine; what counts is the ratio to a bare check of one attribute against the
clock, timed in turns within the same process. Every package runs in a process of its own, several times over, with the
network out of reach: `get_access_token()` for asyncio and for threads, and what the others call theirs. Promised: at
most 3.45 times the bare check, which is 300 ns where that takes 87 ns; and whatever another process does to the account
is seen within a second, or a tenth more where the two want the same core.

A package that is fast and does not see a sign-out hands out a token that is revoked.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import anyio
from peers.environment import left_out, program
from peers.timing import Timed
from results.options import options
from results.place import BENCHMARKS
from results.promise import Promise
from results.section import Section, Table, tell
from world.app import browse, open_app, sign_in
from world.clock import WorldClock
from world.figures import milliseconds, on_disk
from world.processes import Line, Program
from world.server import Server
from world.token_requests import Pauses

from signedin import Connection, InteractionRequired

OPTIONS = {
    "processes": (5, "fresh processes of each package"),
    "deeds": (8, "times that the other process does each of its deeds"),
}
PROMISE = 3.45
SEEN_PROMISE = 1.1
"""Seconds."""
SEEING = {True: "yes, it looks each time", False: "no", None: "it keeps nothing"}
DEEDS = ("refresh", "sign out", "sign in")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A call of `peers.calls`, as the table shows it; the environment is None for our own."""

    call: str
    shown: str
    distribution: str
    environment: str | None


OURS = (
    Row(call="signedin", shown="await get_access_token()", distribution="signedin", environment=None),
    Row(call="signedin_sync", shown="get_access_token(), threads", distribution="signedin", environment=None),
)
THEIRS = (
    *(
        Row(call=call, shown=shown, distribution=call, environment=call)
        for call, shown in (
            ("chatgpt-auth", "Credentials.get_access_token()"),
            ("chatgpt-oauth", "await AuthSession.get_access_token(), its file"),
            ("chatgpt-plan-auth", "await ChatGPTAuth.async_get_access_token()"),
            ("codex-auth", "what its transport asks"),
            ("codex-auth-helper", "CodexTokenManager.get_access_token_sync()"),
            ("oauth-cli-kit", "get_token()"),
            ("oauth-codex", "OAuthProvider.ensure_valid(), its file"),
        )
    ),
    Row(call="authlib", shown="ensure_active_token()", distribution="authlib", environment="references"),
    Row(call="authlib_async", shown="await ensure_active_token()", distribution="authlib", environment="references"),
    Row(call="google-auth", shown="before_request()", distribution="google-auth", environment="references"),
    Row(call="msal", shown="acquire_token_silent()", distribution="msal", environment="references"),
)


def main() -> int:
    """Time all of them in turns, watch what is seen, and say what came of it."""
    asked = options(__doc__, OPTIONS)
    clock = WorldClock(rate=1.0)
    with ExitStack() as stack:
        home = stack.enter_context(on_disk())
        server = stack.enter_context(Server(clock, Pauses(before=(0, 0), after=(0, 0)), ttl=86_400))
        server.introduce_to(home)
        sign_in(home, clock)
        timed = measure(home, asked.processes)
        seen = asyncio.run(_seen(stack.enter_context(Program(other, home, clock)), home, clock, asked.deeds))
    return tell("hot_path", _section(timed, seen))


def measure(home: str, processes: int) -> dict[Row, Timed]:
    """The median of several fresh processes for each, which take turns."""
    rows = [(row, python) for row in (*OURS, *THEIRS) if (python := _python(row)) is not None]
    timed: dict[Row, list[Timed]] = {}
    for _ in range(processes):
        for row, python in rows:
            if (found := _timed(row, python, home)) is not None:
                timed.setdefault(row, []).append(found)
    return {row: _median(several) for row, several in timed.items()}


def _python(row: Row) -> str | None:
    return sys.executable if row.environment is None else program(row.environment)


def _timed(row: Row, python: str, home: str) -> Timed | None:
    """One process. A peer gets a home that holds nothing else; one that fails is left out, and said so."""
    with tempfile.TemporaryDirectory() as empty:
        command = [python, "-m", "peers.timing", row.call, home if row in OURS else empty, row.distribution]
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": empty, "PYTHONPATH": BENCHMARKS}
        done = subprocess.run(command, env=environment, cwd=empty, capture_output=True, text=True, check=row in OURS)
    if done.returncode:
        print(f"  left out: {row.call} failed ({(done.stderr.strip().splitlines() or ['?'])[-1]})", flush=True)
        return None
    return Timed(**json.loads(done.stdout.splitlines()[-1]))


def _median(several: Sequence[Timed]) -> Timed:
    bare, call, ratio = (
        statistics.median(getattr(timed, figure) for timed in several) for figure in ("bare", "call", "ratio")
    )
    return Timed(bare=bare, call=call, ratio=ratio, version=several[0].version, sees=several[0].sees)


# what is seen --------------------------------------------------------------------------------------------------------


def other(line: Line, home: str, clock: WorldClock) -> None:
    """The other process: it does to the account what it is told, at some time within a second, and says when."""
    anyio.run(_do, line, home, clock)


async def _do(line: Line, home: str, clock: WorldClock) -> None:
    async with open_app(home, clock) as connection:
        while deed := await anyio.to_thread.run_sync(line.recv):
            await anyio.sleep(random.random())
            if deed == "refresh":
                await connection.refresh()
            elif deed == "sign out":
                await connection.sign_out()
            else:
                await connection.sign_in(prompt=browse)
            line.send(time.monotonic())


async def _seen(program: Program, home: str, clock: WorldClock, rounds: int) -> dict[str, list[float]]:
    """Seconds from the end of each deed until a process that asks on and on has it."""
    seen: dict[str, list[float]] = {deed: [] for deed in DEEDS}
    async with open_app(home, clock) as connection:
        for deed in DEEDS * rounds:
            before = await _asked(connection)
            program.line.send(deed)
            while await _asked(connection) == before:
                pass
            at = time.monotonic()
            seen[deed].append(max(0.0, at - program.hear()))
    return seen


async def _asked(connection: Connection) -> str | None:
    try:
        return (await connection.get_access_token()).reveal()
    except InteractionRequired:
        return None


# what came of it -----------------------------------------------------------------------------------------------------


def _section(timed: dict[Row, Timed], seen: dict[str, list[float]]) -> Section:
    speed = [Promise(name=row.shown, measured=timed[row].ratio, at_most=PROMISE) for row in OURS]
    worst = max(max(waits) for waits in seen.values())
    until = Promise(name="until another process's deed is seen, worst", measured=worst, at_most=SEEN_PROMISE, unit="s")
    waits = [("deed of another process", "seen after"), *((deed, milliseconds(each)) for deed, each in seen.items())]
    return Section(
        title="Hot path",
        words=__doc__,
        tables=(_costs(timed, worst), waits),
        promises=(*speed, until),
        notes=(_in_nanoseconds(_bare(timed)), *left_out(*(row.environment for row in THEIRS if row.environment))),
    )


def _costs(timed: dict[Row, Timed], worst: float) -> Table:
    rows: list[tuple[object, ...]] = [("package", "asked", "ns", "× bare", "sees a sign-out elsewhere")]
    for row, found in sorted(timed.items(), key=lambda item: (item[0] not in OURS, item[1].ratio)):
        package = f"{row.distribution} {found.version}".strip()
        sees = f"within {worst:.2f} s" if row in OURS else SEEING[found.sees]
        rows.append((package, row.shown, f"{found.call:,.0f}", f"{found.ratio:,.1f}", sees))
    return [*rows, ("the bare check", "an attribute, the clock", f"{_bare(timed):,.0f}", "1.0", "no")]


def _bare(timed: dict[Row, Timed]) -> float:
    return statistics.median(found.bare for found in timed.values())


def _in_nanoseconds(bare: float) -> str:
    return f"{PROMISE:g} × the bare check of this run, {bare:.0f} ns, is {PROMISE * bare:.0f} ns"


if __name__ == "__main__":
    sys.exit(main())
