"""What an app of a test can be told, a line each, and how it answers: with one line of JSON.

`sign-in` (at a sandbox that approves by itself), `refresh`, `token`, `ask` (one request to the API), `ask-thrice`
(three callers at a time want a token, and show it to the API), `stay GENERATION` (asks without a pause until the
session has that generation), `saved` (until nothing is unsaved), `retry`, `sign-out` and `look` answer where the
account stands then. `sign-in-when-told` says `{"waiting": true}`, and goes through the browser when one more line comes
in.

What answers nothing: `stop POINT` has the next exchange stop the process, as SIGSTOP does, once it is there;
`limit NAME SECONDS` shortens a wait; from `lost-disk` on no answer can be saved.
"""

import hashlib
import json
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

import anyio
import httpx
from tests.support.points import arm, lose_the_disk

from signedin import Attempt, Connection, Flag, SignedinError, authorization_server, lookout, ports, rotation
from signedin.testing.no_tls import no_tls
from signedin_adapters import http

CALLERS = 3
PLAIN: dict[str, Callable[[Connection], Awaitable[object]]] = {
    "refresh": Connection.refresh,
    "retry": Connection.retry,
    "sign-out": Connection.sign_out,
}
LIMITS = {
    "claim": (rotation, "CLAIM_SECONDS"),
    "clearing": (ports, "CLEARING_SECONDS"),
    "exchange": (authorization_server, "EXCHANGE_SECONDS"),
    "late": (http, "LATE_SECONDS"),
    "look": (lookout, "LOOK_SECONDS"),
}
"""What `limit` shortens: how long a claim is waited for, also by a sign-out; a request's deadline, and when it is late;
how long the doings of others may go unseen."""


def answer(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def tell(connection: Connection, *, served: str = "", error: str | None = None) -> None:
    """Where the account stands now (`app_process.Standing`)."""
    seen = connection.snapshot
    answer(
        account=seen.account_id,
        state=seen.state.value,
        generation=seen.generation,
        case=seen.case.id if seen.case else None,
        in_doubt=Flag.IN_DOUBT in seen.flags,
        degraded=Flag.STORAGE_DEGRADED in seen.flags,
        retry_at=seen.retry_at,
        error=error,
        served=served,
        pid=os.getpid(),
        deadlines=any(thread.name == "signedin deadlines" for thread in threading.enumerate()),
    )


def prepare(command: str) -> bool:
    """Whether it was a command that changes the process and answers nothing."""
    match command.split():
        case ["stop", point]:
            arm(point, _stop)
        case ["limit", name, seconds]:
            setattr(*LIMITS[name], float(seconds))
        case ["lost-disk"]:
            lose_the_disk()
        case _:
            return False
    return True


async def carry_out(command: str, connection: Connection) -> None:
    """Do it, and tell what came of it."""
    served, error = "", None
    try:
        served = await obey(command, connection)
    except SignedinError as raised:
        error = raised.case or type(raised).__name__
    tell(connection, served=served, error=error)


async def obey(command: str, connection: Connection) -> str:
    """Do it; what was served, if anything, so that tokens can be told apart."""
    match command.split():
        case ["sign-in"]:
            await connection.sign_in(prompt=_browse)
        case ["sign-in-when-told"]:
            await connection.sign_in(prompt=_browse_when_told)
        case ["token"]:
            token = await connection.get_access_token()
            return hashlib.sha256(token.reveal().encode()).hexdigest()[:8]
        case ["ask"]:
            async with connection.client() as client:
                (await client.get("/models")).raise_for_status()
        case ["ask-thrice"]:
            await _ask_thrice(connection)
        case ["stay", generation]:
            await _stay(connection, int(generation))
        case ["saved"]:
            await _saved(connection)
        case ["refresh" | "retry" | "sign-out"]:
            await PLAIN[command](connection)
        case _:
            assert command == "look"
    return ""


def _stop() -> None:
    """The whole process, and this thread exactly here: a signal to the process may reach another thread first."""
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


async def _browse(attempt: Attempt) -> None:
    async with httpx.AsyncClient(verify=no_tls(), trust_env=False, follow_redirects=True) as browser:
        await browser.get(attempt.url)


async def _browse_when_told(attempt: Attempt) -> None:
    answer(waiting=True)
    await anyio.to_thread.run_sync(sys.stdin.readline)
    await _browse(attempt)


async def _ask_thrice(connection: Connection) -> None:
    """Raises what the callers met; it is the same for all, or told with every case."""
    cases = set[str]()

    async def caller() -> None:
        try:
            token = await connection.get_access_token()
        except SignedinError as error:
            cases.add(error.case)
            return
        headers = {"authorization": f"Bearer {token.reveal()}"}
        async with httpx.AsyncClient(base_url=connection.api_base, trust_env=False, verify=no_tls()) as client:
            (await client.get("/models", headers=headers)).raise_for_status()

    async with anyio.create_task_group() as tasks:
        for _ in range(CALLERS):
            tasks.start_soon(caller)
    if cases:
        raise SignedinError("Without a token.", case=" ".join(sorted(cases)))


async def _stay(connection: Connection, generation: int) -> None:
    async with connection.client() as client:
        while connection.snapshot.generation < generation:
            (await client.get("/models")).raise_for_status()


async def _saved(connection: Connection) -> None:
    transitions = connection.transitions()
    with anyio.fail_after(10):
        while Flag.STORAGE_DEGRADED in connection.snapshot.flags:
            await anext(transitions)
    await transitions.aclose()
