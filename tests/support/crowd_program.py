"""Many processes of one app over one home, forked from one that has imported everything and opened nothing.

    crowd_program.py HOME CLOCK SIZE

Each says one line of JSON when it is ready and one for each command. A line that comes in goes to all of them at once:
`ask`: three callers at a time want a token, and show it to the API.
`stay GENERATION`: asks the API without a pause until the session has that generation.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import IO

import anyio
import httpx
from tests.support.world_clock import WorldClock

from signedin import Connection, Flag, SignedinError

APP = "Acme Notes"
CALLERS = 3
LOADED_LATER = (
    "anyio._backends._asyncio",
    "anyio._backends._trio",
    "filelock",
    "signedin.auth",
    "signedin.opening",
    "signedin_adapters.defaults",
    "signedin_adapters.http",
    "signedin_adapters.log",
    "signedin_adapters.providers",
    "signedin_adapters.stores.files",
    "signedin_adapters.transport_failures",
    "structlog",
)
"""What each of them would import by itself."""


def main(home: str, clock: str, size: int) -> None:
    """Fork, hand every command on, and leave when all have left."""
    for name in LOADED_LATER:
        import_module(name)
    lines = list[int]()
    for backend in ("asyncio", "trio") * (size // 2):
        lines.append(_fork(lines, partial(_run, home, clock, backend)))
    for command in sys.stdin:
        for line in lines:
            os.write(line, command.encode())
    for line in lines:
        os.close(line)
    sys.exit(any(os.wait()[1] for _ in lines))


def _fork(others: list[int], work: Callable[[IO[str]], None]) -> int:
    """A child that does `work` with its end of a line; ours is given back."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        return writing
    for line in (*others, writing):
        os.close(line)
    with os.fdopen(reading) as commands:
        work(commands)
    os._exit(0)  # taking apart what was imported costs more than the test


def _run(home: str, clock: str, backend: str, commands: IO[str]) -> None:
    anyio.run(_live, home, WorldClock(clock), commands, backend=backend)


async def _live(home: str, clock: WorldClock, commands: IO[str]) -> None:
    async with Connection.open(app_name=APP, provider="sandbox", home=home, clock=clock) as connection:
        _tell(connection, [], [])
        while command := await anyio.to_thread.run_sync(commands.readline):
            name, _, wanted = command.strip().partition(" ")
            statuses, errors = list[int](), list[str]()
            if name == "ask":
                await _ask(connection, statuses, errors)
            else:
                assert name == "stay"
                await _stay(connection, int(wanted), statuses, errors)
            _tell(connection, statuses, errors)


async def _ask(connection: Connection, statuses: list[int], errors: list[str]) -> None:
    async def caller() -> None:
        try:
            token = await connection.get_access_token()
        except SignedinError as error:
            errors.append(error.case)
            return
        headers = {"authorization": f"Bearer {token.reveal()}"}
        async with httpx.AsyncClient(base_url=connection.api_base, trust_env=False, verify=False) as client:
            statuses.append((await client.get("/models", headers=headers)).status_code)

    async with anyio.create_task_group() as tasks:
        for _ in range(CALLERS):
            tasks.start_soon(caller)


async def _stay(connection: Connection, generation: int, statuses: list[int], errors: list[str]) -> None:
    async with connection.client() as client:
        while connection.snapshot.generation < generation and not errors:
            try:
                statuses.append((await client.get("/models")).status_code)
            except SignedinError as error:
                errors.append(error.case)


def _tell(connection: Connection, statuses: list[int], errors: list[str]) -> None:
    seen = connection.snapshot
    facts = {
        "statuses": sorted(set(statuses)),
        "errors": sorted(set(errors)),
        "state": seen.state.value,
        "generation": seen.generation,
        "in_doubt": Flag.IN_DOUBT in seen.flags,
        "retry_at": seen.retry_at,
    }
    os.write(1, json.dumps(facts).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
