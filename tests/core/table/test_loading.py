"""What reading the store comes to."""

from dataclasses import replace
from typing import Any

import pytest
from tests.support.walk import LIFE, START, connected, disconnected, in_error, locked_out, refreshing, session

from signedin import events as ev
from signedin.record import Health
from signedin.states import Flag, State


def health(state: State, case: str | None, *, retry_at: float | None = None, flags: tuple[str, ...] = ()) -> Health:
    """Health of the first generation."""
    return Health(generation=1, state=state.value, case=case, retry_at=retry_at, flags=flags)


def test_an_empty_store_is_disconnected() -> None:
    """Nobody is signed in; the reading may say why."""
    walk = disconnected().take(ev.AccountLoaded, session=None, case="login-cancelled")
    assert (walk.state, walk.context.case, walk.usable) == (State.DISCONNECTED, "login-cancelled", False)


def test_a_signed_out_marker_outranks_the_session() -> None:
    """A session that is still on disk is not taken up once the account is marked signed out."""
    walk = disconnected().take(ev.AccountLoaded, session=session(), signed_out=True)
    assert (walk.state, walk.generation_in_hand) == (State.DISCONNECTED, None)


def test_a_session_is_connected() -> None:
    """A session is held under its generation, with the plan flag it carries."""
    walk = disconnected().take(ev.AccountLoaded, session=session(4, plan_enabled=True))
    assert (walk.state, walk.generation_in_hand, walk.context.generation) == (State.CONNECTED, 4, 4)
    assert walk.flags == {Flag.PLAN_ENABLED}
    assert walk.usable


def test_a_session_that_has_run_out_is_connected_and_due_at_once() -> None:
    """A run-out access token is no dead grant: it is renewed when it is next needed."""
    walk = disconnected().wait(2 * LIFE).take(ev.AccountLoaded, session=session())
    assert (walk.state, walk.usable) == (State.CONNECTED, False)
    assert walk.until_due().state is State.REFRESHING


def test_a_copied_session_is_expired_before_its_first_refresh() -> None:
    """Another machine's session is never used here: two holders would end it for both."""
    walk = disconnected().take(ev.AccountLoaded, session=session(3), copied=True)
    assert (walk.state, walk.context.case) == (State.EXPIRED, "copied-to-second-machine")
    assert (walk.generation_in_hand, walk.context.generation) == (None, 3)


def test_a_grant_that_is_known_to_be_dead_stays_expired() -> None:
    """The health that another process left is believed."""
    walk = disconnected().take(
        ev.AccountLoaded, session=session(), health=health(State.EXPIRED, "refresh-token-revoked")
    )
    assert (walk.state, walk.context.case, walk.usable) == (State.EXPIRED, "refresh-token-revoked", False)


def test_a_session_without_refresh_token_that_has_run_out_is_expired() -> None:
    """Nothing can renew it."""
    walk = disconnected().wait(2 * LIFE).take(ev.AccountLoaded, session=session(refresh=False))
    assert (walk.state, walk.context.case) == (State.EXPIRED, "refresh-token-absent")


def test_a_session_without_refresh_token_serves_until_it_runs_out() -> None:
    """It is Connected as long as its access token lives."""
    assert disconnected().take(ev.AccountLoaded, session=session(refresh=False)).usable


def test_changed_endpoints_are_an_error_and_nothing_can_be_sent() -> None:
    """Tokens that were made with other endpoints are not even in hand."""
    walk = disconnected().take(ev.AccountLoaded, session=session(), rebound=True)
    assert (walk.state, walk.context.case, walk.usable) == (State.ERROR, "configuration-changed", False)
    assert walk.until_due().commanded == ["LoadAccount"]
    assert walk.take(ev.AccountLoaded, session=session()).state is State.CONNECTED


def test_another_users_tokens_are_an_error_and_not_used() -> None:
    """Tokens that a refresh brought for somebody else stay in the store, whoever reads them."""
    theirs = health(State.ERROR, "refresh-token-other-user", retry_at=START)
    walk = disconnected().take(ev.AccountLoaded, session=session(), health=theirs)
    assert (walk.state, walk.usable) == (State.ERROR, False)
    assert walk.until_due().commanded == ["LoadAccount"]
    assert walk.take(ev.AccountLoaded, session=session(), health=theirs).state is State.ERROR


def test_an_error_is_taken_over_with_its_retry_time() -> None:
    """What another process met is not forgotten: same case, same time, the token used while it lives."""
    walk = disconnected().take(
        ev.AccountLoaded, session=session(), health=health(State.ERROR, "unclassified", retry_at=START + 99)
    )
    assert (walk.state, walk.context.case, walk.context.retry_at) == (State.ERROR, "unclassified", START + 99)
    assert walk.usable


@pytest.mark.parametrize("case", ["unclassified", "scopes-missing", "bug", None])
def test_an_error_that_waited_for_nothing_is_not_taken_over(case: str | None) -> None:
    """What was a bug in one process may have been its own trouble: a new one tries once itself."""
    walk = disconnected().take(ev.AccountLoaded, session=session(), health=health(State.ERROR, case))
    assert (walk.state, walk.context.case, walk.usable) == (State.CONNECTED, None, True)


