"""The end of a session: marked at once, revoked, removed; nothing brings it back."""

import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from tests.support.stage import PATIENCE, REVOKE, TOKEN, Stage, at_rest, until, watching

from signedin import Connection, ConnectionFailed, State, StoreError, exchange
from signedin.connection import account_of
from signedin.events import SessionReplaced
from signedin.secret import Secret
from signedin.session import Session
from signedin.waiting import wait
from signedin_adapters.providers import find


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked again is asked again at once."""
    monkeypatch.setattr("signedin.authorization_server.REVOCATION_PAUSES", (0.0, 0.0))


def files_of(connection: Connection) -> set[str]:
    """What is left of the account on disk."""
    return {path.name for path in Path(account_of(connection).store.place).rglob("accounts/*/*")}


def key_of(connection: Connection) -> Path:
    """The file that holds the account's key."""
    (key,) = Path(account_of(connection).store.place).rglob("accounts/*/key")
    return key


def let_exchanges_end() -> None:
    """Wait for what runs apart."""
    for thread in threading.enumerate():
        if thread.name.startswith("signedin "):
            thread.join(PATIENCE)


@contextmanager
def all_places_taken() -> Generator[None]:
    """As many exchanges under way as may be at once."""
    with ExitStack() as places:
        for _ in range(exchange.AT_ONCE):
            places.enter_context(exchange._places)
        yield


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


async def test_other_accounts_are_left_alone(stage: Stage) -> None:
    """Of the same app and the same provider: one is over, and the other is used and renewed."""
    async with stage.signed_in() as ada, stage.open(account="work", new=True) as work:
        await work.sign_in(prompt=stage.visitor(person="ben"))
        await ada.sign_out()
        await work.get_access_token()
        await work.refresh()
        assert (ada.state, work.state) == (State.DISCONNECTED, State.CONNECTED)
    assert [grant.ended for grant in stage.sandbox.grants.all()[-2:]] == ["revoked", None]


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


async def test_every_unconfirmed_revocation_is_tried_again(stage: Stage) -> None:
    """A second sign-out takes the place of no first one; both are confirmed in the end."""
    async with stage.signed_in() as connection:
        for number in range(2):
            stage.sandbox.faults.inject("revoke-503", 3)
            assert await connection.sign_out() is False
            if not number:
                await connection.sign_in()
        assert {"revocation-pending", "revocation-pending-2"} <= files_of(connection)
        assert await connection.sign_out() is True
        assert not [name for name in files_of(connection) if name.startswith("revocation-pending")]
    assert [grant.ended for grant in stage.sandbox.grants.all()[-2:]] == ["revoked", "revoked"]


async def test_an_unconfirmed_sign_out_keeps_the_token_in_hand(stage: Stage) -> None:
    """Where the session lies in memory alone, the stored token is spent, and its successor is to be revoked."""
    stage.sandbox.faults.inject("revoke-503", 3)
    async with stage.signed_in() as connection:
        account = account_of(connection)
        session = account.context.session
        assert session is not None
        unsaved = replace(session, generation=session.generation + 1, refresh_token=Secret("unsaved"))
        account.post(SessionReplaced(at=account.clock(), session=unsaved))
        assert await connection.sign_out() is False
        pending = account.store.pending_revocation(account.record.id)
        assert pending is not None
        assert pending.token == Secret("unsaved")


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
        await at_rest()
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


async def test_a_session_made_elsewhere_is_not_revoked_here(stage: Stage) -> None:
    """Where the configuration names other places now, no token goes there; it is kept for its revocation."""
    async with stage.signed_in():
        pass
    stage.restart()
    provider = replace(find("sandbox", home=stage.home), api_base="http://127.0.0.1:1/elsewhere")
    async with stage.open(provider=provider) as connection:
        assert await connection.sign_out() is False
        assert await connection.sign_out() is False
        assert "revocation-pending" in files_of(connection)
    assert stage.asked(REVOKE) == 0


