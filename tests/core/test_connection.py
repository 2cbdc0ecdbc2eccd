"""The handle that apps hold: opening, looking, tokens, closing."""

from typing import Any

import anyio
import pytest
from tests.support.stage import APP, PATIENCE, Stage, until

from signedin import Connection, InteractionRequired, MisuseError, SignInFailed, State, TemporarilyUnavailable, wiring
from signedin.account import Account
from signedin.states import Flag


async def test_nobody_is_signed_in_at_first(stage: Stage) -> None:
    """A fresh home is Disconnected, opens no browser and asks nothing of anybody."""
    async with stage.open() as connection:
        assert connection.state is State.DISCONNECTED
        assert connection.needs_sign_in
        assert connection.case is None
    assert len(stage.sandbox.requests) == 0


async def test_without_a_sign_in_there_is_no_token(stage: Stage) -> None:
    """What would need a person raises, instead of asking one."""
    async with stage.open() as connection:
        with pytest.raises(InteractionRequired):
            await connection.get_access_token()
        with pytest.raises(InteractionRequired):
            await connection.refresh()
        with pytest.raises(InteractionRequired):
            await connection.retry()
        with pytest.raises(InteractionRequired):
            connection.use_model("sandbox-large")


async def test_a_snapshot_shows_who_is_signed_in(stage: Stage) -> None:
    """Account, plan, expiry and the notice that is due, in one look without a secret."""
    async with stage.signed_in() as connection:
        snapshot = connection.snapshot
    assert (snapshot.state, snapshot.app, snapshot.provider) == (State.CONNECTED, APP, "sandbox")
    assert (snapshot.label, snapshot.email) == ("ada@example.com", "ada@example.com")
    assert snapshot.plan_enabled
    assert snapshot.access_expires_at == pytest.approx(stage.clock() + 3600, abs=5)
    assert (snapshot.generation, snapshot.flags, snapshot.case) == (1, frozenset({Flag.PLAN_ENABLED}), None)
    assert snapshot.notice_due


async def test_the_notice_is_due_once(stage: Stage) -> None:
    """Acknowledged, it is not due again, also not after a restart."""
    async with stage.signed_in() as connection:
        connection.acknowledge_notice()
        assert not connection.snapshot.notice_due
    stage.restart()
    async with stage.open() as connection:
        assert not connection.snapshot.notice_due


async def test_the_chosen_model_is_remembered(stage: Stage) -> None:
    """The model belongs to the account and outlives the process."""
    async with stage.signed_in() as connection:
        connection.use_model("sandbox-small")
    stage.restart()
    async with stage.open() as connection:
        assert connection.snapshot.model == "sandbox-small"


async def test_a_choice_overwrites_no_other(stage: Stage) -> None:
    """What another process chose stands beside what is chosen here."""
    async with stage.signed_in() as connection:
        async with stage.elsewhere() as other:
            other.use_model("sandbox-small")
        connection.acknowledge_notice()
        assert [(record.model, record.notice_shown) for record in connection.accounts()] == [("sandbox-small", True)]


async def test_a_session_outlives_the_process(stage: Stage) -> None:
    """Opened again, the account is Connected without a request."""
    async with stage.signed_in() as connection:
        token = await connection.get_access_token()
    stage.restart()
    async with stage.open() as connection:
        assert connection.state is State.CONNECTED
        assert await connection.get_access_token() == token
    assert len(stage.sandbox.requests) == 0


async def test_handles_share_one_account(stage: Stage) -> None:
    """What one handle does, the other sees at once."""
    async with stage.signed_in() as one, stage.open() as other:
        await one.refresh()
        assert other.snapshot.generation == 2
        await other.sign_out()
        assert one.state is State.DISCONNECTED


async def test_open_and_close_may_happen_in_different_tasks(stage: Stage) -> None:
    """No cancel scope stays open between calls, as notebooks and lifespans need it."""
    opened: list[Connection] = []

    async def open_() -> None:
        opened.append(await stage.open())

    async def close() -> None:
        await opened[0].aclose()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(open_)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(close)


async def test_closing_twice_is_harmless(stage: Stage) -> None:
    """And the handle still looks afterwards."""
    connection = await stage.open()
    await connection.aclose()
    await connection.aclose()
    assert connection.state is State.DISCONNECTED


async def test_closing_ends_the_subscriptions_of_this_handle_alone(stage: Stage) -> None:
    """Another handle goes on being told."""
    mine: list[str] = []
    others: list[str] = []
    async with stage.signed_in() as connection:
        other = await stage.open()
        connection.subscribe(lambda transition: others.append(transition.trigger))
        other.subscribe(lambda transition: mine.append(transition.trigger))
        await other.aclose()
        await connection.refresh()
    assert mine == []
    assert "TokenRefreshed" in others


async def test_a_fresh_token_costs_no_request(stage: Stage) -> None:
    """Far from its end, the token in hand is given as it is."""
    async with stage.signed_in() as connection:
        first = await connection.get_access_token()
        assert await connection.get_access_token() == first
    assert len(stage.sandbox.requests) == 0


