"""A refresh token is spent once, by one process, and what comes back is neither lost nor believed too soon."""

import errno
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.support.stage import PATIENCE, REVOKE, Stage, case_of, until

from signedin import Connection, ConnectionFailed, Flag, InteractionRequired, State, TemporarilyUnavailable
from signedin import events as ev
from signedin.connection import account_of
from signedin.context import SAVE_SECONDS
from signedin.errors import StoreError, TransportFailed
from signedin.oauth.messages import Request, Response
from signedin.record import Stored
from signedin.states import Category
from signedin.waiting import wait
from signedin_adapters.http import HttpxClient
from signedin_adapters.stores import host
from signedin_adapters.stores.claim import FileClaim

RUN_OUT = 3600.0
TRANSIENT = [
    ("token-503", "provider-outage"),
    ("token-429", "login-rate-limited"),
    ("token-html", "provider-outage"),
    ("token-hang", "request-timeout-ambiguous"),
    ("token-slow-drip", "request-timeout-ambiguous"),
    ("token-huge", "ok-status-error-body"),
    ("token-redirect-307", "ok-status-error-body"),
    ("token-drop", "request-timeout-ambiguous"),
    ("token-500-after-commit", "provider-outage"),
]
NOTHING_DONE = [fault for fault, _ in TRANSIENT if fault not in ("token-drop", "token-500-after-commit")]
UNDECIDED = [
    ("token-unknown-code", "unclassified", Category.NEEDS_USER),
    ("token-no-code", "unclassified", Category.NEEDS_USER),
    ("token-invalid-client", "client-refused", None),
]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked again is asked again at once."""
    monkeypatch.setattr("signedin.authorization_server.KEYS_PAUSES", (0.0, 0.0))


@pytest.fixture
def strike(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Arms a fault; for one that only a deadline ends, the deadline is short."""

    def arm(fault: str) -> None:
        if fault in ("token-hang", "token-slow-drip"):
            monkeypatch.setattr("signedin.authorization_server.EXCHANGE_SECONDS", 0.3)
        stage.sandbox.faults.inject(fault)

    return arm


