"""Whoever waits may be cancelled wherever they wait: what is under way goes on to its end, and nothing is left behind.

Each call is cancelled at its first suspension, then at its second, and so on, until it gets to its end. Then it is
cancelled once more at the moments that count: when the server has done what it was asked, and has not answered yet.
"""

import gc
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import count
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from tests.support.stage import PATIENCE, REVOKE, TOKEN, HeldBack, Stage, at_rest, browse, join_threads
from tests.support.suspensions import cancelled_at

from signedin import Attempt, Connection, State, TemporarilyUnavailable
from signedin.connection import account_of
from signedin.session import Session
from signedin_adapters.sandbox.grants import Grant
from signedin_adapters.stores.claim import FileClaim

LIFE = 3600.0
JWKS = "/.well-known/jwks.json"


@pytest.fixture(autouse=True)
def _nothing_is_left(stage: Stage) -> Iterator[None]:
    """No thread of ours, nothing that warns when it is taken away; and no grant of an earlier test."""
    stage.sandbox.revoke_all()
    yield
    join_threads()
    gc.collect()


async def cancel_when(held: HeldBack, work: Callable[[], Awaitable[object]]) -> None:
    """Do the work until the server has done what it was asked; its answer comes after that."""

    async def run() -> None:
        await work()

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await held.arrived()
            tasks.cancel_scope.cancel()


# Asking for a token.


async def run_out(stage: Stage, connection: Connection) -> None:
    """The token in hand is dead."""
    stage.clock.advance(LIFE)


async def refuse(stage: Stage, connection: Connection) -> None:
    """The API refuses the token in hand, which looks alive."""
    stage.sandbox.expire_access_tokens()


async def fail(stage: Stage, connection: Connection) -> None:
    """The account is in Error and waits."""
    stage.clock.advance(LIFE)
    stage.sandbox.faults.inject("token-429")
    with pytest.raises(TemporarilyUnavailable):
        await connection.get_access_token()


async def nothing(stage: Stage, connection: Connection) -> None:
    """All is well."""


async def request(connection: Connection) -> None:
    """One request to the API."""
    async with connection.client() as client:
        assert (await client.get("/models")).status_code == 200


Prepare = Callable[[Stage, Connection], Awaitable[None]]
Ask = Callable[[Connection], Awaitable[object]]
ASKS: dict[str, tuple[Prepare, Ask]] = {
    "get_access_token": (run_out, Connection.get_access_token),
    "refresh": (nothing, Connection.refresh),
    "retry": (fail, Connection.retry),
    "request": (run_out, request),
    "refused-request": (refuse, request),
}
every_ask = pytest.mark.parametrize(("prepare", "ask"), ASKS.values(), ids=ASKS)


@every_ask
async def test_a_token_is_redeemed_once_wherever_its_caller_is_cancelled(
    stage: Stage, prepare: Prepare, ask: Ask
) -> None:
    """The next caller has what the exchange brought, and the API takes it."""
    async with stage.signed_in() as connection:
        for number in count(1):
            await prepare(stage, connection)
            stage.sandbox.requests.clear()
            came_to_it = await cancelled_at(number, ask(connection))
            await at_rest()
            await request(connection)
            assert (stage.refreshes, connection.snapshot.generation) == (1, 1 + number)
            assert (connection.state, connection.case) == (State.CONNECTED, None)
            if not came_to_it:
                assert number > 1, "it was never cancelled"
                break
        async with stage.elsewhere() as other:
            assert other.snapshot.generation == connection.snapshot.generation


@every_ask
async def test_an_answer_that_nobody_waits_for_is_committed(stage: Stage, prepare: Prepare, ask: Ask) -> None:
    """The server had spent the refresh token when its caller was cancelled."""
    async with stage.signed_in() as connection:
        await prepare(stage, connection)
        stage.sandbox.requests.clear()
        with stage.holding_back(TOKEN) as held:
            await cancel_when(held, lambda: ask(connection))
            assert connection.snapshot.generation == 1
        await at_rest()
        await request(connection)
        assert (stage.refreshes, connection.snapshot.generation) == (1, 2)
        async with stage.elsewhere() as other:
            assert (other.snapshot.generation, other.case) == (2, None)


async def test_one_caller_that_is_cancelled_takes_nothing_from_another(stage: Stage) -> None:
    """Both waited for the same exchange."""
    async with stage.signed_in() as connection:
        stage.clock.advance(LIFE)
        with stage.holding_back(TOKEN) as held:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(connection.get_access_token)
                await cancel_when(held, connection.get_access_token)
                held.release()
        assert (stage.refreshes, connection.snapshot.generation) == (1, 2)


# Opening and closing.


async def test_an_opening_that_is_cancelled_leaves_nothing_open(stage: Stage) -> None:
    """The next one opens the account."""

    async def visit() -> None:
        async with stage.open() as connection:
            await connection.get_access_token()

    async with stage.signed_in():
        pass
    number = 1
    for _ in range(50):  # a reading that is over before anybody waits for it suspends nobody
        stage.restart()
        came_to_it = await cancelled_at(number, visit())
        await at_rest()
        async with stage.open() as connection:
            assert connection.state is State.CONNECTED
        if not came_to_it and number > 1:
            break
        number += came_to_it
    assert number > 1, "it was never cancelled"
    assert stage.refreshes == 0


