"""Owns an expiry that everybody meets at once: the tasks of each process, and all processes over one sign-in."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio

from signedin import Connection, SignedinError
from world.app import TimedHttp, open_app
from world.clock import WorldClock
from world.processes import Line, Program


@dataclass(slots=True, kw_only=True)
class Met:
    """What came of one expiry: the seconds that each caller waited, the cases of those left without a token.

    `exchanges` are the seconds of the redemptions, as those who sent them waited for the server. `alone` is what one
    caller waited at the expiry before, which nobody else met.
    """

    waits: list[float] = field(default_factory=list[float])
    failures: list[str] = field(default_factory=list[str])
    exchanges: list[float] = field(default_factory=list[float])
    alone: float = 0.0

    @property
    def last(self) -> float:
        """Until everybody had a token."""
        return max(self.waits, default=0.0)

    @property
    def beyond(self) -> float:
        """How much longer that took than it takes one caller alone."""
        return self.last - self.alone

    def add(self, other: "Met") -> None:
        """What another process met at the same time."""
        self.waits += other.waits
        self.failures += other.failures
        self.exchanges += other.exchanges


def meet(programs: Sequence[Program], clock: WorldClock, *, expiries: int) -> list[Met]:
    """Let the token run out again and again: for one caller alone, then for everybody at once."""
    met: list[Met] = []
    for _ in range(expiries):
        alone = _meet(programs[:1], clock, callers=1)
        together = _meet(programs, clock, callers=None)
        together.alone = alone.last
        met.append(together)
    return met


def _meet(programs: Sequence[Program], clock: WorldClock, *, callers: int | None) -> Met:
    for program in programs:
        program.line.send("when?")
    clock.move_to(max(program.hear() for program in programs))
    for program in programs:
        program.line.send(callers)
    together = Met()
    for program in programs:
        together.add(program.hear())
    return together


def app(line: Line, home: str, clock: WorldClock, backend: str, tasks: int) -> None:
    """One process. It says when its token runs out, is told how many are to ask, and says what they met; on and on.

    `tasks` are all of them.
    """
    anyio.run(_live, line, home, clock, tasks, backend=backend)


async def _live(line: Line, home: str, clock: WorldClock, tasks: int) -> None:
    http = TimedHttp()
    async with open_app(home, clock, http) as connection:
        while line.recv() == "when?":
            line.send(connection.snapshot.access_expires_at)
            callers = line.recv() or tasks
            met = Met()
            async with anyio.create_task_group() as together:
                for _ in range(callers):
                    together.start_soon(_ask, connection, met)
            met.exchanges, http.redemptions = http.redemptions, []
            line.send(met)


async def _ask(connection: Connection, met: Met) -> None:
    begun = time.monotonic()
    try:
        await connection.get_access_token()
    except SignedinError as error:
        met.failures.append(error.case)
    else:
        met.waits.append(time.monotonic() - begun)
