"""A machine's clock that is wrong, is set by hours, or slept: nobody is signed out, and it is said.

The sandbox keeps the right time; the connection's clock alone is moved.
"""

import pytest
from tests.support.stage import Stage, until, watching

from signedin import AccountRecord, Connection, Flag, State, TemporarilyUnavailable
from signedin.authorization_server import AuthorizationServer
from signedin.identity import proved
from signedin.oauth.id_token import Identity
from signedin.session import Session
from signedin.testing import FakeClock

HOURS = 4 * 3600.0
YEAR = 365 * 86400.0


@pytest.fixture
def wrong() -> FakeClock:
    """The clock of a machine that can be set."""
    return FakeClock()


async def refreshed(connection: Connection, generation: int) -> None:
    """Wait until the refresh that is under way has brought this generation."""
    await until(connection, lambda: connection.snapshot.generation == generation)


# Wrong from the beginning.


@pytest.mark.parametrize("offset", [-HOURS, HOURS])
async def test_a_wrong_clock_does_not_make_a_sign_in_fail(stage: Stage, wrong: FakeClock, offset: float) -> None:
    """The identity is judged at the server's time, the token's life is counted by our own, and the flag is up."""
    wrong.advance(offset)
    async with stage.signed_in(clock=wrong) as connection:
        assert connection.state is State.CONNECTED
        assert connection.flags == {Flag.CLOCK_SKEWED, Flag.PLAN_ENABLED}
        assert connection.case is not None
        assert connection.case.id == "clock-skew"
        assert connection.snapshot.access_expires_at == pytest.approx(wrong() + 3600, abs=5)
        await connection.get_access_token()
    assert stage.refreshes == 0


async def test_a_right_clock_is_not_mentioned(stage: Stage, wrong: FakeClock) -> None:
    """Not even as something that happened."""
    async with stage.open(clock=wrong) as connection:
        with watching(connection) as seen:
            await connection.sign_in()
        assert Flag.CLOCK_SKEWED not in connection.flags
        assert [each for each in seen if each.trigger.startswith("Flag") and each.visible] == []


async def test_a_clock_that_was_put_right_is_forgiven_by_the_next_sign_in(stage: Stage, wrong: FakeClock) -> None:
    """The flag and its case are gone."""
    wrong.advance(HOURS)
    async with stage.signed_in(clock=wrong) as connection:
        wrong.advance(-HOURS)
        await connection.sign_in()
        assert Flag.CLOCK_SKEWED not in connection.flags
        assert connection.case is None


async def test_the_servers_lower_bound_is_put_into_our_time(stage: Stage, wrong: FakeClock) -> None:
    """Else a clock that is ahead would spend the token too early, and one behind never by hand."""
    stage.sandbox.earliest_refresh_at = "seconds"
    wrong.advance(HOURS)
    async with stage.signed_in(clock=wrong) as connection:
        await connection.refresh()
        assert stage.refreshes == 0
        wrong.advance(3600 * 0.95)
        await connection.refresh()
        assert stage.refreshes == 1


# Set while it runs.


async def test_a_clock_set_back_costs_one_refresh_and_no_wait(stage: Stage, wrong: FakeClock) -> None:
    """The old token is served meanwhile, and afterwards the times are right again."""
    async with stage.signed_in(clock=wrong) as connection:
        before = await connection.get_access_token()
        wrong.advance(-HOURS)
        assert await connection.get_access_token() == before
        await refreshed(connection, 2)
        for _ in range(5):
            assert await connection.get_access_token() != before
        assert stage.refreshes == 1


async def test_another_process_after_a_step_back_refreshes_once_too(stage: Stage, wrong: FakeClock) -> None:
    """It finds a session from the future on the disk."""
    async with stage.signed_in(clock=wrong):
        pass
    stage.restart()
    wrong.advance(-HOURS)
    async with stage.open(clock=wrong) as connection:
        await connection.get_access_token()
        await refreshed(connection, 2)
        await connection.get_access_token()
        assert stage.refreshes == 1


