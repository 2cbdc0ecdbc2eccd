"""A process that refreshes without pause is killed at random times; the next one says what it finds, and is next.

The server is strict, and slow at random before and after its commit. Whoever comes next must find a session that works,
or be told `refresh-interrupted`: and that only where the server's own record shows that it had spent the token, and the
disk that nobody had saved the answer. Anything else is unexplained, and fails.

A request that has left a process is carried out before the next process opens the home: what a server does with a
message that it reads only after the next one was answered, no client can know. In ordinary use a process spends a few
milliseconds an hour between what it asked and what it saved; here it spends most of its life there.
"""

import random
import sys
import time
from contextlib import ExitStack

import anyio
import httpx
from results.options import options
from results.promise import Promise
from results.section import Section, tell
from world.app import browse, open_app
from world.clock import WorldClock
from world.figures import on_disk
from world.processes import CONTEXT, Line, Program, Silent
from world.server import Server
from world.token_requests import Pauses
from world.verdict import OUTCOMES, PHASES, Found, Kill, Opened, Verdicts

from signedin import Connection, Flag, SignedinError

OPTIONS = {
    "kills": (500, "processes that are killed"),
    "seed": (random.randrange(2**32), "of the times and pauses, another each time"),
}
TTL = 60
"""How long a token lives by the clock of the world, which jumps over what nobody wants to wait for."""
PAUSES = Pauses(before=(0.0, 0.008), after=(0.0, 0.008))
LOOP_SECONDS = 0.15
"""A process is killed within these after it began to refresh without pause: a few refreshes long."""
LOOK_SECONDS = 0.08
SHARE_IN_LOOK = 0.3
"""So many of the kills hit while the process finds out what the one before left: that is when it redeems in doubt."""


def main() -> int:
    """Run, and say what was found."""
    asked = options(__doc__, OPTIONS)
    clock, begun = WorldClock(), time.monotonic()
    with ExitStack() as stack:
        home = stack.enter_context(on_disk())
        server = stack.enter_context(Server(clock, PAUSES, ttl=TTL, seed=asked.seed))
        server.introduce_to(home)
        bench = Bench(home, clock, server, seed=asked.seed)
        bench.run(asked.kills)
    return _tell(bench.verdicts, f"seed {asked.seed}, {time.monotonic() - begun:.0f} s")


class Bench:
    """Kills process after process. What each finds is judged in `verdicts`."""

    def __init__(self, home: str, clock: WorldClock, server: Server, *, seed: int) -> None:
        self.verdicts = Verdicts()
        self._home, self._clock, self._server = home, clock, server
        self._announced = Announced()
        self._chance = random.Random(seed)
        self._signed_in_as = 0

    def run(self, kills: int) -> None:
        """One process more than kills: the last one says what the last kill left. Stops where a process hangs."""
        kill: Kill | None = None
        for number in range(kills + 1):
            seed, begun_at = self._chance.getrandbits(32), time.monotonic()
            with Program(app, self._home, self._clock, self._announced, seed) as program:
                try:
                    self._follow(program, kill, last=number == kills)
                except Silent as silent:
                    self.verdicts.complain(f"after {number} kills: {silent}")
                    return
                if number < kills:
                    kill = self._kill(program, begun_at)
        self.verdicts.close(self._server.report())

    def _follow(self, program: Program, kill: Kill | None, *, last: bool) -> None:
        """Let the process find out, unless it is to be killed at that; then let it refresh for a while."""
        opened: Opened = program.hear()
        if kill is not None and not last and self._is_cut_short(program):
            self.verdicts.killed_again(kill, opened)
            return
        found: Found = program.hear()
        if kill is not None:
            self.verdicts.judge(kill, opened, found, self._server.report())
        if not last:
            program.line.send("go on")
            self._signed_in_as = program.hear() or self._signed_in_as
            if program.line.poll(self._chance.uniform(0.0, LOOP_SECONDS)):
                self.verdicts.complain(f"a refresh failed: {program.hear()}")

    def _is_cut_short(self, program: Program) -> bool:
        """Whether this process is one to be killed while it finds out, and has not done so by then."""
        chosen = self._chance.random() < SHARE_IN_LOOK
        return chosen and not program.line.poll(self._chance.uniform(0.0, LOOK_SECONDS))

    def _kill(self, program: Program, begun_at: float) -> Kill:
        at = time.monotonic()
        program.kill()
        return Kill(
            begun_at=begun_at,
            at=at,
            announced=self._announced(),
            report=self._server.report(),
            signed_in_as=self._signed_in_as,
        )