async def test_in_the_advisory_window_the_old_token_is_served_meanwhile(stage: Stage) -> None:
    """Nobody waits for a refresh that is not pressing."""
    async with stage.signed_in() as connection:
        old = await connection.get_access_token()
        stage.clock.advance(3600 - 60)
        with stage.holding_back("/api/accounts/oauth/token") as held:
            assert await connection.get_access_token() == old
            await held.arrived()
            assert connection.state is State.REFRESHING
            assert await connection.get_access_token() == old
            held.release()
            await until(connection, lambda: connection.state is State.CONNECTED)
        assert await connection.get_access_token() != old
    assert stage.refreshes == 1


async def test_in_the_mandatory_window_the_caller_waits(stage: Stage) -> None:
    """A token about to end is not handed out."""
    async with stage.signed_in() as connection:
        old = await connection.get_access_token()
        stage.clock.advance(3600 - 5)
        assert await connection.get_access_token() != old
        assert connection.snapshot.generation == 2
    assert stage.refreshes == 1


async def test_a_token_that_ran_out_is_renewed_first(stage: Stage) -> None:
    """However long the machine slept."""
    async with stage.signed_in() as connection:
        old = await connection.get_access_token()
        stage.clock.advance(86400)
        assert await connection.get_access_token() != old


async def test_a_refresh_before_the_servers_earliest_time_is_none(stage: Stage) -> None:
    """The bound holds back manual refreshes while the token lives; that is no failure, whatever flag is up."""
    stage.sandbox.earliest_refresh_at = "seconds"
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject("api-429-limit")
        async with connection.client() as client:
            await client.get("/models")
        await connection.refresh()
        assert connection.snapshot.generation == 1
        assert connection.case is not None
    assert stage.refreshes == 0


def test_a_forgotten_async_is_told(stage: Stage) -> None:
    """In words of what to write instead."""
    opening: Any = stage.open()
    with pytest.raises(MisuseError, match=r"signedin\.sync"), opening:
        raise AssertionError("it was entered")
    with pytest.raises(AttributeError, match="awaited first"):
        opening.state  # noqa: B018


async def test_a_failed_refresh_is_told_with_its_case(stage: Stage) -> None:
    """Although the connection stays Connected while the token lives."""
    async with stage.signed_in() as connection:
        stage.sandbox.faults.inject("token-503")
        with pytest.raises(TemporarilyUnavailable) as failed:
            await connection.refresh()
        assert failed.value.case == "provider-outage"
        assert connection.state is State.CONNECTED


async def test_ensuring_opens_no_browser_where_somebody_is_signed_in(stage: Stage) -> None:
    """Nor on an outage: the credential is there."""
    async with stage.signed_in() as connection:
        await connection.ensure_signed_in()
        stage.clock.advance(86400)
        stage.sandbox.faults.inject("token-503")
        with pytest.raises(TemporarilyUnavailable):
            await connection.get_access_token()
        assert connection.state is State.ERROR
        await connection.ensure_signed_in()
    assert stage.asked("/api/accounts/authorize") == 0


async def test_ensuring_from_two_tasks_signs_in_once(stage: Stage) -> None:
    """The second waits for the first one's attempt, and both hold a session."""
    async with stage.open() as connection:
        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(_ensure, connection)
        assert connection.snapshot.generation == 1
    assert stage.asked("/api/accounts/authorize") == 1


async def _ensure(connection: Connection) -> None:
    await connection.ensure_signed_in()
    await connection.get_access_token()


async def test_ensuring_never_returns_signed_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's attempt that ends between the looks is none to wait for."""
    async with stage.open() as connection, connection.authorize() as attempt:

        def ended_meanwhile(_: Account) -> None:
            attempt.cancel()

        monkeypatch.setattr(Account, "attempt", property(ended_meanwhile))
        with pytest.raises(InteractionRequired):
            await connection.ensure_signed_in()


async def test_without_a_browser_and_a_prompt_signing_in_fails_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would see the address: it is said, and not waited for."""
    default = wiring.default
    async with stage.open(prompt=None) as connection:
        monkeypatch.setattr(wiring, "default", lambda port: _no_browser if port == "browser" else default(port))
        with pytest.raises(SignInFailed) as failed, anyio.fail_after(PATIENCE):
            await connection.sign_in()
        assert failed.value.case == "no-browser-headless"
        assert connection.state is State.DISCONNECTED


def _no_browser(_: str) -> bool:
    return False


async def test_accounts_lists_who_is_known(stage: Stage) -> None:
    """Signed out, an account keeps its registration and stays in the list."""
    async with stage.signed_in() as connection:
        await connection.sign_out()
        assert [record.label for record in connection.accounts()] == ["ada@example.com"]


async def test_a_second_sign_in_is_told_of_the_first(stage: Stage) -> None:
    """There is one attempt at a time, whichever handle asks; the first goes on."""
    async with stage.open() as one, stage.open() as other:
        async with one.authorize() as attempt:
            with pytest.raises(SignInFailed) as refused:
                await other.sign_in()
            assert refused.value.case == "login-in-progress"
            await stage.visitor()(attempt)
            await attempt.done()
        assert one.state is State.CONNECTED
