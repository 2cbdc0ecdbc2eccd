"""An app, to be run as a process of its own: one command a line comes in, one line of JSON goes out for each.

    app_program.py HOME STORE

`sign-in` (at a sandbox that approves by itself), `refresh`, `ask` (one request to the API), `retry`, `sign-out` and
`look` answer where the account stands then, with the error's case if there was one.
`stop POINT` answers nothing: the next exchange says `{"stopped": POINT}` once it is there, and goes no further.
"""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

import anyio
import httpx

from signedin import Connection, Flag, SignedinError
from signedin.sign_in import Attempt
from signedin_adapters.http import HttpxClient
from signedin_adapters.stores.claim import FileClaim


def answer(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def stop(point: str) -> None:
    """Make whoever comes to the point stay there until the process is killed."""
    owner, name, before = POINTS[point]
    real: Callable[..., Any] = getattr(owner, name)

    def stopping(*arguments: Any, **settings: Any) -> Any:
        result = None if before else real(*arguments, **settings)
        answer(stopped=point)
        threading.Event().wait()
        return result

    setattr(owner, name, stopping)


POINTS: dict[str, tuple[type, str, bool]] = {
    "claimed": (FileClaim, "intend", True),
    "intended": (HttpxClient, "send", True),
    "answered": (FileClaim, "commit", True),
    "committed": (FileClaim, "commit", False),
}
"""Where an exchange can be stopped: the method that it calls there, and whether before or after it."""


async def browse(attempt: Attempt) -> None:
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        await browser.get(attempt.url)


async def obey(command: str, connection: Connection) -> None:
    match command:
        case "sign-in":
            await connection.sign_in(prompt=browse)
        case "refresh":
            await connection.refresh()
        case "ask":
            async with connection.client() as client:
                (await client.get("/models")).raise_for_status()
        case "retry":
            await connection.retry()
        case "sign-out":
            await connection.sign_out()
        case _:
            assert command == "look"


async def main(home: str, store: str) -> None:
    """Obey until stdin ends."""
    async with Connection.open(app_name="Acme Notes", provider="sandbox", home=home, store=store) as connection:
        while line := await anyio.to_thread.run_sync(sys.stdin.readline):
            command, _, point = line.strip().partition(" ")
            if command == "stop":
                stop(point)
                continue
            error = None
            try:
                await obey(command, connection)
            except SignedinError as raised:
                error = raised.case
            tell(connection, error)


def tell(connection: Connection, error: str | None) -> None:
    seen = connection.snapshot
    answer(
        account=seen.account_id,
        state=seen.state.value,
        generation=seen.generation,
        case=seen.case.id if seen.case else None,
        in_doubt=Flag.IN_DOUBT in seen.flags,
        error=error,
    )


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[2])