async def test_closing_is_done_even_by_a_task_that_is_cancelled(stage: Stage) -> None:
    """It waits for nothing."""
    async with stage.signed_in() as connection:
        told = list[object]()
        subscription = connection.subscribe(told.append)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await connection.aclose()
        assert subscription.closed
        await connection.refresh()
    assert not told


# Signing out.


async def test_a_sign_out_is_final_wherever_its_caller_is_cancelled(stage: Stage) -> None:
    """Revoked, removed, and the next sign-in begins anew."""
    async with stage.open() as connection:
        for number in count(1):
            await connection.sign_in()
            came_to_it = await cancelled_at(number, connection.sign_out())
            await at_rest()
            assert_signed_out(stage, connection)
            if not came_to_it:
                assert number > 1, "it was never cancelled"
                break


async def test_a_sign_out_that_the_server_has_carried_out_is_final(stage: Stage) -> None:
    """Although nobody waits for its word."""
    async with stage.signed_in() as connection:
        with stage.holding_back(REVOKE) as held:
            await cancel_when(held, connection.sign_out)
            assert connection.state is State.DISCONNECTED
        await at_rest()
        assert_signed_out(stage, connection)
    assert stage.asked(REVOKE) == 1


def assert_signed_out(stage: Stage, connection: Connection) -> None:
    """Here, on the disk, and at the server."""
    assert (connection.state, connection.case) == (State.DISCONNECTED, None)
    account = account_of(connection)
    assert account.store.load(account.record.id).session is None
    assert not living(stage)


# Signing in.


async def with_prompt(stage: Stage, connection: Connection, begun: list[Attempt]) -> None:
    """A person comes back with the browser."""

    async def prompt(attempt: Attempt) -> None:
        begun.append(attempt)
        callback_url = await stage.visitor().decide(attempt)
        threading.Thread(target=_visit, args=(callback_url,), name="signedin's visitor").start()

    await connection.sign_in(prompt=prompt)


def _visit(callback_url: str) -> None:
    """A browser is nobody's task, and finds what it finds."""
    with suppress(httpx.HTTPError):
        browse(callback_url)


async def by_hand(stage: Stage, connection: Connection, begun: list[Attempt]) -> None:
    """A person pastes where the browser ended."""
    async with connection.authorize() as attempt:
        begun.append(attempt)
        await attempt.submit(await stage.visitor().decide(attempt))
        await attempt.done()


Way = Callable[[Stage, Connection, list[Attempt]], Awaitable[None]]
every_way = pytest.mark.parametrize("way", [with_prompt, by_hand], ids=lambda way: way.__name__)


@every_way
async def test_a_sign_in_is_whole_or_nothing_wherever_it_is_cancelled(stage: Stage, way: Way) -> None:
    """Either the session is held, or what was issued is revoked; the next attempt begins at once."""
    async with stage.open() as connection:
        for number in count(1):
            begun = list[Attempt]()
            came_to_it = await cancelled_at(number, way(stage, connection, begun))
            await at_rest()
            assert_over(connection, begun)
            if not came_to_it:
                assert number > 1, "it was never cancelled"
                break
            if connection.state is State.CONNECTED:
                await request(connection)
                await connection.sign_out()
            assert not living(stage)
        await request(connection)


@every_way
@pytest.mark.parametrize("path", [TOKEN, JWKS])
async def test_a_code_whose_sign_in_was_cancelled_is_redeemed_and_revoked(stage: Stage, way: Way, path: str) -> None:
    """What the server issued meanwhile is nobody's, and is not left alive."""
    async with stage.open() as connection:
        begun = list[Attempt]()
        with stage.holding_back(path) as held:
            await cancel_when(held, lambda: way(stage, connection, begun))
            assert connection.state is State.DISCONNECTED
            assert_over(connection, begun)
        await at_rest()
        assert (stage.asked(TOKEN), stage.asked(REVOKE)) == (1, 1)
        assert (connection.state, living(stage)) == (State.DISCONNECTED, [])
        await way(stage, connection, begun)
        await request(connection)


@every_way
async def test_a_session_that_is_being_committed_is_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    """The store may hold it already: it is too late to give it up, and it is whole."""
    committing, go_on = threading.Event(), threading.Event()
    commit = FileClaim.commit

    def slowly(claim: FileClaim, session: Session, *, sign_in: bool = False) -> Session:
        committing.set()
        assert go_on.wait(PATIENCE)
        return commit(claim, session, sign_in=sign_in)

    async def cancel_when_committing() -> None:
        await anyio.to_thread.run_sync(committing.wait, PATIENCE)
        tasks.cancel_scope.cancel()
        go_on.set()

    monkeypatch.setattr(FileClaim, "commit", slowly)
    async with stage.open() as connection:
        begun = list[Attempt]()
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(cancel_when_committing)
                await way(stage, connection, begun)
        await at_rest()
        assert_over(connection, begun)
        assert connection.state is State.CONNECTED
        await request(connection)
        async with stage.elsewhere() as other:
            assert other.snapshot.generation == 1
    assert stage.asked(REVOKE) == 0


def assert_over(connection: Connection, begun: list[Attempt]) -> None:
    """No attempt is on, and nobody listens for its browser."""
    assert account_of(connection).attempt is None
    for attempt in begun:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", urlsplit(attempt.short_url).port or 0)).close()


def living(stage: Stage) -> list[Grant]:
    """The families of tokens that could be used."""
    return [grant for grant in stage.sandbox.grants.all() if not grant.ended]
