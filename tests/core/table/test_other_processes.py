"""What other processes on the same store do to an account."""

from collections.abc import Callable

import pytest
from tests.support.walk import Walk, connected, disconnected, expired, in_error, locked_out, refreshing, session

from signedin import commands as cmd
from signedin import events as ev
from signedin.context import Exchange
from signedin.states import State


@pytest.mark.parametrize(
    "begin", [disconnected, connected, expired, in_error, locked_out], ids=lambda begin: begin.__name__
)
def test_a_newer_session_is_taken_up(begin: Callable[[], Walk]) -> None:
    """Another process signed in or refreshed: Connected, and every trouble is over."""
    walk = begin().take(ev.SessionReplaced, session=session(7))
    assert (walk.state, walk.generation_in_hand) == (State.CONNECTED, 7)
    assert (walk.context.case, walk.context.retry_at) == (None, None)


def test_a_session_that_is_not_newer_is_not_taken_up() -> None:
    """An older file, or the one in hand, changes nothing."""
    for generation in (3, 5):
        walk = connected(5).take(ev.SessionReplaced, session=session(generation))
        assert (walk.state, walk.generation_in_hand) == (State.CONNECTED, 5)


def test_a_signed_out_account_does_not_take_its_last_session_back() -> None:
    """The generation is remembered over a sign-out."""
    walk = connected(5).take(ev.SignOutRequested).take(ev.SessionReplaced, session=session(5))
    assert walk.state is State.DISCONNECTED


def test_a_newer_session_during_a_refresh_waits_for_its_outcome() -> None:
    """The exchange is still under way: Refreshing, with the newer session in hand."""
    walk = refreshing(1).take(ev.SessionReplaced, session=session(2))
    assert (walk.state, walk.generation_in_hand, walk.context.exchange) == (State.REFRESHING, 2, Exchange.REFRESH)
    assert walk.take(ev.SessionAdopted, session=session(2)).state is State.CONNECTED


def test_a_newer_session_behind_a_sign_in_moves_the_way_back() -> None:
    """The attempt goes on; cancelled, it leads to Connected."""
    walk = disconnected().begin_sign_in().take(ev.SessionReplaced, session=session(2))
    assert (walk.state, walk.usable) == (State.AUTHORIZING, True)
    assert walk.take(ev.SignInCancelled, attempt_id="one").state is State.CONNECTED


@pytest.mark.parametrize("begin", [connected, refreshing, expired, in_error], ids=lambda begin: begin.__name__)
def test_a_sign_out_elsewhere_is_followed(begin: Callable[[], Walk]) -> None:
    """Nobody is signed in on this account any more, with the reason."""
    walk = begin().take(ev.SignedOutElsewhere)
    assert (walk.state, walk.context.case, walk.usable) == (State.DISCONNECTED, "signed-out-elsewhere", False)
    assert walk.commands == ()


def test_a_sign_out_elsewhere_revokes_what_only_this_process_has() -> None:
    """Whoever signed out could not see a session that lies in memory alone; also where a refresh meets the marker."""
    unsaved = refreshing(1).take(ev.TokenRefreshed, session=session(2), durable=False, case="disk-full-or-readonly")
    assert unsaved.take(ev.SignedOutElsewhere).commands == (cmd.RevokeTokens(session=session(2)),)

    unsaved = refreshing(1).take(ev.TokenRefreshed, session=session(2), durable=False, case="disk-full-or-readonly")
    told = unsaved.take(ev.RefreshRequested).take(ev.RefreshAbandoned)
    assert (told.state, told.commands) == (State.DISCONNECTED, (cmd.RevokeTokens(session=session(2)),))


def test_our_own_sign_out_is_not_told_twice() -> None:
    """The marker that we wrote ourselves is no news."""
    walk = connected().take(ev.SignOutRequested).take(ev.SignedOutElsewhere)
    assert (walk.state, walk.context.case) == (State.DISCONNECTED, None)


def test_a_sign_out_elsewhere_moves_a_sign_ins_way_back() -> None:
    """The attempt goes on, and there is nothing left to return to."""
    walk = connected().begin_sign_in().take(ev.SignedOutElsewhere)
    assert (walk.state, walk.usable) == (State.AUTHORIZING, False)
    assert walk.take(ev.SignInCancelled, attempt_id="one").state is State.DISCONNECTED


def test_a_refresh_that_outlives_a_sign_out_elsewhere_is_revoked() -> None:
    """Its tokens are nobody's."""
    walk = refreshing().take(ev.SignedOutElsewhere).take(ev.TokenRefreshed, session=session(2))
    assert (walk.state, walk.commanded) == (State.DISCONNECTED, ["RevokeTokens"])


def test_a_refresh_of_the_last_session_says_nothing_about_the_next_one() -> None:
    """Signed out here, signed in elsewhere: the late outcome of the old exchange ends nothing."""
    walk = refreshing(1).take(ev.SignOutRequested).take(ev.SessionReplaced, session=session(2))
    assert (walk.state, walk.context.exchange) == (State.CONNECTED, Exchange.LATE)
    walk.begin_sign_in().take(ev.RefreshAbandoned)
    assert (walk.generation_in_hand, walk.context.exchange) == (2, None)
    assert walk.take(ev.SignInCancelled, attempt_id="one").state is State.CONNECTED


def test_a_session_that_turns_out_to_be_another_users_is_dropped() -> None:
    """It was read from the store before our own exchange had looked whose it is: generation for generation the same."""
    walk = refreshing(1).take(ev.SessionReplaced, session=session(2))
    walk.take(ev.RefreshRefused, case="refresh-token-other-user", generation=2)
    assert (walk.state, walk.usable, walk.generation_in_hand) == (State.ERROR, False, None)
    assert (walk.context.case, walk.context.generation) == ("refresh-token-other-user", 2)


def test_another_users_session_is_dropped_also_after_a_late_refresh() -> None:
    """The grant ended meanwhile, and the store's newer session was taken up: it is not served either."""
    walk = refreshing(1).take(ev.GrantEnded, generation=1, case="refresh-token-revoked")
    walk.take(ev.SessionReplaced, session=session(2))
    assert (walk.state, walk.context.exchange) == (State.CONNECTED, Exchange.LATE)
    walk.take(ev.RefreshRefused, case="refresh-token-other-user", generation=2)
    assert (walk.state, walk.usable, walk.context.exchange) == (State.ERROR, False, None)


def test_another_users_session_is_dropped_behind_a_sign_in() -> None:
    """The attempt goes on; cancelled, it leads to the Error."""
    walk = refreshing(1).take(ev.SessionReplaced, session=session(2)).begin_sign_in()
    walk.take(ev.RefreshRefused, case="refresh-token-other-user", generation=2)
    assert (walk.state, walk.usable) == (State.AUTHORIZING, False)
    assert walk.take(ev.SignInCancelled, attempt_id="one").state is State.ERROR


def test_a_session_newer_than_another_users_is_kept() -> None:
    """Somebody signed in since."""
    walk = refreshing(1).take(ev.SessionReplaced, session=session(3))
    walk.take(ev.RefreshRefused, case="refresh-token-other-user", generation=2)
    assert walk.generation_in_hand == 3
