"""The end of a session: marked at once, revoked, removed; nothing brings it back."""

from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from tests.support.stage import REVOKE, TOKEN, Stage, until, watching

from signedin import Connection, ConnectionFailed, State, StoreError
from signedin.account import Account
from signedin.events import SessionReplaced
from signedin.waiting import wait


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked again is asked again at once."""
    monkeypatch.setattr("signedin.authorization_server.REVOCATION_PAUSES", (0.0, 0.0))


def account_of(connection: Connection) -> Account:
    """What the handle is a handle on."""
    return connection._account


def files_of(connection: Connection) -> set[str]:
    """What is left of the account on disk."""
    return {path.name for path in Path(account_of(connection).store.place).rglob("accounts/*/*")}


async def test_signing_out_revokes_and_removes(stage: Stage) -> None:
    """The registration stays; tokens and key are gone."""
    async with stage.signed_in() as connection:
        assert await connection.sign_out() is True
        assert connection.state is State.DISCONNECTED
        assert connection.case is None
        assert "session" not in files_of(connection)
        assert {"account.json", "signed-out"} <= files_of(connection)
    assert stage.asked(REVOKE) == 1
    assert stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_signing_out_without_revoking_tells_nobody(stage: Stage) -> None:
    """As asked for."""
    async with stage.signed_in() as connection:
        assert await connection.sign_out(revoke=False) is None
        assert connection.state is State.DISCONNECTED
    assert stage.asked(REVOKE) == 0


async def test_without_a_refresh_token_the_access_token_is_revoked(stage: Stage) -> None:
    """RFC 7009 §2.1 allows it; and a refresh says that there is none to be had."""
    async with stage.signed_in() as connection:
        account = account_of(connection)
        session = account.context.session
        assert session is not None
        bare = replace(session, generation=session.generation + 1, refresh_token=None)
        account.post(SessionReplaced(at=account.clock(), session=bare))
        with pytest.raises(ConnectionFailed) as failed:
            await connection.refresh()
        assert failed.value.case == "refresh-token-absent"
        assert await connection.sign_out() is True
    assert stage.asked(REVOKE) == 1


async def test_an_unconfirmed_revocation_is_said_to_be_so(stage: Stage) -> None:
    """Signed out all the same; the refresh token alone is kept for its revocation."""
    stage.sandbox.faults.inject("revoke-503", 3)
    async with stage.signed_in() as connection:
        assert await connection.sign_out() is False
        assert connection.state is State.DISCONNECTED
        assert connection.case is not None
        assert connection.case.id == "logout-not-effective"
        assert "revocation-pending" in files_of(connection)
        assert "session" not in files_of(connection)


async def test_a_later_sign_out_confirms_what_an_earlier_one_could_not(stage: Stage) -> None:
    """And then nothing secret is left."""
    stage.sandbox.faults.inject("revoke-503", 3)
    async with stage.signed_in() as connection:
        await connection.sign_out()
        assert await connection.sign_out() is True
        assert "revocation-pending" not in files_of(connection)
    assert stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_signing_out_where_nobody_is_signed_in_is_harmless(stage: Stage) -> None:
    """Nothing to revoke, nothing to remove, nothing to complain about."""
    async with stage.open() as connection:
        assert await connection.sign_out() is None
        assert connection.state is State.DISCONNECTED
        assert connection.case is None


async def test_two_sign_outs_at_once_both_end(stage: Stage) -> None:
    """Whoever comes second waits for the same end."""
    async with stage.signed_in() as connection, anyio.create_task_group() as tasks:
        tasks.start_soon(connection.sign_out)
        tasks.start_soon(connection.sign_out)
    assert connection.state is State.DISCONNECTED


async def test_no_late_refresh_brings_the_session_back(stage: Stage) -> None:
    """Signed out while the answer is on its way, the new tokens are revoked, here and for other processes."""
    async with stage.signed_in() as connection:
        stage.clock.advance(86400)
        with watching(connection) as seen, stage.holding_back(TOKEN) as held:
            with anyio.move_on_after(0.05):
                await connection.get_access_token()
            await held.arrived()
            ending = account_of(connection).sign_out(revoke=True)
            held.release()
            await wait(ending)
            await until(connection, lambda: account_of(connection).context.exchange is None)
        assert connection.state is State.DISCONNECTED
        assert all(each.state is State.DISCONNECTED for each in seen[1:] if each.trigger != "RefreshDue")
        assert "session" not in files_of(connection)
    async with stage.elsewhere() as other:
        assert other.state is State.DISCONNECTED
    assert stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_a_sign_in_that_overtakes_a_slow_sign_out_is_kept(stage: Stage) -> None:
    """The sign-out removes what it came for, and never what came after it."""
    async with stage.signed_in() as connection:
        with stage.holding_back(REVOKE) as held:
            ending = account_of(connection).sign_out(revoke=True)
            await held.arrived()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(connection.sign_in)
                await until(connection, lambda: connection.state is State.AUTHORIZING)
                held.release()
        await wait(ending)
        assert connection.state is State.CONNECTED
    async with stage.elsewhere() as other:
        assert other.state is State.CONNECTED
        await other.get_access_token()


async def test_tokens_that_cannot_be_removed_are_an_error(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told to whoever signs out; the connection is Disconnected all the same."""

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("Read-only.", case="disk-full-or-readonly")

    async with stage.signed_in() as connection:
        monkeypatch.setattr(account_of(connection).store, "clear", refuse)
        with pytest.raises(StoreError):
            await connection.sign_out()
        assert connection.state is State.DISCONNECTED
        assert connection.case is not None
        assert connection.case.id == "logout-not-effective"
