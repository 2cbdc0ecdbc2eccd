"""An app on a disk that breaks, run as a process of its own: one command a line, one line of JSON for each.

    broken_disk_program.py HOME

`sign-in`, `refresh`, `use` (one access token), `look`, `saved` (wait until nothing is unsaved), `sign-out`, and
`later SECONDS` (its clock is moved on) answer where the account stands then.
`pause POINT` answers nothing: the next exchange that comes there says `{"paused": POINT}` and waits for one more line.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import anyio
import httpx

from signedin import Attempt, Connection, Flag, SignedinError
from signedin_adapters.http import HttpxClient
from signedin_adapters.stores.claim import FileClaim

POINTS: dict[str, tuple[type, str]] = {"intended": (HttpxClient, "send"), "answered": (FileClaim, "commit")}
"""What an exchange calls there."""


class LaterClock:
    """The wall clock, moved on."""

    seconds = 0.0

    def __call__(self) -> float:
        return time.time() + self.seconds


CLOCK = LaterClock()


def answer(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def pause(point: str) -> None:
    """Make the next one that comes to the point wait there."""
    owner, name = POINTS[point]
    real: Callable[..., Any] = getattr(owner, name)

    def pausing(*arguments: Any, **settings: Any) -> Any:
        setattr(owner, name, real)
        answer(paused=point)
        sys.stdin.readline()
        return real(*arguments, **settings)

    setattr(owner, name, pausing)


async def browse(attempt: Attempt) -> None:
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        await browser.get(attempt.url)


async def obey(command: str, connection: Connection) -> str:
    """Carry the command out; what was served, if anything, so that tokens can be told apart."""
    match command:
        case "sign-in":
            await connection.sign_in(prompt=browse)
        case "refresh":
            await connection.refresh()
        case "use":
            token = await connection.get_access_token()
            return hashlib.sha256(token.reveal().encode()).hexdigest()[:8]
        case "saved":
            await saved(connection)
        case "sign-out":
            await connection.sign_out()
        case _:
            assert command == "look"
    return ""


async def saved(connection: Connection) -> None:
    transitions = connection.transitions()
    with anyio.fail_after(10):
        while Flag.STORAGE_DEGRADED in connection.snapshot.flags:
            await anext(transitions)
    await transitions.aclose()


async def main(home: str) -> None:
    """Obey until stdin ends."""
    opening = Connection.open(app_name="Acme Notes", provider="sandbox", home=home, store="file", clock=CLOCK)
    async with opening as connection:
        while line := await anyio.to_thread.run_sync(sys.stdin.readline):
            command, _, rest = line.strip().partition(" ")
            if command == "pause":
                pause(rest)
                continue
            served = error = ""
            try:
                if command == "later":
                    CLOCK.seconds += float(rest)
                else:
                    served = await obey(command, connection)
            except SignedinError as raised:
                error = raised.case or type(raised).__name__
            tell(connection, served, error)


def tell(connection: Connection, served: str, error: str) -> None:
    seen = connection.snapshot
    answer(
        state=seen.state.value,
        generation=seen.generation,
        case=seen.case.id if seen.case else None,
        category=seen.case.category.value if seen.case else None,
        degraded=Flag.STORAGE_DEGRADED in seen.flags,
        in_doubt=Flag.IN_DOUBT in seen.flags,
        retries=seen.retry_at is not None,
        served=served,
        error=error,
    )


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