@pytest.mark.parametrize("state", [State.CONNECTED, State.ERROR])
def test_a_wait_that_is_in_force_is_taken_over(state: State) -> None:
    """It is the account's, not the process': nobody who opens the account asks sooner, and the next wait is longer."""
    noted = replace(health(state, "provider-outage", retry_at=START + 60), backed_off_at=START)
    walk = disconnected().take(ev.AccountLoaded, session=session(), health=noted)
    assert (walk.state, walk.context.case, walk.context.retry_at) == (state, "provider-outage", START + 60)
    assert walk.context.next_wait() == 120


def test_a_wait_that_is_over_is_not_taken_over() -> None:
    """The session is used and renewed as any other."""
    noted = replace(health(State.CONNECTED, "provider-outage", retry_at=START - 1), backed_off_at=START - 16)
    walk = disconnected().take(ev.AccountLoaded, session=session(), health=noted)
    assert (walk.context.case, walk.context.retry_at) == (None, None)


def test_a_doubt_is_taken_over() -> None:
    """A refresh that was cut off leaves its doubt; the access token is used while it lives."""
    walk = disconnected().take(ev.AccountLoaded, session=session(), in_doubt=True)
    assert (walk.state, walk.flags, walk.usable) == (State.CONNECTED, {Flag.IN_DOUBT}, True)


def test_flags_that_the_provider_set_are_taken_over() -> None:
    """Limits and the clock are remembered; what speaks of this process alone, or is unknown, is not."""
    flags = ("usage_paused", "models_blocked", "clock_skewed", "storage_degraded", "plan_enabled", "of the future")
    walk = disconnected().take(ev.AccountLoaded, session=session(), health=health(State.CONNECTED, None, flags=flags))
    assert walk.flags == {Flag.USAGE_PAUSED, Flag.MODELS_BLOCKED, Flag.CLOCK_SKEWED}


def test_a_store_that_cannot_be_read_is_an_error_with_a_retry_time() -> None:
    """Nothing is known, nothing is thrown away, and it is tried again."""
    walk = locked_out()
    assert (walk.state, walk.context.case, walk.due_at()) == (State.ERROR, "keyring-locked", START + 15)
    assert walk.until_due().commanded == ["LoadAccount"]
    assert walk.take(ev.AccountLoaded, session=session()).state is State.CONNECTED


def test_a_store_that_keeps_failing_is_asked_ever_more_rarely() -> None:
    """The wait doubles up to an hour."""
    walk, waits = locked_out(), []
    for _ in range(10):
        assert walk.context.retry_at is not None
        waits.append(walk.context.retry_at - walk.now)
        walk.until_due().take(ev.StoreFailed, case="keyring-locked")
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_session_that_cannot_be_decrypted_is_expired() -> None:
    """Only signing in again helps."""
    walk = disconnected().take(ev.StoreFailed, case="session-undecryptable")
    assert (walk.state, walk.context.case) == (State.EXPIRED, "session-undecryptable")


def test_an_error_keeps_its_retry_time_while_the_store_is_read() -> None:
    """A reading that never answers is not waited for, either."""
    walk = locked_out().until_due()
    assert walk.due_at() == walk.now + 30


@pytest.mark.parametrize(
    "late", [{"kind": ev.AccountLoaded, "session": session()}, {"kind": ev.StoreFailed, "case": "offline"}]
)
def test_a_reading_that_began_before_the_sign_out_is_dropped(late: dict[str, Any]) -> None:
    """A late answer of the store brings no session back, and no error."""
    walk = locked_out().until_due().take(ev.SignOutRequested).take(**late)
    assert (walk.state, walk.context.case, walk.generation_in_hand) == (State.DISCONNECTED, None, None)


def test_a_reading_after_the_sign_out_counts() -> None:
    """Only what was under way then is dropped: a fresh reading is taken."""
    walk = locked_out().until_due().take(ev.SignOutRequested).take(ev.AccountLoaded, session=session())
    assert walk.take(ev.AccountLoaded, session=session(2)).state is State.CONNECTED


def test_a_reading_that_nobody_waits_for_changes_nothing() -> None:
    """Connected, Refreshing, Expired and Authorizing know better than the store's last reading."""
    for walk in (connected(5), refreshing(5), disconnected().begin_sign_in()):
        before = (walk.state, walk.context)
        walk.take(ev.AccountLoaded, session=session(1)).take(ev.StoreFailed, case="keyring-locked")
        assert (walk.state, walk.context) == before


def test_a_reading_starts_the_count_of_failures_anew() -> None:
    """A store that answers again leaves no long wait behind."""
    walk = locked_out().until_due().take(ev.StoreFailed, case="keyring-locked").until_due()
    walk.take(ev.AccountLoaded, session=session())
    assert walk.context.failures == 0


def test_an_error_is_not_reloaded_into_itself() -> None:
    """A retry of what cannot be refreshed ends the Error, even if the store still remembers it."""
    walk = in_error()
    walk.context = connected(refresh=False).take(ev.ApiUnauthorized, generation=1).context
    assert walk.until_due().commanded == ["LoadAccount"]
    walk.take(ev.AccountLoaded, session=session(refresh=False), health=health(State.ERROR, "api-401-loop"))
    assert walk.state is State.CONNECTED
