"""Many processes over one sign-in, and each expiry of its token met by all of them at once.

The server is strict: whoever spends a refresh token twice ends the sign-in. Time passes faster than it does, for the
server and for the apps alike, so that a token lives about a second. Promised: each token is spent once, nothing is
refused, nobody is left without one, and 99 of 100 wait at most 250 ms longer than the exchange takes.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import anyio
import httpx
from results.options import options
from results.promise import Promise
from results.section import Section, tell
from world.app import TimedHttp, open_app, sign_in
from world.clock import WorldClock
from world.figures import milliseconds, on_disk, percentile
from world.processes import PATIENCE, Line, Program
from world.server import Report, Server
from world.token_requests import Pauses

from signedin import Connection, SignedinError

OPTIONS = {
    "processes": (32, "over one sign-in"),
    "expiries": (100, "in a row"),
    "life": (1.0, "seconds that a token lives"),
    "answer": (40.0, "milliseconds that the server takes"),
}
PROMISE = 0.250
"""How much longer than the exchange a caller waits, in seconds, for 99 of 100."""
TTL = 10
"""How long a token lives by the clock of the world; the server cuts off fractions of these seconds."""
SHARE_OF_USES = 4
"""One ask of so many goes on to the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One call for a token that had run out. Seconds are the system's; `redeemed` is the own exchange's, if any."""

    before: int
    after: int
    seconds: float
    redeemed: float | None


@dataclass(slots=True, kw_only=True)
class Life:
    """What one process has to tell at its end; `failures` are the cases of calls that brought no token.

    `sent` counts its redemptions, `uses` its requests to the API, `refused` those of them that the API refused.
    """

    asks: list[Ask] = field(default_factory=list[Ask])
    failures: list[str] = field(default_factory=list[str])
    sent: int = 0
    uses: int = 0
    refused: int = 0


def main() -> int:
    """Run, and say what came of it."""
    asked = options(__doc__, OPTIONS)
    clock = WorldClock(rate=TTL / asked.life)
    answer_after = (asked.answer / 1000, asked.answer / 1000)
    with ExitStack() as stack:
        home = stack.enter_context(on_disk())
        server = stack.enter_context(Server(clock, Pauses(before=(0, 0), after=answer_after), ttl=TTL))
        server.introduce_to(home)
        sign_in(home, clock)
        programs = [
            stack.enter_context(Program(app, home, clock, asked.expiries, ("asyncio", "trio")[number % 2]))
            for number in range(asked.processes)
        ]
        begun, lives = _run(programs, longest=PATIENCE + asked.expiries * (asked.life + 5))
        seconds = time.monotonic() - begun
        report = server.report()
    return _tell(asked, lives, report, seconds)


def _run(programs: Sequence[Program], *, longest: float) -> tuple[float, list[Life]]:
    """All of them from one barrier to their ends."""
    for program in programs:
        assert program.hear() == "ready"
    begun = time.monotonic()
    for program in programs:
        program.line.send("go")
    return begun, [program.hear(seconds=longest) for program in programs]


def app(line: Line, home: str, clock: WorldClock, expiries: int, backend: str) -> None:
    """One process: opens the account, waits for the others, lives through the expiries, tells."""
    anyio.run(_live, line, home, clock, expiries, backend=backend)


async def _live(line: Line, home: str, clock: WorldClock, expiries: int) -> None:
    http, life = TimedHttp(), Life()
    async with open_app(home, clock, http) as connection:
        line.send("ready")
        line.recv()
        async with connection.client() as api:
            while connection.snapshot.generation <= expiries and not life.failures:
                await anyio.sleep(clock.seconds_until(connection.snapshot.access_expires_at or 0.0))
                await _ask(connection, http, life)
                if len(life.asks) % SHARE_OF_USES == 0:
                    await _use(connection, api, clock, life)
    life.sent = len(http.redemptions)
    line.send(life)


async def _ask(connection: Connection, http: TimedHttp, life: Life) -> None:
    before, redeemed = connection.snapshot.generation, len(http.redemptions)
    begun = time.monotonic()
    try:
        await connection.get_access_token()
    except SignedinError as error:
        life.failures.append(error.case)
        return
    seconds = time.monotonic() - begun
    own = http.redemptions[-1] if len(http.redemptions) > redeemed else None
    life.asks.append(Ask(before=before, after=connection.snapshot.generation, seconds=seconds, redeemed=own))


async def _use(connection: Connection, api: httpx.AsyncClient, clock: WorldClock, life: Life) -> None:
    """A request with the token in hand, in the first half of its life: then nothing is refreshed in advance."""
    if clock.seconds_until(connection.snapshot.access_expires_at or 0.0) > TTL / clock.rate / 2:
        life.uses += 1
        life.refused += not (await api.get("/models")).is_success


def _tell(asked: argparse.Namespace, lives: Sequence[Life], report: Report, seconds: float) -> int:
    asks = [ask for life in lives for ask in life.asks]
    failures = [case for life in lives for case in life.failures]
    exchanges = {ask.after: ask.redeemed for ask in asks if ask.redeemed is not None}
    beyond = [max(0.0, ask.seconds - exchanges[ask.after]) for ask in asks if ask.after in exchanges]
    met = {ask.before for ask in asks}
    met.update(*(range(ask.before, ask.after) for ask in asks if ask.redeemed is not None))
    made = max((ask.after for ask in asks), default=1) - 1
    redeemed, sent, refusals = report.notes["refreshed"], sum(life.sent for life in lives), report.refusals()
    wrong = abs(sent - redeemed) + abs(redeemed - made) + abs(made - len(met)) + sum(refusals.values())
    unmet = max(0, asked.expiries - len(met))
    uses, refused = sum(life.uses for life in lives), sum(life.refused for life in lives)
    rows = [
        ("figure", f"{asked.processes} processes × {asked.expiries} expiries"),
        ("expiries met by somebody", len(met)),
        ("redemptions sent, carried out", f"{sent}, {redeemed}"),
        ("generations made", made),
        ("refusals by the server", refusals or 0),
        ("calls for a token", len(asks) + len(failures)),
        ("left without one", dict(Counter(failures)) or 0),
        ("API requests, refused", f"{uses}, {refused}"),
        ("the exchange", milliseconds(list(exchanges.values()))),
        ("a caller's wait", milliseconds([ask.seconds for ask in asks])),
        ("of it at the first expiry", milliseconds([ask.seconds for ask in asks if ask.before == 1])),
        ("of it beyond the exchange", milliseconds(beyond)),
        ("all of it", f"{seconds:.0f} s"),
    ]
    promises = (
        Promise(name="redemptions too many, too few or refused", measured=wrong, at_most=0, unit="times"),
        Promise(name="expiries that nobody met", measured=unmet, at_most=0, unit="times"),
        Promise(name="left without a token", measured=len(failures), at_most=0, unit="times"),
        Promise(name="p99 of a wait beyond the exchange", measured=percentile(beyond, 0.99), at_most=PROMISE, unit="s"),
    )
    return tell("rotation", Section(title="Rotation", words=__doc__, tables=[rows], promises=promises))


if __name__ == "__main__":
    sys.exit(main())
