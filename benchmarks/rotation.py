"""Many processes over one sign-in, and each expiry of its token met by all of them at once.

The server is strict: whoever spends a refresh token twice ends the sign-in. Time passes faster than it does, for the
server and for the apps alike, so that a token lives about a second. Fails where a token was redeemed twice, an answer
was a refusal, or a process was left without a token; says whether nobody waits much longer than the exchange takes.
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
from world.app import TimedHttp, open_app, sign_in
from world.clock import WorldClock
from world.figures import milliseconds, on_disk, percentile, show
from world.processes import PATIENCE, Line, Program
from world.server import Report, Server
from world.token_requests import Pauses

from signedin import Connection, SignedinError

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
    options = _options()
    clock = WorldClock(rate=TTL / options.life)
    answer_after = (options.answer / 1000, options.answer / 1000)
    with ExitStack() as stack:
        home = stack.enter_context(on_disk())
        server = stack.enter_context(Server(clock, Pauses(before=(0, 0), after=answer_after), ttl=TTL))
        server.introduce_to(home)
        sign_in(home, clock)
        programs = [
            stack.enter_context(Program(app, home, clock, options.expiries, ("asyncio", "trio")[number % 2]))
            for number in range(options.processes)
        ]
        begun, lives = _run(programs, longest=PATIENCE + options.expiries * (options.life + 5))
        seconds = time.monotonic() - begun
        report = server.report()
    return _tell(options, lives, report, seconds)


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


def _tell(options: argparse.Namespace, lives: Sequence[Life], report: Report, seconds: float) -> int:
    asks = [ask for life in lives for ask in life.asks]
    failures = [case for life in lives for case in life.failures]
    exchanges = {ask.after: ask.redeemed for ask in asks if ask.redeemed is not None}
    beyond = [max(0.0, ask.seconds - exchanges[ask.after]) for ask in asks if ask.after in exchanges]
    met = {ask.before for ask in asks}
    met.update(*(range(ask.before, ask.after) for ask in asks if ask.redeemed is not None))
    made = max((ask.after for ask in asks), default=1) - 1
    redeemed, sent, refusals = report.notes["refreshed"], sum(life.sent for life in lives), report.refusals()
    right = sent == redeemed == made == len(met) >= options.expiries and not refusals and not failures
    kept = percentile(beyond, 0.99) <= PROMISE
    uses, refused = sum(life.uses for life in lives), sum(life.refused for life in lives)
    rows = [
        ("figure", f"{options.processes} processes × {options.expiries} expiries"),
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
    show("Rotation", rows)
    print(f"  promised: each token spent once, and nobody without one; {'kept' if right else 'BROKEN'}")
    print(f"  promised: p99 of a wait at most the exchange + {PROMISE * 1000:.0f} ms; {'kept' if kept else 'BROKEN'}")
    return 0 if right and kept else 1


def _options() -> argparse.Namespace:
    """Those of other benchmarks are let pass: `make bench` gives its ARGS to all of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--processes", type=int, default=32)
    parser.add_argument("--expiries", type=int, default=100)
    parser.add_argument("--life", type=float, default=1.0, help="how long a token lives, in seconds")
    parser.add_argument("--answer", type=float, default=40.0, help="how long the server takes, in milliseconds")
    return parser.parse_known_args()[0]


if __name__ == "__main__":
    sys.exit(main())