async def test_a_session_that_cannot_be_opened_is_kept_for_its_revocation(stage: Stage) -> None:
    """With its key out of reach nothing can be revoked now: that is said, and nothing is thrown away."""
    async with stage.signed_in() as connection:
        key = key_of(connection)
    text = key.read_bytes()
    key.unlink()
    async with stage.elsewhere() as connection:
        assert await connection.sign_out() is False
        assert "revocation-pending" in files_of(connection)
        assert "session" not in files_of(connection)
        key.write_bytes(text)
        key.chmod(0o600)
        assert await connection.sign_out() is True
        assert {"revocation-pending", "key"}.isdisjoint(files_of(connection))
    assert stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_what_another_process_made_of_the_session_is_revoked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token in hand may be spent: the stored one of the higher generation is sent."""
    async with stage.signed_in() as connection:
        account = account_of(connection)
        stale = account.context.session
        assert stale is not None
        newer = replace(stale, refresh_token=Secret("newer"))
        with account.store.claim(account.record.id, deadline=time.monotonic() + 5) as claim:
            claim.commit(newer)
        sent: list[Session] = []

        def revoke_session(*, session: Session, **_: object) -> bool:
            sent.append(session)
            return True

        monkeypatch.setattr("signedin.sign_out.revoke_session", revoke_session)
        await connection.sign_out()
    assert [session.refresh_token for session in sent] == [newer.refresh_token]


async def test_signing_out_waits_for_no_place(stage: Stage) -> None:
    """However many exchanges are under way, the marker is there at once."""
    async with stage.signed_in() as connection:
        with all_places_taken():
            assert await connection.sign_out() is True


async def test_no_look_brings_back_what_is_being_signed_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that another process made before our marker was written is no news."""
    asked, goes_on = threading.Event(), threading.Event()
    async with stage.signed_in() as connection:
        account = account_of(connection)
        session, mark = account.context.session, account.store.mark_signed_out
        assert session is not None

        def mark_late(account_id: str, *, revoke: bool) -> int:
            asked.set()
            goes_on.wait(PATIENCE)
            return mark(account_id, revoke=revoke)

        monkeypatch.setattr(account.store, "mark_signed_out", mark_late)
        ending = account.sign_out(revoke=False)
        asked.wait(PATIENCE)
        with account.store.claim(account.record.id, deadline=time.monotonic() + 5) as claim:
            claim.commit(session)
        account.look(at_once=True)
        assert connection.state is State.DISCONNECTED
        goes_on.set()
        await wait(ending)
        account.look(at_once=True)
        assert connection.state is State.DISCONNECTED


async def test_a_full_disk_does_not_stop_the_revocation(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be marked is revoked all the same, and the error says so."""

    def refuse(*_: object, **__: object) -> int:
        raise StoreError("The disk is full.", case="disk-full-or-readonly")

    async with stage.signed_in() as connection:
        monkeypatch.setattr(account_of(connection).store, "mark_signed_out", refuse)
        with pytest.raises(StoreError, match=r"The disk is full\. The provider confirmed the end") as failed:
            await connection.sign_out()
        assert failed.value.case == "disk-full-or-readonly"
    assert stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_the_next_process_tries_an_unconfirmed_revocation_once_more(stage: Stage) -> None:
    """By itself, as soon as it opens the account."""
    stage.sandbox.faults.inject("revoke-503", 3)
    async with stage.signed_in() as connection:
        await connection.sign_out()
    async with stage.elsewhere() as connection:
        await anyio.to_thread.run_sync(let_exchanges_end)
        assert "revocation-pending" not in files_of(connection)
    assert stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_a_start_after_thirty_days_gives_an_unconfirmed_revocation_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent: the token has run out by then. What was kept for it is removed, and the key with it."""
    stage.sandbox.faults.inject("revoke-503", 3)
    async with stage.signed_in() as connection:
        await connection.sign_out()
    stage.sandbox.requests.clear()
    monkeypatch.setattr("signedin_adapters.stores.revocations.REVOCATION_SECONDS", 0.0)
    async with stage.elsewhere() as connection:
        await anyio.to_thread.run_sync(let_exchanges_end)
        assert {"revocation-pending", "key"}.isdisjoint(files_of(connection))
    assert stage.asked(REVOKE) == 0


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


async def test_a_sign_in_that_failed_before_is_no_reason(stage: Stage) -> None:
    """Whoever looks later, in another process, is told that nobody is signed in, and not of a sign-in given up."""
    async with stage.signed_in() as connection:
        async with connection.authorize():
            pass
        await connection.sign_out()
    async with stage.elsewhere() as other:
        assert (other.state, other.case) == (State.DISCONNECTED, None)
