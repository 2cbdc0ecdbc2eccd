"""A second sign-in while one is waiting: told who and since when, and `status` tells it too. Real processes."""

import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import anyio
import pytest
from tests.support.app_process import AppProcess
from tests.support.nursery import Nursery
from tests.support.stage import APP, PATIENCE, Stage

from signedin import Attempt, Connection, SignInFailed, State
from signedin.connection import account_of
from signedin.errors import StoreError
from signedin.facts import AppFacts
from signedin.status import Status, judge
from signedin_adapters.stores.home import slug
from signedin_adapters.stores.peek import look

Elsewhere = Callable[..., AbstractContextManager[AppProcess]]


@pytest.fixture
def elsewhere(stage: Stage, nursery: Nursery, anyio_backend_name: str) -> Elsewhere:
    """Starts another process that signs in and waits for its browser, on the same backend."""

    @contextmanager
    def signing_in(label: str = "") -> Generator[AppProcess]:
        with AppProcess(Path(stage.home), store="", nursery=nursery, label=label, runner=anyio_backend_name) as other:
            other.begin("sign-in-when-told")
            assert other.read() == {"waiting": True}
            try:
                yield other
            finally:
                other.kill()

    return signing_in


def goes_on(other: AppProcess) -> None:
    """It goes through its browser, to the end."""
    other.begin("now")
    assert other.finish().state == "connected"


async def no_browser(attempt: Attempt) -> None:
    """The prompt of a sign-in that must never come to it."""
    pytest.fail("a browser would have been opened")


async def never_comes(attempt: Attempt) -> None:
    """A person who closed the tab."""
    await anyio.sleep_forever()


async def refused(connection: Connection) -> str:
    """What a sign-in that is excluded says; `ensure_signed_in` says the same."""
    told: list[str] = []
    for sign_in in (connection.sign_in, connection.ensure_signed_in):
        with pytest.raises(SignInFailed) as failed:
            await sign_in()
        assert failed.value.case == "login-in-progress"
        told.append(failed.value.message)
    assert told[0] == told[1]
    return told[0]


def looked(stage: Stage) -> AppFacts:
    """What `status` reads."""
    return look(stage.home, slug(APP))


def judged(stage: Stage) -> Status:
    """What `status` says of the one account."""
    facts = looked(stage)
    (account,) = facts.accounts
    return judge(account, at=stage.clock(), attempt=facts.attempt)


def pending(stage: Stage) -> bool:
    """Whether the note says that a sign-in is under way."""
    attempt = looked(stage).attempt
    return attempt is not None and attempt.case is None


async def test_a_first_sign_in_excludes_every_other(stage: Stage, elsewhere: Elsewhere) -> None:
    """The second is told who has it, opens no browser, and harms nobody; afterwards both are signed in."""
    with elsewhere() as other:
        async with stage.open(prompt=no_browser) as connection:
            told = await refused(connection)
            assert f"process {other.pid} (app_program.py)" in told
            assert (looked(stage).signing_in, pending(stage)) == (True, True)
            goes_on(other)
            assert not pending(stage)
            account_of(connection).look(at_once=True)
            await connection.ensure_signed_in()
            assert connection.snapshot.generation == 1


async def test_signing_in_again_excludes_every_other(stage: Stage, elsewhere: Elsewhere) -> None:
    """The session that there is goes on serving, here and there; `status` shows Authorizing."""
    async with stage.signed_in() as connection:
        with elsewhere() as other:
            with pytest.raises(SignInFailed) as failed:
                await connection.sign_in(prompt=no_browser)
            assert f"process {other.pid} " in failed.value.message
            assert judged(stage).state is State.AUTHORIZING
            await connection.ensure_signed_in()
            await connection.refresh()
            goes_on(other)
        assert judged(stage).state is State.CONNECTED


async def test_killed_the_first_makes_way(stage: Stage, elsewhere: Elsewhere) -> None:
    """What is left of it is neither a sign-in nor a failure, and keeps nobody from signing in."""
    with elsewhere() as other:
        other.kill()
        facts = looked(stage)
        assert (facts.signing_in, facts.accounts, pending(stage)) == (False, (), True)
        async with stage.open() as connection:
            assert (connection.state, connection.case) == (State.DISCONNECTED, None)
            await connection.sign_in()
            assert connection.state is State.CONNECTED
    assert looked(stage).attempt is None


async def test_killed_over_a_living_session_all_is_as_before(stage: Stage, elsewhere: Elsewhere) -> None:
    """The session stands, without a case."""
    async with stage.signed_in() as connection:
        with elsewhere() as other:
            assert judged(stage).state is State.AUTHORIZING
            other.kill()
        status = judged(stage)
        assert (status.state, status.case) == (State.CONNECTED, None)
        await connection.sign_in()


async def test_two_accounts_do_not_exclude_each_other(stage: Stage, elsewhere: Elsewhere) -> None:
    """One signs in again while another one waits, and while a third is new."""
    async with stage.signed_in() as ada:
        async with stage.open(account="work", new=True) as work:
            await work.sign_in(prompt=stage.visitor(person="ben"))
        with elsewhere(label="work"):
            await ada.sign_in()
            async with stage.open(account="third", new=True) as third, third.authorize():
                states = [judge(account, at=stage.clock()).state for account in looked(stage).accounts]
                assert states == [State.CONNECTED, State.AUTHORIZING]
                assert looked(stage).signing_in


