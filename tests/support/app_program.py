"""An app, to be run as a process of its own. It comes from a `Nursery`, with one of two lists of arguments.

    HOME STORE CLOCK

One command a line comes in, one line of JSON goes out for each. `sign-in` (at a sandbox that approves by itself),
`refresh`, `token`, `ask` (one request to the API), `retry`, `sign-out` and `look` answer where the account stands then,
with the error's case if there was one. What answers nothing: `stop POINT` has the next exchange stop the process, as
SIGSTOP does, once it is there; `limit NAME SECONDS` shortens a wait; from `lost-disk` on no answer can be saved.

    HOME STORE CLOCK RUNNER COMMAND POINT

One command, on asyncio, trio or plain threads. At the point the process gets a SIGINT; where it is not "none", the
exchange goes on only when the main thread is over. `{"interrupted": true}` is said on the way out.
"""

import asyncio
import gc
import json
import os
import signal
import ssl
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module

import anyio
import httpx
from tests.support import nursery
from tests.support.points import arm, lose_the_disk
from tests.support.shared_clock import SharedClock

from signedin import Connection, Flag, SignedinError, authorization_server, lookout, ports, rotation
from signedin.connection import Opening
from signedin.sign_in import Attempt
from signedin_adapters import http

LIMITS = {
    "claim": (rotation, "CLAIM_SECONDS"),
    "clearing": (ports, "CLEARING_SECONDS"),
    "exchange": (authorization_server, "EXCHANGE_SECONDS"),
    "late": (http, "LATE_SECONDS"),
    "look": (lookout, "LOOK_SECONDS"),
}
"""What `limit` shortens: how long a claim is waited for, also by a sign-out; a request's deadline, and when it is late;
how long the doings of others may go unseen."""

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


def answer(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def stop() -> None:
    """The whole process, and this thread exactly here: a signal to the process may reach another thread first."""
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


def interrupt() -> None:
    """Ctrl-C; the exchange, which this is, goes on when the main thread has taken its leave."""
    os.kill(os.getpid(), signal.SIGINT)
    threading.main_thread().join(nursery.PATIENCE)


def no_tls() -> ssl.SSLContext:
    """There is none on loopback, and this takes no time."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def browse(attempt: Attempt) -> None:
    async with httpx.AsyncClient(verify=no_tls(), trust_env=False, follow_redirects=True) as browser:
        await browser.get(attempt.url)


async def obey(command: str, connection: Connection) -> None:
    match command:
        case "sign-in":
            await connection.sign_in(prompt=browse)
        case "refresh":
            await connection.refresh()
        case "token":
            await connection.get_access_token()
        case "ask":
            async with connection.client() as client:
                (await client.get("/models")).raise_for_status()
        case "retry":
            await connection.retry()
        case "sign-out":
            await connection.sign_out()
        case _:
            assert command == "look"


def prepare(command: str) -> bool:
    """Whether it was a command that changes the process and answers nothing."""
    match command.split():
        case ["stop", point]:
            arm(point, stop)
        case ["limit", name, seconds]:
            setattr(*LIMITS[name], float(seconds))
        case ["lost-disk"]:
            lose_the_disk()
        case _:
            return False
    return True


def opened(home: str, store: str, clock: str) -> Opening:
    wall: Callable[[], float] = SharedClock(clock) if clock else time.time
    return Connection.open(app_name="Acme Notes", provider="sandbox", home=home, store=store, clock=wall)


async def follow_orders(home: str, store: str, clock: str) -> None:
    """Obey until stdin ends. The account is opened for the first command that is not a preparation."""
    connection: Connection | None = None
    while line := await anyio.to_thread.run_sync(sys.stdin.readline):
        command, error = line.strip(), None
        if prepare(command):
            continue
        connection = connection or await opened(home, store, clock)
        try:
            await obey(command, connection)
        except SignedinError as raised:
            error = raised.case
        tell(connection, error)
    if connection is not None:
        await connection.aclose()


def leave() -> None:
    """End as a program does, when all exchanges are over, but for the tidying of an interpreter that nobody needs."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    os._exit(0)


def tell(connection: Connection, error: str | None) -> None:
    seen = connection.snapshot
    answer(
        account=seen.account_id,
        state=seen.state.value,
        generation=seen.generation,
        case=seen.case.id if seen.case else None,
        in_doubt=Flag.IN_DOUBT in seen.flags,
        degraded=Flag.STORAGE_DEGRADED in seen.flags,
        error=error,
    )


async def once(command: str, *place: str) -> None:
    async with opened(*place) as connection:
        await obey(command, connection)


async def standing(*place: str) -> Connection:
    return await opened(*place)


def once_on_threads(command: str, *place: str) -> None:
    """A program without an event loop, whose main thread uses the connection as an `httpx.Auth`."""
    assert command == "token"
    connection = anyio.run(standing, *place)
    with httpx.Client(base_url=connection.api_base, auth=connection.auth, verify=no_tls(), trust_env=False) as client:
        client.get("/models").raise_for_status()


def run_once(runner: str, command: str, point: str, *place: str) -> None:
    """The second form."""
    if point != "none":
        arm(point, interrupt)
    try:
        match runner:
            case "asyncio":
                asyncio.run(once(command, *place))
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
    home, store, clock, *errand = nursery.born(int(sys.argv[1]))
    if errand:
        run_once(*errand, home, store, clock)
    else:
        anyio.run(follow_orders, home, store, clock)
        leave()
