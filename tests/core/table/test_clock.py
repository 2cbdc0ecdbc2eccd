"""The wall clock is set: back, and nothing waits longer than was asked for; forward, and nothing is lost."""

import pytest
from tests.support.walk import LIFE, START, Walk, connected, in_error, refreshing, session

from signedin import events as ev
from signedin.context import SAVE_SECONDS, Context
from signedin.record import Health
from signedin.states import State
from signedin.waits import RETRY_SECONDS_LIMIT

HOURS = 4 * 3600.0


def in_error_elsewhere(**times: float | None) -> Walk:
    """Another process left an Error behind."""
    health = Health(generation=1, state="error", case="offline", **times)  # type: ignore[arg-type]
    return Walk().take(ev.AccountLoaded, session=session(), health=health)


# Set back, with a session in hand.


def test_a_session_from_the_future_is_refreshed_and_served_meanwhile() -> None:
    """Its end can no longer be told; that is no reason to refuse it."""
    walk = connected().wait(-HOURS).until_due()
    assert walk.now == START - HOURS
    assert (walk.state, walk.commanded, walk.usable) == (State.REFRESHING, ["RefreshToken"], True)


def test_one_refresh_puts_the_times_right() -> None:
    """The new session is of the clock as it is now."""
    walk = connected().wait(-HOURS).until_due()
    walk.take(ev.TokenRefreshed, session=session(2, issued_at=walk.now))
    assert walk.due_at() == walk.now + LIFE * 0.9


def test_a_refresh_that_fails_then_is_an_ordinary_failure() -> None:
    """It backs off, and does not run in circles."""
    walk = connected().wait(-HOURS).until_due().take(ev.RefreshFailed, case="offline")
    assert (walk.state, walk.due_at()) == (State.CONNECTED, walk.now + 15)
    walk.until_due().take(ev.RefreshFailed, case="offline")
    assert walk.due_at() == walk.now + 30


def test_the_servers_bound_does_not_hold_a_session_from_the_future() -> None:
    """It was of the other clock too."""
    walk = connected(earliest_refresh_at=START + LIFE - 60)
    assert walk.take(ev.RefreshRequested).state is State.CONNECTED
    assert walk.wait(-HOURS).take(ev.RefreshRequested).state is State.REFRESHING


def test_what_cannot_be_renewed_is_used_as_before() -> None:
    """There is nothing to try."""
    walk = connected(refresh=False).wait(-HOURS)
    assert (walk.due_at(), walk.usable) == (START + LIFE, True)


# Set back, during a wait.


@pytest.mark.parametrize("retry_after", [None, 7200.0])
def test_a_back_off_that_began_in_the_future_is_over(retry_after: float | None) -> None:
    """Else it would last longer than anybody asked for."""
    walk = refreshing().take(ev.RefreshFailed, case="offline", retry_after=retry_after).wait(-HOURS)
    assert not walk.context.backing_off(walk.now)
    assert walk.until_due().commanded == ["RefreshToken"]


def test_an_error_is_tried_again_at_once() -> None:
    """And then waits as long as it should."""
    walk = in_error().wait(-HOURS).until_due()
    assert (walk.now, walk.state) == (START - HOURS, State.REFRESHING)
    assert walk.take(ev.RefreshRefused, case="unclassified").due_at() == START - HOURS + 30


def test_a_back_off_outlives_a_clock_that_was_put_right_a_little() -> None:
    """A minute more or less is no reason to ask sooner."""
    walk = refreshing().take(ev.RefreshFailed, case="offline", retry_after=7200.0).wait(-59)
    assert walk.context.backing_off(walk.now)


def test_a_locked_store_is_read_again() -> None:
    """The new wait begins now."""
    walk = Walk().take(ev.StoreFailed, case="keyring-locked").wait(-HOURS).until_due()
    assert walk.commanded == ["LoadAccount"]
    assert walk.due_at() == walk.now + 30


def test_a_session_that_could_not_be_saved_is_saved_sooner() -> None:
    """That wait began in the future too."""
    walk = refreshing().take(ev.TokenRefreshed, session=session(2), durable=False, case="disk-full-or-readonly")
    assert walk.context.save_due_at(walk.now) == START + SAVE_SECONDS
    walk.wait(-HOURS)
    assert walk.context.save_due_at(walk.now) == walk.now


# What another process left behind.


def test_the_wait_of_another_process_holds() -> None:
    """For as long as the server asked."""
    walk = in_error_elsewhere(backed_off_at=START - 10, retry_at=START + 2 * RETRY_SECONDS_LIMIT)
    assert walk.due_at() == START + 2 * RETRY_SECONDS_LIMIT


def test_the_wait_of_another_process_ends_where_the_clock_was_set_back() -> None:
    """It began later than now."""
    walk = in_error_elsewhere(backed_off_at=START + HOURS, retry_at=START + HOURS + 15)
    assert walk.due_at() == START


def test_a_wait_whose_beginning_nobody_wrote_down_is_not_longer_than_ours_are() -> None:
    """As an older version leaves it."""
    assert in_error_elsewhere(retry_at=START + RETRY_SECONDS_LIMIT).due_at() == START + RETRY_SECONDS_LIMIT
    assert in_error_elsewhere(retry_at=START + HOURS).due_at() == START


# Forward.


def test_a_clock_set_forward_costs_one_refresh() -> None:
    """The token looks as if it had run out, and the server alone could tell."""
    walk = connected().wait(HOURS).until_due()
    assert walk.commanded == ["RefreshToken"]
    walk.take(ev.TokenRefreshed, session=session(2, issued_at=walk.now))
    assert (walk.usable, walk.due_at()) == (True, walk.now + LIFE * 0.9)


def test_a_first_failure_after_a_sleep_is_an_ordinary_one() -> None:
    """Waking up before the network does: fifteen seconds, and the session is kept."""
    walk = connected().wait(HOURS).until_due().take(ev.RefreshFailed, case="offline")
    assert (walk.state, walk.due_at()) == (State.ERROR, walk.now + 15)
    assert walk.generation_in_hand == 1
    assert walk.until_due().take(ev.SessionAdopted, session=session(2, issued_at=walk.now)).state is State.CONNECTED


def test_a_back_off_that_was_slept_through_is_over() -> None:
    """A timer that fires late fires all the same."""
    assert refreshing().take(ev.RefreshFailed, case="offline").wait(HOURS).until_due().state is State.REFRESHING


def test_without_a_wait_nothing_is_in_force() -> None:
    """Nothing failed."""
    context = Context()
    assert not context.backing_off(START)
    assert context.retry_due_at(START) is None
