"""An app, to be run as a process of its own. It comes from a `Nursery`, with one of two lists of arguments.

    HOME STORE CLOCK LABEL RUNNER

Whatever comes in is carried out, a line each (`app_commands`); the runner is asyncio, trio, or a plain program that
forks (`fork_program`). An empty CLOCK is the machine's, an empty STORE the usual one, an empty LABEL the account that
there is, or the first.

    HOME STORE CLOCK LABEL RUNNER COMMAND POINT

One command, on asyncio, trio or plain threads. At the point the process gets a SIGINT; where it is not "none", the
exchange goes on only when the main thread is over. `{"interrupted": true}` is said on the way out.
"""

import asyncio
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module

import anyio
import httpx
from tests.support import fork_program, nursery
from tests.support.app_commands import answer, carry_out, obey, prepare
from tests.support.points import arm
from tests.support.shared_clock import SharedClock

from signedin import Connection, waiting
from signedin.connection import Opening
from signedin.testing.no_tls import no_tls

IMPORTED_LATE = (
    "anyio._backends._asyncio",
    "anyio._backends._trio",
    "filelock",
    "httpcore",
    "joserfc.jwt",
    "signedin.account",
    "signedin.auth",
    "signedin_adapters.defaults",
    "signedin_adapters.loopback",
    "signedin_adapters.providers.sandbox",
    "signedin_adapters.stores.files",
    "signedin_adapters.stores.opening",
    "signedin_adapters.transport_failures",
    "structlog",
    "trio",
    "truststore",
)

OFTEN_SECONDS = 0.05
"""How often something happens in an app that gets a Ctrl-C."""


def opened(home: str, store: str, clock: str, label: str) -> Opening:
    wall: Callable[[], float] = SharedClock(clock) if clock else time.time
    return Connection.open(
        app_name="Acme Notes", provider="sandbox", home=home, store=store or None, clock=wall, account=label or None
    )


async def follow_orders(*place: str) -> None:
    """Obey until stdin ends. The account is opened for the first command that is not a preparation."""
    connection: Connection | None = None
    while line := await anyio.to_thread.run_sync(sys.stdin.readline):
        command = line.strip()
        if not prepare(command):
            connection = connection or await opened(*place)
            await carry_out(command, connection)
    if connection is not None:
        await connection.aclose()


def leave() -> None:
    """End as a program does, when all exchanges are over, but for the tidying of an interpreter that nobody needs."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    os._exit(0)


def interrupt() -> None:
    """Ctrl-C; the exchange, which this is, goes on when the main thread has taken its leave.

    It wakes this thread alone. So does one that comes just as the main thread is about to wait: trio hears it at once,
    a thread that waits in slices hears it after the slice, and asyncio when next something happens in its loop.
    """
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    threading.main_thread().join(nursery.PATIENCE)


async def once(command: str, *place: str) -> None:
    async with opened(*place) as connection:
        await obey(command, connection)


async def once_on_asyncio(command: str, *place: str) -> None:
    """In an app that has other things to do: see `interrupt`."""
    turn(asyncio.get_running_loop())
    await once(command, *place)


def turn(loop: asyncio.AbstractEventLoop) -> None:
    """Something happens in the loop every now and then."""
    loop.call_later(OFTEN_SECONDS, turn, loop)


async def standing(*place: str) -> Connection:
    return await opened(*place)


def once_on_threads(command: str, *place: str) -> None:
    """A program without an event loop, whose main thread uses the connection as an `httpx.Auth`."""
    assert command == "token"
    waiting.HEARD_SECONDS = OFTEN_SECONDS
    connection = anyio.run(standing, *place)
    with httpx.Client(base_url=connection.api_base, auth=connection.auth, verify=no_tls(), trust_env=False) as client:
        client.get("/models").raise_for_status()


def run(runner: str, *place: str) -> None:
    """The first form."""
    if runner == "forking":
        fork_program.run(partial(anyio.run, standing, *place))
    else:
        anyio.run(follow_orders, *place, backend=runner)
    leave()


def run_once(runner: str, command: str, point: str, *place: str) -> None:
    """The second form."""
    if point != "none":
        arm(point, interrupt)
    try:
        match runner:
            case "asyncio":
                asyncio.run(once_on_asyncio(command, *place))
            case "trio":
                anyio.run(once, command, *place, backend="trio")
            case _:
                once_on_threads(command, *place)
    except KeyboardInterrupt:
        answer(interrupted=True)
        raise


if __name__ == "__main__":
    for module in IMPORTED_LATE:
        import_module(module)
    gc.freeze()  # what all have in common is neither copied nor tidied up by each
    home, store, clock, label, runner, *errand = nursery.born(int(sys.argv[1]))
    if errand:
        run_once(runner, *errand, home, store, clock, label)
    else:
        run(runner, home, store, clock, label)
