"""What other processes did to an account is seen here, without a request and within a second."""

from pathlib import Path

import anyio
import pytest
from tests.support.app_process import AppProcess
from tests.support.nursery import Nursery
from tests.support.stage import APP, PATIENCE, Stage

from signedin import InteractionRequired, State, lookout, timekeeper
from signedin.connection import account_of
from signedin.testing import FailingStore
from signedin_adapters.stores import opening as stores


@pytest.fixture
def looking_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the connection is one at the store."""
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 0.0)


@pytest.mark.usefixtures("looking_always")
async def test_whoever_listens_is_told_without_asking(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that only waits for transitions shows a sign-out that happened elsewhere."""
    monkeypatch.setattr(timekeeper, "LISTENING_SECONDS", 0.01)
    async with stage.signed_in() as connection:
        stream = connection.transitions()
        async with stage.elsewhere() as other:
            await other.sign_out()
        with anyio.fail_after(PATIENCE):
            told = await anext(stream)
        assert (told.state, told.case) == (State.DISCONNECTED, "signed-out-elsewhere")


async def test_a_rotation_of_another_process_is_seen(stage: Stage, nursery: Nursery) -> None:
    """Within a second, without asking the provider."""
    async with stage.signed_in() as connection:
        with AppProcess(Path(stage.home), store="", nursery=nursery) as other:
            refreshed = await anyio.to_thread.run_sync(other.do, "refresh")
            assert refreshed.generation == 2
        stage.sandbox.requests.clear()
        with anyio.fail_after(lookout.LOOK_SECONDS + 1):
            while connection.snapshot.generation != 2:  # noqa: ASYNC110 - as a front end looks
                await anyio.sleep(0.05)
        await connection.get_access_token()
    assert len(stage.sandbox.requests) == 0


async def test_the_store_is_looked_at_once_a_second_at_most(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand looks cost as much as one."""
    async with stage.signed_in() as connection:
        assert connection.state is State.CONNECTED
        stamps: list[object] = []
        monkeypatch.setattr(account_of(connection).store, "stamp", stamps.append)
        assert {connection.state for _ in range(1000)} == {State.CONNECTED}
    assert len(stamps) <= 3


@pytest.mark.usefixtures("looking_always")
async def test_a_sign_out_of_another_process_is_seen(stage: Stage) -> None:
    """And says where it happened."""
    async with stage.signed_in() as connection:
        async with stage.elsewhere() as other:
            await other.sign_out()
        assert connection.state is State.DISCONNECTED
        assert connection.case is not None
        assert connection.case.id == "signed-out-elsewhere"
        with pytest.raises(InteractionRequired):
            await connection.get_access_token()


@pytest.mark.usefixtures("looking_always")
async def test_a_look_that_failed_is_made_again(stage: Stage) -> None:
    """A store that could not be read for a moment hides no sign-out for longer."""
    store = FailingStore(stores.file(app=APP, home=stage.home))
    async with stage.signed_in(store=store) as connection:
        async with stage.elsewhere() as other:
            await other.sign_out()
        with store.failing("store-unavailable"):
            assert not connection.needs_sign_in
        assert connection.state is State.DISCONNECTED


@pytest.mark.usefixtures("looking_always")
async def test_a_sign_in_of_another_process_is_seen(stage: Stage) -> None:
    """Also after a sign-out here: somebody wanted it."""
    async with stage.signed_in() as connection:
        await connection.sign_out()
        async with stage.elsewhere() as other:
            await other.sign_in()
        assert connection.state is State.CONNECTED


@pytest.mark.usefixtures("looking_always")
async def test_a_first_sign_in_of_another_process_is_seen(stage: Stage) -> None:
    """An account that nobody had signed in to yet becomes the one that somebody did."""
    async with stage.open() as connection:
        async with stage.elsewhere() as other:
            await other.sign_in()
        assert connection.state is State.CONNECTED


async def test_after_a_first_sign_in_elsewhere_handles_still_share_one_account(stage: Stage) -> None:
    """The handle from before and the one from after, without waiting for a second to pass."""
    async with stage.open() as connection:
        async with stage.elsewhere() as other:
            await other.sign_in()
        async with stage.open() as later:
            assert account_of(connection) is account_of(later)
            assert connection.state is State.CONNECTED


@pytest.mark.usefixtures("looking_always")
async def test_a_new_account_becomes_nobody_elses(stage: Stage) -> None:
    """One that is begun under a name of its own waits for its own sign-in, and a shared one for a foreign process."""
    async with stage.open() as connection, stage.open(new=True, account="work") as work:
        async with stage.elsewhere() as other:
            await other.sign_in()
        assert work.state is State.DISCONNECTED
        await work.sign_in()
        assert connection.snapshot.label == "ada@example.com"
        assert work.snapshot.label == "work"


@pytest.mark.usefixtures("looking_always")
async def test_an_account_that_this_process_holds_has_one_object(stage: Stage) -> None:
    """What another handle here signed in to is not taken for a foreign process' account."""
    async with stage.open() as connection, stage.open(new=True) as new:
        await new.sign_in()
        assert connection.state is State.DISCONNECTED
        assert account_of(connection) is not account_of(new)


@pytest.mark.usefixtures("looking_always")
async def test_an_account_that_was_removed_elsewhere_is_signed_out(stage: Stage) -> None:
    """Its directory is gone: there is nothing to renew."""
    async with stage.signed_in() as connection:
        account_of(connection).store.forget(connection.snapshot.account_id)
        assert connection.state is State.DISCONNECTED


@pytest.mark.usefixtures("looking_always")
async def test_a_sign_in_is_not_disturbed_by_the_sign_out_before_it(stage: Stage) -> None:
    """What this process did itself is no news."""
    async with stage.signed_in() as connection:
        await connection.sign_out()
        async with connection.authorize() as attempt:
            assert connection.state is State.AUTHORIZING
            assert connection.case is None
            await stage.visitor()(attempt)
            await attempt.done()
        assert connection.snapshot.state is State.CONNECTED


@pytest.mark.usefixtures("looking_always")
async def test_a_new_account_without_a_name_becomes_nobody_elses_either(stage: Stage) -> None:
    """Who asked for another account does not get the one that another process signed in to."""
    async with stage.open(new=True) as new:
        async with stage.elsewhere() as other:
            await other.sign_in()
        assert new.state is State.DISCONNECTED