async def test_a_clock_set_forward_costs_one_refresh(stage: Stage, wrong: FakeClock) -> None:
    """The token looks as if it had run out, so this one is waited for."""
    async with stage.signed_in(clock=wrong) as connection:
        before = await connection.get_access_token()
        wrong.advance(HOURS)
        assert await connection.get_access_token() != before
        await connection.get_access_token()
        assert stage.refreshes == 1


@pytest.mark.parametrize("offset", [-HOURS, HOURS])
async def test_a_clock_set_while_a_refresh_is_proved_makes_nobody_another_user(
    stage: Stage, wrong: FakeClock, monkeypatch: pytest.MonkeyPatch, offset: float
) -> None:
    """As when a machine without a clock of its own hears the time: it is compared with the server's once more."""

    def hear_the_time(session: Session, *, server: AuthorizationServer, record: AccountRecord) -> Identity | None:
        wrong.offset = 0.0
        return proved(session, server=server, record=record)

    wrong.advance(offset)
    async with stage.signed_in(clock=wrong) as connection:
        monkeypatch.setattr("signedin.rotation.proved", hear_the_time)
        await connection.refresh()
        assert (connection.state, connection.snapshot.generation) == (State.CONNECTED, 2)


async def test_a_clock_that_is_set_again_and_again_makes_nobody_another_user(
    stage: Stage, wrong: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fits the server's at no look: who signed in counts as not proved yet, and is at the next refresh."""
    async with stage.signed_in(clock=wrong) as connection:
        monkeypatch.setattr(AuthorizationServer, "skew", property(lambda _: YEAR, lambda *_: None))
        await connection.refresh()
        assert (connection.state, connection.snapshot.generation) == (State.CONNECTED, 2)
        assert Flag.IDENTITY_UNVERIFIED in connection.flags
        monkeypatch.undo()
        for clock in (wrong, stage.clock):
            clock.advance(HOURS)
        await connection.get_access_token()
        assert Flag.IDENTITY_UNVERIFIED not in connection.flags


async def test_a_refresh_that_fails_after_a_step_back_is_not_repeated_at_once(stage: Stage, wrong: FakeClock) -> None:
    """The back-off is of the clock as it is now; the token is served."""
    async with stage.signed_in(clock=wrong) as connection:
        before = await connection.get_access_token()
        wrong.advance(-HOURS)
        stage.sandbox.faults.inject("token-503")
        await connection.get_access_token()
        await until(connection, lambda: connection.snapshot.retry_at is not None)
        for _ in range(5):
            assert await connection.get_access_token() == before
        assert stage.refreshes == 1


async def test_a_wait_that_the_clock_was_set_back_behind_is_over(stage: Stage, wrong: FakeClock) -> None:
    """Nobody waits four hours for fifteen seconds."""
    async with stage.signed_in(clock=wrong) as connection:
        wrong.advance(HOURS)
        stage.sandbox.faults.inject("token-429")
        with pytest.raises(TemporarilyUnavailable):
            await connection.get_access_token()
        wrong.advance(-HOURS)
        await connection.get_access_token()
        await refreshed(connection, 2)
        assert stage.refreshes == 2


async def test_a_wait_that_another_process_left_is_over_too(stage: Stage, wrong: FakeClock) -> None:
    """What lies on the disk is of the other clock."""
    async with stage.signed_in(clock=wrong) as connection:
        wrong.advance(HOURS)
        stage.sandbox.faults.inject("token-429")
        with pytest.raises(TemporarilyUnavailable):
            await connection.get_access_token()
    stage.restart()
    wrong.advance(-HOURS)
    async with stage.open(clock=wrong) as connection:
        assert connection.state is State.ERROR
        await connection.get_access_token()
        await refreshed(connection, 2)


async def test_a_failure_right_after_waking_up_is_an_ordinary_back_off(stage: Stage, wrong: FakeClock) -> None:
    """The network comes later than the first caller; then all is as before."""
    async with stage.signed_in(clock=wrong) as connection:
        stage.clock.advance(HOURS)
        wrong.advance(HOURS)
        stage.sandbox.faults.inject("token-503")
        with pytest.raises(TemporarilyUnavailable) as failed:
            await connection.get_access_token()
        assert failed.value.retry_at == pytest.approx(wrong() + 15, abs=5)
        wrong.advance(16)
        await connection.get_access_token()
        assert connection.state is State.CONNECTED