@pytest.fixture
def relent(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Gives requests their time again."""
    return lambda: monkeypatch.setattr("signedin.authorization_server.EXCHANGE_SECONDS", 20.0)


def directory_of(connection: Connection) -> Path:
    """Where the account lies."""
    return Path(account_of(connection).store.place, "accounts", connection.snapshot.account_id)


# Outages never end a sign-in.


@pytest.mark.parametrize(("fault", "case"), TRANSIENT)
async def test_an_outage_changes_nothing_while_the_token_lives(
    stage: Stage, strike: Callable[[str], None], fault: str, case: str
) -> None:
    """Connected, with the case; the old token is good."""
    async with stage.signed_in() as connection:
        token = await connection.get_access_token()
        strike(fault)
        with pytest.raises(TemporarilyUnavailable) as failed:
            await connection.refresh()
        assert failed.value.case == case
        assert connection.state is State.CONNECTED
        assert await connection.get_access_token() == token
    with anyio.fail_after(PATIENCE):  # one that hangs is counted when it is left
        while stage.refreshes != 1:  # noqa: ASYNC110 - the sandbox sets no event
            await anyio.sleep(0.005)


@pytest.mark.parametrize(("fault", "case"), TRANSIENT)
async def test_an_outage_is_an_error_once_the_token_ran_out(
    stage: Stage, strike: Callable[[str], None], fault: str, case: str
) -> None:
    """A passing one: the credential is kept, and it is said when it is tried again."""
    async with stage.signed_in() as connection:
        stage.clock.advance(RUN_OUT)
        strike(fault)
        with pytest.raises(TemporarilyUnavailable) as failed:
            await connection.get_access_token()
        assert failed.value.case == case
        assert failed.value.retry_at is not None
        assert failed.value.retry_at > stage.clock()
        assert connection.state is State.ERROR
        assert not connection.needs_sign_in
        assert (directory_of(connection) / "session").exists()


@pytest.mark.parametrize("fault", NOTHING_DONE)
async def test_after_an_outage_a_retry_connects_again(
    stage: Stage, strike: Callable[[str], None], relent: Callable[[], None], fault: str
) -> None:
    """With the same refresh token."""
    async with stage.signed_in() as connection:
        stage.clock.advance(RUN_OUT)
        strike(fault)
        with pytest.raises(TemporarilyUnavailable):
            await connection.get_access_token()
        relent()
        await connection.retry()
        assert connection.state is State.CONNECTED
        assert case_of(connection) is None
        assert connection.flags == {Flag.PLAN_ENABLED}


async def test_after_an_outage_time_alone_connects_again(stage: Stage) -> None:
    """Whoever asks after the wait finds it well; who asks before is refused without a request."""
    async with stage.signed_in() as connection:
        stage.clock.advance(RUN_OUT)
        stage.sandbox.faults.inject("token-503")
        for _ in range(3):
            with pytest.raises(TemporarilyUnavailable):
                await connection.get_access_token()
        assert stage.refreshes == 1
        stage.clock.advance(15)
        await connection.get_access_token()
        assert connection.state is State.CONNECTED


async def test_a_provider_that_cannot_be_reached_leaves_no_doubt(stage: Stage) -> None:
    """What was not sent was not spent."""
    http = Unreliable()
    async with stage.signed_in(http=http) as connection:
        http.down = True
        with pytest.raises(TemporarilyUnavailable) as failed:
            await connection.refresh()
        assert failed.value.case == "offline"
        assert Flag.IN_DOUBT not in connection.flags
        assert not (directory_of(connection) / "intent").exists()


async def test_a_limit_leaves_no_doubt(stage: Stage) -> None:
    """A 4xx that says nothing of the grant says at least that nothing was spent."""
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject("token-429")
        with pytest.raises(TemporarilyUnavailable):
            await connection.refresh()
        assert Flag.IN_DOUBT not in connection.flags
        assert not (directory_of(connection) / "intent").exists()


# In doubt.


@pytest.mark.parametrize("fault", ["token-503", "token-hang"])
async def test_an_answer_that_never_came_leaves_a_doubt_that_a_success_ends(
    stage: Stage, strike: Callable[[str], None], relent: Callable[[], None], fault: str
) -> None:
    """The token may have been spent: said by a flag, here and in another process, until it was not."""
    async with stage.signed_in() as connection:
        strike(fault)
        with pytest.raises(TemporarilyUnavailable):
            await connection.refresh()
        assert Flag.IN_DOUBT in connection.flags
        async with stage.elsewhere() as other:
            assert Flag.IN_DOUBT in other.flags
        relent()
        stage.clock.advance(RUN_OUT)
        await connection.get_access_token()
        assert Flag.IN_DOUBT not in connection.flags
        assert not (directory_of(connection) / "intent").exists()


async def test_in_doubt_the_access_token_is_used_while_it_lives(stage: Stage) -> None:
    """Nothing is sent, whoever asks: a token that may have been spent could end the session that still works."""
    async with stage.signed_in() as connection:
        token = await connection.get_access_token()
        stage.sandbox.faults.inject("token-500-after-commit")
        with pytest.raises(TemporarilyUnavailable):
            await connection.refresh()
        async with stage.elsewhere() as other:
            for each in (connection, other):
                with pytest.raises(TemporarilyUnavailable) as failed:
                    await each.refresh()
                assert failed.value.case == "provider-outage"
                assert await each.get_access_token() == token
                assert each.state is State.CONNECTED
        assert stage.refreshes == 1


async def test_in_doubt_a_token_that_the_api_refuses_is_not_waited_for(stage: Stage) -> None:
    """It is of no use any more, so the refresh token is tried at once."""
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject("token-503")
        with pytest.raises(TemporarilyUnavailable):
            await connection.refresh()
        refused = connection.snapshot.generation
        account_of(connection).post(ev.ApiUnauthorized(at=stage.clock(), generation=refused))
        await connection.get_access_token()
        assert connection.snapshot.generation == refused + 1
        assert Flag.IN_DOUBT not in connection.flags


@pytest.mark.parametrize("fault", ["token-drop", "token-500-after-commit"])
async def test_a_token_that_was_spent_unanswered_says_what_happened(stage: Stage, fault: str) -> None:
    """Expired, because a refresh was interrupted, and not because somebody stole anything."""
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject(fault)
        with pytest.raises(TemporarilyUnavailable):
            await connection.refresh()
        stage.clock.advance(RUN_OUT)
        with pytest.raises(InteractionRequired) as ended:
            await connection.get_access_token()
        assert ended.value.case == "refresh-interrupted"
        assert connection.state is State.EXPIRED


# The six codes, and everything else that says no.


async def test_a_grant_that_was_revoked_is_over(stage: Stage) -> None:
    """Expired: only signing in again helps, and the registration is kept for it."""
    async with stage.signed_in() as connection:
        stage.sandbox.revoke_all()
        with pytest.raises(InteractionRequired) as ended:
            await connection.refresh()
        assert ended.value.case == "session-ended"
        assert connection.state is State.EXPIRED
        assert connection.needs_sign_in
        with pytest.raises(InteractionRequired):
            await connection.get_access_token()
        await connection.ensure_signed_in()
        assert connection.snapshot.state is State.CONNECTED


@pytest.mark.parametrize(
    ("fault", "case"), [("token-invalid-grant", "session-ended"), ("token-reused", "refresh-token-reused")]
)
async def test_a_terminal_code_ends_it_with_its_case(stage: Stage, fault: str, case: str) -> None:
    """Also for the next process."""
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject(fault)
        with pytest.raises(InteractionRequired) as ended:
            await connection.refresh()
        assert ended.value.case == case
        async with stage.elsewhere() as other:
            assert other.state is State.EXPIRED
            assert case_of(other) == case


async def test_thirty_days_of_silence_end_it(stage: Stage) -> None:
    """The refresh token ran out."""
    async with stage.signed_in() as connection:
        stage.clock.advance(31 * 86400)
        with pytest.raises(InteractionRequired) as ended:
            await connection.get_access_token()
        assert ended.value.case == "refresh-token-expired-idle"


async def test_a_family_that_was_ended_by_a_reuse_is_over(stage: Stage) -> None:
    """As after a copy of the token was used somewhere."""
    async with stage.signed_in() as connection:
        stage.sandbox.grants.end_all("reused")
        with pytest.raises(InteractionRequired) as ended:
            await connection.refresh()
        assert ended.value.case == "refresh-token-revoked"


@pytest.mark.parametrize(("fault", "case", "category"), UNDECIDED)
async def test_a_refusal_that_is_no_verdict_keeps_the_credential(
    stage: Stage, fault: str, case: str, category: Category | None
) -> None:
    """Error, also for the next process; the living token is served; a retry may connect again."""
    async with stage.signed_in() as connection:
        token = await connection.get_access_token()
        stage.sandbox.faults.inject(fault)
        with pytest.raises(ConnectionFailed) as refused:
            await connection.refresh()
        assert refused.value.case == case
        assert connection.state is State.ERROR
        assert connection.case is not None
        assert category in (None, connection.case.category)
        assert await connection.get_access_token() == token
        async with stage.elsewhere() as other:
            assert (other.state, case_of(other)) == (State.ERROR, case)
        await connection.retry()
        assert connection.snapshot.state is State.CONNECTED
    assert stage.refreshes == 2


async def test_a_terminal_code_is_not_believed_before_the_store_was_read_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's newer session is adopted instead."""
    async with stage.signed_in() as connection:
        old = account_of(connection).context.session
        async with stage.elsewhere() as other:
            await other.refresh()
            token = await other.get_access_token()
        with monkeypatch.context() as patch:
            _first_read_finds(patch, session=old)
            await connection.refresh()
        assert connection.state is State.CONNECTED
        assert connection.snapshot.generation == 2
        assert await connection.get_access_token() == token


def _first_read_finds(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """As if the store had changed after it was read for the first time."""
    read, seen = FileClaim.read, list[Stored]()

    def stale_first(claim: FileClaim) -> Stored:
        seen.append(read(claim))
        return replace(seen[-1], **changes) if len(seen) == 1 else seen[-1]

    monkeypatch.setattr(FileClaim, "read", stale_first)


# Other processes.


async def test_a_newer_session_is_adopted_without_a_request(stage: Stage) -> None:
    """Read again under the claim, the refresh has been done already."""
    async with stage.signed_in() as connection:
        async with stage.elsewhere() as other:
            await other.refresh()
        stage.sandbox.requests.clear()
        await connection.refresh()
        assert connection.snapshot.generation == 2
    assert stage.refreshes == 0


async def test_an_account_that_was_signed_out_elsewhere_is_not_refreshed(stage: Stage) -> None:
    """Found under the claim, the marker ends it without a request."""
    async with stage.signed_in() as connection:
        async with stage.elsewhere() as other:
            await other.sign_out()
        stage.sandbox.requests.clear()
        with pytest.raises(InteractionRequired):
            await connection.refresh()
        assert connection.state is State.DISCONNECTED
        assert case_of(connection) == "signed-out-elsewhere"
    assert stage.refreshes == 0


async def test_who_waits_too_long_for_the_claim_sends_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never uncoordinated: the old token is served, and the case says why."""
    monkeypatch.setattr("signedin.rotation.CLAIM_SECONDS", 0.05)
    async with stage.signed_in() as connection:
        with account_of(connection).store.claim(connection.snapshot.account_id, deadline=time.monotonic()):
            with pytest.raises(TemporarilyUnavailable) as failed:
                await connection.refresh()
            assert failed.value.case == "lock-timeout"
            await connection.get_access_token()
    assert stage.refreshes == 0


async def test_who_waited_too_long_for_the_claim_reads_once_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its holder has committed meanwhile is taken up."""
    monkeypatch.setattr("signedin.rotation.CLAIM_SECONDS", 0.05)
    async with stage.signed_in() as connection:
        session = account_of(connection).context.session
        assert session is not None
        with account_of(connection).store.claim(connection.snapshot.account_id, deadline=time.monotonic()) as claim:
            claim.commit(session)
            await connection.refresh()
        assert connection.snapshot.generation == 2
    assert stage.refreshes == 0


async def test_what_is_revoked_after_a_sign_out_keeps_nobody_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim is free before the provider is asked."""

    def signed_out(*_: object, **__: object) -> None:
        raise StoreError("Signed out.", case="signed-out-elsewhere")

    async with stage.signed_in() as connection:
        account = account_of(connection)
        monkeypatch.setattr(FileClaim, "commit", signed_out)
        with stage.holding_back(REVOKE) as held:
            abandoned = account.request_refresh()
            await held.arrived()
            with account.store.claim(account.record.id, deadline=time.monotonic()):
                assert not abandoned.done()
            held.release()
            await wait(abandoned)
        assert case_of(connection) == "signed-out-elsewhere"


async def test_two_processes_refresh_once(stage: Stage) -> None:
    """The second waits for the first, reads, and has it."""
    async with stage.signed_in() as connection, stage.elsewhere() as other:
        async with anyio.create_task_group() as tasks:
            for each in (connection, other):
                tasks.start_soon(each.refresh)
        assert connection.snapshot.generation == other.snapshot.generation == 2
    assert stage.refreshes == 1


async def test_a_session_of_another_machine_is_not_refreshed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that was copied is told before anything is spent, when it is opened and when it is refreshed."""
    monkeypatch.setattr(host, "_machine_id", lambda: b"one machine")
    async with stage.signed_in() as connection:
        monkeypatch.setattr(host, "_machine_id", lambda: b"another machine")
        async with stage.elsewhere() as other:
            assert (other.state, case_of(other)) == (State.EXPIRED, "copied-to-second-machine")
            with pytest.raises(InteractionRequired):
                await other.get_access_token()
        with pytest.raises(InteractionRequired) as refused:
            await connection.refresh()
        assert refused.value.case == "copied-to-second-machine"
    assert stage.refreshes == 0


# What comes back.


async def test_another_users_tokens_are_never_used(stage: Stage) -> None:
    """Not here, not after a restart, not by another process; signing in again heals it."""
    async with stage.signed_in() as connection, stage.elsewhere() as other:
        stage.sandbox.faults.inject("id-token-wrong-sub")
        for _ in range(2):
            with pytest.raises(ConnectionFailed) as refused:
                await connection.refresh() if not stage.refreshes else await connection.get_access_token()
            assert refused.value.case == "refresh-token-other-user"
        assert connection.state is State.ERROR
        async with stage.elsewhere() as later:
            assert (later.state, case_of(later)) == (State.ERROR, "refresh-token-other-user")
            with pytest.raises(ConnectionFailed):
                await later.get_access_token()
        with pytest.raises(ConnectionFailed) as refused:
            await other.refresh()
        assert refused.value.case == "refresh-token-other-user"
        await connection.sign_in()
        assert connection.snapshot.state is State.CONNECTED
        await connection.get_access_token()


async def test_another_users_tokens_are_refused_without_keys(stage: Stage) -> None:
    """A token that names somebody else is not used while the keys are out of reach."""
    async with stage.signed_in():
        pass
    async with stage.elsewhere() as connection:
        stage.sandbox.faults.inject("id-token-wrong-sub")
        stage.sandbox.faults.inject("jwks-503", None)
        with pytest.raises(ConnectionFailed) as refused:
            await connection.refresh()
        assert refused.value.case == "refresh-token-other-user"


@pytest.mark.parametrize("id_token", ["no token", "a.b.c"])
async def test_what_comes_with_an_id_token_that_is_none_is_kept_and_never_used(stage: Stage, id_token: str) -> None:
    """The old token is spent, so it takes its place all the same."""
    http = Misheard(id_token)
    async with stage.signed_in(http=http) as connection:
        http.mishears = True
        with pytest.raises(ConnectionFailed) as refused:
            await connection.refresh()
        assert refused.value.case == "refresh-token-other-user"
        stored = account_of(connection).store.load(connection.snapshot.account_id).session
        assert stored is not None
        assert (stored.generation, stored.another_users) == (2, True)
        await connection.sign_in()
        await connection.get_access_token()


async def test_no_new_session_is_served_before_it_is_known_whose_it_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies in the store already, and looking there does not bring it in."""
    monkeypatch.setattr("signedin.lookout.LOOK_SECONDS", 0.0)
    async with stage.signed_in():
        pass
    async with stage.elsewhere() as connection:
        account = account_of(connection)
        with stage.holding_back("/.well-known/jwks.json") as held:
            refreshed = account.request_refresh()
            await held.arrived()
            stored = account.store.load(account.record.id).session
            assert stored is not None
            assert (stored.generation, connection.snapshot.generation) == (2, 1)
            held.release()
            await wait(refreshed)
        assert connection.snapshot.generation == 2


@pytest.mark.parametrize("fault", ["jwks-503", "jwks-empty"])
async def test_keys_out_of_reach_are_a_flag(stage: Stage, fault: str) -> None:
    """The session is used, said to be unverified, and verified by the next refresh."""
    async with stage.signed_in():
        pass
    async with stage.elsewhere() as connection:
        stage.sandbox.faults.inject(fault, None)
        await connection.refresh()
        assert connection.state is State.CONNECTED
        assert Flag.IDENTITY_UNVERIFIED in connection.flags
        stage.sandbox.faults.clear()
        stage.clock.advance(1)  # or the sandbox would sign the very same ID token
        await connection.refresh()
        assert Flag.IDENTITY_UNVERIFIED not in connection.flags
        assert case_of(connection) is None


async def test_keys_that_hang_do_not_hold_the_session_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the refresh gets it after a bounded while."""
    monkeypatch.setattr("signedin.identity.IDENTITY_SECONDS", 0.05)
    async with stage.signed_in():
        pass
    async with stage.elsewhere() as connection:
        with stage.holding_back("/.well-known/jwks.json"):
            await connection.refresh()
        assert Flag.IDENTITY_UNVERIFIED in connection.flags


async def test_what_a_refresh_leaves_out_is_kept(stage: Stage) -> None:
    """The old ID token and the old scopes stand."""
    stage.sandbox.refresh_returns_id_token = stage.sandbox.refresh_returns_scope = False
    async with stage.signed_in() as connection:
        await connection.refresh()
        session = account_of(connection).context.session
        assert session is not None
        assert session.id_token is not None
        assert connection.snapshot.plan_enabled
    stage.sandbox.refresh_returns_scope = True


# The disk.


async def test_a_full_disk_is_met_before_the_token_is_spent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """No intent, no request."""
    async with stage.signed_in() as connection:
        monkeypatch.setattr(FileClaim, "intend", _full)
        with pytest.raises(ConnectionFailed) as failed:
            await connection.refresh()
        assert failed.value.case == "disk-full-or-readonly"
        assert connection.state is State.CONNECTED
    assert stage.refreshes == 0


async def test_what_breaks_before_the_request_leaves_no_doubt(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where no event loop could be had: the intent is withdrawn."""

    def refuse(*_: object) -> None:
        raise OSError(24, "Too many open files")

    async with stage.signed_in() as connection:
        with monkeypatch.context() as patch:
            patch.setattr("signedin.rotation.anyio.run", refuse)
            with pytest.raises(ConnectionFailed):
                await connection.refresh()
        assert not (directory_of(connection) / "intent").exists()
    assert stage.refreshes == 0


async def test_without_a_thread_to_be_had_nothing_is_sent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of the system passes: the session is kept, and the next try is well."""

    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    async with stage.signed_in() as connection:
        with monkeypatch.context() as patch:
            patch.setattr("threading.Thread.start", refuse)
            with pytest.raises(TemporarilyUnavailable) as failed:
                await connection.refresh()
        assert failed.value.case == "no-thread"
        assert (connection.state, stage.refreshes) == (State.CONNECTED, 0)
        assert not (directory_of(connection) / "intent").exists()
        await connection.refresh()
    assert stage.refreshes == 1


async def test_an_answer_that_cannot_be_saved_is_used_and_said_to_be_unsaved(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connected with degraded storage; the next refresh that can be saved is, under a later generation."""
    async with stage.signed_in() as connection:
        old = await connection.get_access_token()
        await _refreshed_unsaved(connection, monkeypatch)
        assert connection.state is State.CONNECTED
        assert Flag.STORAGE_DEGRADED in connection.flags
        unsaved = await connection.get_access_token()
        await connection.refresh()
        assert Flag.STORAGE_DEGRADED not in connection.flags
        saved = await connection.get_access_token()
        assert len({old, unsaved, saved}) == 3
        async with stage.elsewhere() as other:
            assert await other.get_access_token() == saved
            assert other.snapshot.generation == connection.snapshot.generation


async def test_an_answer_that_cannot_be_saved_is_saved_by_itself_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a thread that lives for as long as there is something to save, although nobody asks or listens."""
    async with stage.signed_in() as connection:
        await _refreshed_unsaved(connection, monkeypatch)
        unsaved = await connection.get_access_token()
        assert [thread.name for thread in threading.enumerate()].count("signedin deadlines") == 1
        stage.clock.advance(SAVE_SECONDS)
        await until(connection, lambda: Flag.STORAGE_DEGRADED not in connection.flags)
        assert case_of(connection) is None
        async with stage.elsewhere() as other:
            assert await other.get_access_token() == unsaved
            assert Flag.STORAGE_DEGRADED not in other.flags
        assert stage.refreshes == 1


async def test_an_answer_that_cannot_be_saved_is_not_lost_by_a_sign_out_elsewhere(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process could not know of it: whoever holds it revokes it."""
    async with stage.signed_in() as connection:
        await _refreshed_unsaved(connection, monkeypatch)
        async with stage.elsewhere() as other:
            await other.sign_out(revoke=False)
        stage.clock.advance(SAVE_SECONDS)
        await until(connection, lambda: connection.state is State.DISCONNECTED)
        with anyio.fail_after(PATIENCE):
            while stage.asked(REVOKE) != 1:  # noqa: ASYNC110 - the sandbox sets no event
                await anyio.sleep(0.005)
        assert not (directory_of(connection) / "session").exists()


async def _refreshed_unsaved(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh whose answer the store does not take."""
    with monkeypatch.context() as patch:
        patch.setattr(FileClaim, "commit", _full)
        await connection.refresh()


def _full(*_: object, **__: object) -> None:
    raise StoreError("No space left.", case="disk-full-or-readonly")


async def test_the_endpoint_is_the_one_that_the_session_was_made_with(stage: Stage) -> None:
    """Where the configuration names another since, nothing is sent and the user is asked."""
    async with stage.signed_in() as connection:
        moved = replace(connection.provider, token_endpoint=f"{stage.sandbox.url}/elsewhere")
    stage.restart()
    async with stage.open(provider=moved) as connection:
        assert connection.state is State.ERROR
        assert case_of(connection) == "configuration-changed"
        with pytest.raises(ConnectionFailed):
            await connection.get_access_token()
    assert len(stage.sandbox.requests) == 0


async def test_a_session_for_other_places_is_not_adopted(stage: Stage) -> None:
    """Another process signed in anew after the configuration changed: a running one sends its token nowhere."""
    async with stage.signed_in() as connection:
        account = account_of(connection)
        moved = f"{stage.sandbox.url}/elsewhere"
        with account.store.claim(account.record.id, deadline=time.monotonic() + PATIENCE) as claim:
            account.store.save_record(replace(account.record, api_base=moved))
            session = account.context.session
            assert session is not None
            claim.commit(session, sign_in=True)
        for ask in (connection.refresh, connection.get_access_token):
            with pytest.raises(ConnectionFailed) as refused:
                await ask()
            assert refused.value.case == "configuration-changed"
        account.look(at_once=True)
        assert (connection.state, account.context.session) == (State.ERROR, None)
    assert stage.refreshes == 0


async def test_whoever_adopts_a_session_adopts_its_record(stage: Stage) -> None:
    """A registration or a place that came with it is the next refresh' own."""
    async with stage.signed_in() as connection:
        async with stage.elsewhere() as other:
            other.use_model("another")
            await other.refresh()
        await connection.refresh()
        assert stage.refreshes == 1
        assert account_of(connection).record.model == "another"


async def test_two_accounts_renew_at_once_and_never_mix(stage: Stage) -> None:
    """Each has its own lock, exchange and tokens: the one whose server hangs does not keep the other waiting."""
    async with stage.signed_in() as ada, stage.open(new=True, account="grace") as grace:
        stage.sandbox.auto_approve = False
        await grace.sign_in(prompt=stage.visitor(person="grace"))
        tokens = [await each.get_access_token() for each in (ada, grace)]
        stage.sandbox.requests.clear()
        with account_of(ada).store.claim(account_of(ada).record.id, deadline=time.monotonic() + PATIENCE):
            stage.clock.advance(RUN_OUT)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ada.get_access_token)
                tokens.append(await grace.get_access_token())
                assert ada.state is State.REFRESHING
                tasks.cancel_scope.cancel()
        tokens.append(await ada.get_access_token())
        assert len(set(tokens)) == 4
        assert stage.refreshes == 2
        assert [each.snapshot.email for each in (ada, grace)] == ["ada@example.com", "grace@example.com"]


# The back-off is the account's.


async def test_a_back_off_outlives_whoever_opens_the_account(stage: Stage) -> None:
    """Neither another process that opens it nor one that notes something else shortens the server's wish."""
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject("token-429")
        with pytest.raises(TemporarilyUnavailable):
            await connection.refresh()
        until = account_of(connection).context.retry_at
        for _ in range(2):
            async with stage.elsewhere() as other:
                account = account_of(other)
                assert (account.context.retry_at, other.state) == (until, State.CONNECTED)
                assert case_of(other) == "login-rate-limited"
                account.post(ev.FlagRaised(at=stage.clock(), flag=Flag.USAGE_PAUSED, case="usage-limit-hit"))
        health = account_of(connection).store.load(account_of(connection).record.id).health
        assert health is not None
        assert health.retry_at == until


async def test_processes_that_wait_for_each_other_do_not_wait_for_ever(stage: Stage) -> None:
    """Each takes the other's wait as it is: when it is over, the first who asks is served."""
    async with stage.signed_in() as connection, stage.elsewhere() as other:
        stage.clock.advance(RUN_OUT)
        stage.sandbox.faults.inject("token-503")
        for each in (connection, other, connection, other):
            with pytest.raises(TemporarilyUnavailable):
                await each.get_access_token()
            stage.clock.advance(1)
        assert stage.refreshes == 1
        stage.clock.advance(15)
        assert await connection.get_access_token() == await other.get_access_token()
        assert stage.refreshes == 2


async def test_what_the_system_refuses_to_send_with_is_no_bug(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of descriptors: nothing was sent, no doubt is left, and it is tried again."""
    async with stage.signed_in() as connection:
        with monkeypatch.context() as patch:
            patch.setattr("signedin.rotation.anyio.run", _out_of_descriptors)
            with pytest.raises(TemporarilyUnavailable) as failed:
                await connection.refresh()
        assert failed.value.case == "no-thread"
        assert failed.value.retry_at is not None
        assert not (directory_of(connection) / "intent").exists()
        await connection.refresh()
    assert stage.refreshes == 1


def _out_of_descriptors(*_: object) -> None:
    raise OSError(errno.EMFILE, "Too many open files")


async def test_what_was_waiting_is_written_before_anybody_hears_of_it(stage: Stage) -> None:
    """Persist, then announce: at the announcement, another process already finds it."""
    found: list[int] = []
    async with stage.signed_in() as connection:
        account = account_of(connection)

        def look(transition: object) -> None:
            session = account.store.load(account.record.id).session
            found.append(session.generation if session else 0)

        with connection.subscribe(look):
            await connection.refresh()
    assert found[-1] == 2


class Unreliable(HttpxClient):
    """A network that can be cut."""

    down = False

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Send, or not."""
        if self.down:
            raise TransportFailed("No network.", kind="connect", sent=False, case="offline")
        return await super().send(request, seconds=seconds)


class Misheard(HttpxClient):
    """A server whose ID token is not one, once it mishears."""

    mishears = False

    def __init__(self, id_token: str) -> None:
        super().__init__()
        self._id_token = id_token

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Send, and change the answer."""
        answer = await super().send(request, seconds=seconds)
        if not self.mishears or b'"id_token"' not in answer.body:
            return answer
        self.mishears = False
        return replace(answer, body=json.dumps(json.loads(answer.body) | {"id_token": self._id_token}).encode())