async def test_a_registration_alone_shows_the_first_sign_in(stage: Stage) -> None:
    """The issued id is saved before the code is spent; the sign-in that goes on is the account's."""
    stage.sandbox.faults.inject("token-invalid-grant", 1)
    async with stage.open() as connection:
        with pytest.raises(SignInFailed):
            await connection.sign_in()
        assert judged(stage).state is State.DISCONNECTED
        async with connection.authorize():
            assert judged(stage).state is State.AUTHORIZING
            assert looked(stage).signing_in


# How it ends, within one process.


async def ends_well(connection: Connection, stage: Stage) -> None:
    await connection.sign_in(prompt=stage.visitor())


async def ends_out_of_time(connection: Connection, stage: Stage) -> None:
    with pytest.raises(SignInFailed):
        await connection.sign_in(prompt=never_comes, seconds=0.05)


async def ends_denied(connection: Connection, stage: Stage) -> None:
    stage.sandbox.auto_approve = False
    with pytest.raises(SignInFailed):
        await connection.sign_in(prompt=stage.visitor(deny=True))
    stage.sandbox.auto_approve = True


async def ends_cancelled(connection: Connection, stage: Stage) -> None:
    with anyio.CancelScope() as scope:
        async with connection.authorize():
            scope.cancel()
            await anyio.sleep_forever()


async def ends_in_the_block(connection: Connection, stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError):
        async with connection.authorize():
            raise ZeroDivisionError


async def ends_with_a_sign_out(connection: Connection, stage: Stage) -> None:
    async with connection.authorize():
        await connection.sign_out()


async def ends_in_the_exchange(connection: Connection, stage: Stage) -> None:
    stage.sandbox.faults.inject("token-invalid-grant", 1)
    with pytest.raises(SignInFailed):
        await connection.sign_in(prompt=stage.visitor())


ENDINGS: dict[Callable[[Connection, Stage], Awaitable[None]], str | None] = {
    ends_well: None,
    ends_out_of_time: "callback-never-arrives",
    ends_denied: "user-denied-consent",
    ends_cancelled: "login-cancelled",
    ends_in_the_block: "login-cancelled",
    ends_with_a_sign_out: "login-cancelled",
    ends_in_the_exchange: "code-expired-or-used",
}


@pytest.mark.parametrize(("ending", "case"), ENDINGS.items(), ids=[ending.__name__ for ending in ENDINGS])
async def test_every_ending_frees_it_and_leaves_its_note(
    stage: Stage, ending: Callable[[Connection, Stage], Awaitable[None]], case: str | None
) -> None:
    """However an attempt ends, nothing is pending and the next one may begin."""
    async with stage.open() as connection:
        await ending(connection, stage)
        attempt = looked(stage).attempt
        assert (attempt and attempt.case) == case
        assert not looked(stage).signing_in
        await connection.sign_in()
        assert looked(stage).attempt is None


async def test_it_is_free_as_soon_as_the_session_is_saved(stage: Stage) -> None:
    """The last page of the browser keeps nobody waiting, nor does a block that goes on."""
    async with stage.open() as connection, connection.authorize() as attempt:
        await stage.visitor()(attempt)
        await attempt.done()
        assert judged(stage).state is State.CONNECTED


async def test_an_attempt_out_of_time_makes_way(stage: Stage) -> None:
    """The task that keeps its deadline may sleep or be dead: whoever comes next ends it."""
    async with stage.open() as connection, connection.authorize(seconds=600):
        stage.clock.advance(601)
        await connection.sign_in()
        assert connection.state is State.CONNECTED


async def test_given_up_while_it_is_taken_it_is_freed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that takes it is not waited for, and keeps nothing."""
    arrived, go, freed = threading.Event(), threading.Event(), threading.Event()
    async with stage.open() as connection:
        store = account_of(connection).store
        take = store.sign_in_claim

        @contextmanager
        def slowly(account_id: str) -> Generator[None]:
            arrived.set()
            go.wait(PATIENCE)
            with take(account_id):
                yield
            freed.set()

        with monkeypatch.context() as patch:
            patch.setattr(store, "sign_in_claim", slowly)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(connection.sign_in)
                await anyio.to_thread.run_sync(arrived.wait, PATIENCE)
                tasks.cancel_scope.cancel()
        go.set()
        assert await anyio.to_thread.run_sync(freed.wait, PATIENCE)
        await connection.sign_in()


async def test_whoever_waited_for_a_preparation_that_failed_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tasks of one process prepare one after the other: the first one's trouble is not the second one's."""
    async with stage.open() as connection:
        store = account_of(connection).store
        probe, probed = store.probe, list[int]()

        def fails_first() -> None:
            probed.append(1)
            if len(probed) == 1:
                raise StoreError("No space.", case="disk-full-or-readonly")
            probe()

        async def in_vain() -> None:
            with pytest.raises(StoreError):
                await connection.sign_in()

        monkeypatch.setattr(store, "probe", fails_first)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(in_vain)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(connection.ensure_signed_in)
        assert connection.state is State.CONNECTED
