"""When a token is fresh, due, overdue and gone."""

import math
from dataclasses import replace

import pytest
from tests.support.walk import LIFE, START, session

from signedin.session import advisory_point


def test_a_token_lives_up_to_its_end_and_not_at_it() -> None:
    """The end is exclusive."""
    token = session()
    assert token.alive(START + LIFE - 0.001)
    assert not token.alive(START + LIFE)


@pytest.mark.parametrize(("life", "window"), [(3600.0, 300.0), (86400.0, 300.0), (600.0, 60.0), (10.0, 1.0)])
def test_the_advisory_point_lies_in_the_first_half_of_the_window(life: float, window: float) -> None:
    """The window is the last min(300 s, 10 %) of the life, and the jitter moves the point within its first half."""
    assert advisory_point(START, START + life, 0.0) == pytest.approx(START + life - window)
    assert advisory_point(START, START + life, 0.999999) == pytest.approx(START + life - window / 2, abs=0.01)


def test_what_never_runs_out_is_never_due() -> None:
    """An API key has no advisory point, no mandatory point and no end."""
    key = session(life=math.inf, refresh=False)
    assert advisory_point(START, math.inf, 0.5) == math.inf
    assert key.mandatory_at() == math.inf
    assert key.due_at(START) == math.inf
    assert key.alive(START + 1e12)


@pytest.mark.parametrize(("life", "window"), [(3600.0, 30.0), (600.0, 12.0)])
def test_the_mandatory_window_is_short(life: float, window: float) -> None:
    """The last min(30 s, 2 %) of the life is when a caller waits."""
    assert session(life=life).mandatory_at() == pytest.approx(START + life - window)


def test_a_token_is_due_at_its_advisory_point() -> None:
    """Without a bound of the server, the advisory point counts."""
    assert session().due_at(START) == START + LIFE * 0.9


def test_the_servers_bound_holds_an_early_refresh_back() -> None:
    """`earliest_refresh_at` moves the point later."""
    bound = START + LIFE - 60
    assert session(earliest_refresh_at=bound).due_at(START) == bound


def test_the_servers_bound_never_reaches_past_the_mandatory_point() -> None:
    """A bound beyond the token's life does not make callers fail."""
    token = session(earliest_refresh_at=START + LIFE + 1000)
    assert token.due_at(START) == token.mandatory_at()


def test_a_generation_is_given_by_the_commit() -> None:
    """The numbered session differs in its number alone."""
    token = session(1)
    numbered = token.with_generation(7)
    assert numbered.generation == 7
    assert replace(numbered, generation=1) == token


def test_a_session_shows_no_token() -> None:
    """Its repr can be logged."""
    assert "canary" not in repr(session())


def test_a_session_from_the_future_is_due_at_once() -> None:
    """The clock was set back since: what it says of the end is worth nothing, and the server's bound neither."""
    token = session(earliest_refresh_at=START + LIFE - 60)
    assert token.due_at(START - 4 * 3600) <= START - 4 * 3600
    assert token.alive(START - 4 * 3600)


def test_a_clock_that_was_put_right_a_little_changes_nothing() -> None:
    """Clocks are set by seconds all the time."""
    assert session().due_at(START - 60) == session().due_at(START)