class Announced:
    """The newest generation that a process opened or came back with; outlives them all."""

    def __init__(self) -> None:
        self._value = CONTEXT.RawValue("L", 0)

    def __call__(self) -> int:
        """What was said last."""
        return int(self._value.value)

    def say(self, connection: Connection) -> None:
        """Whatever comes now, this generation is there."""
        self._value.value = connection.snapshot.generation


# the process that is killed ------------------------------------------------------------------------------------------


def app(line: Line, home: str, clock: WorldClock, announced: Announced, seed: int) -> None:
    """On either event loop."""
    anyio.run(_live, line, home, clock, announced, random.Random(seed), backend=("asyncio", "trio")[seed % 2])


async def _live(line: Line, home: str, clock: WorldClock, announced: Announced, chance: random.Random) -> None:
    """Find out, sign in where that is needed, refresh until the end."""
    async with open_app(home, clock) as connection:
        seen = connection.snapshot
        announced.say(connection)
        line.send(Opened(state=seen.state, generation=seen.generation, in_doubt=Flag.IN_DOUBT in seen.flags))
        line.send(await _found(connection, clock, announced))
        line.recv()
        line.send(await _sign_in_again(connection, announced))
        try:
            while True:
                await _refresh(connection, clock, announced, early=chance.random() < 0.5)
        except SignedinError as error:
            line.send(error.case)


async def _found(connection: Connection, clock: WorldClock, announced: Announced) -> Found:
    """Use the session as it is, then let its token run out and use what comes of that."""
    error = case = None
    try:
        async with connection.client() as api:
            await _use(api)
            await _refresh(connection, clock, announced, early=False)
            await _use(api)
    except httpx.HTTPStatusError as refused:
        error = f"the API answered {refused.response.status_code}"
    except (SignedinError, httpx.HTTPError) as raised:
        error, case = type(raised).__name__, getattr(raised, "case", None)
    now = connection.snapshot
    return Found(state=now.state, generation=now.generation, case=case, error=error)


async def _sign_in_again(connection: Connection, announced: Announced) -> int | None:
    """The generation of the new sign-in, None where none was needed."""
    if not connection.needs_sign_in:
        return None
    await connection.sign_in(prompt=browse)
    announced.say(connection)
    return connection.snapshot.generation


async def _refresh(connection: Connection, clock: WorldClock, announced: Announced, *, early: bool) -> None:
    """While the token lives, or once it has run out."""
    if early:
        await connection.refresh()
    else:
        clock.move_to(connection.snapshot.access_expires_at or 0.0)
        await connection.get_access_token()
    announced.say(connection)


async def _use(api: httpx.AsyncClient) -> None:
    (await api.get("/models")).raise_for_status()


# what came of it -----------------------------------------------------------------------------------------------------


def _tell(verdicts: Verdicts, run: str) -> int:
    """Show every kill, by where it hit and what it came to. A complaint is a failure."""
    kills = verdicts.total()
    rows = [["the kill hit", "kills", "share", *OUTCOMES]]
    for phase in (*PHASES, None):
        hit = verdicts.total(phase=phase)
        came = [verdicts.total(phase=phase, outcome=outcome) for outcome in OUTCOMES]
        rows.append([phase or "all", *(str(cell) for cell in (hit, _share(hit, kills), *came))])
    rows.append(["share", "", "", *(_share(verdicts.total(outcome=outcome), kills) for outcome in OUTCOMES)])
    promise = Promise(name=f"unexplained of {kills}", measured=len(verdicts.complaints), at_most=0, unit="kills")
    notes = (*(f"unexplained: {complaint}" for complaint in verdicts.complaints), run)
    return tell("kills", Section(title="Kills", words=__doc__, tables=[rows], promises=[promise], notes=notes))


def _share(count: int, total: int) -> str:
    return f"{100 * count / max(1, total):.1f} %"


if __name__ == "__main__":
    sys.exit(main())
