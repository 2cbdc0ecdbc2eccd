"""How an account is signed out from everywhere, and how Error is left."""

from typing import Any

import pytest
from tests.support.walk import (
    START,
    committing,
    connected,
    disconnected,
    in_error,
    locked_out,
    refreshing,
    session,
    standing_in,
)

from signedin import commands as cmd
from signedin import events as ev
from signedin.states import State


@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
def test_signing_out_reaches_disconnected_from_everywhere(state: State) -> None:
    """No token, case, flag or attempt stays; the session in hand is ended."""
    walk = standing_in(state)
    held = walk.context.session
    walk.take(ev.SignOutRequested)
    assert (walk.state, walk.usable, walk.context.case) == (State.DISCONNECTED, False, None)
    assert (walk.context.session, walk.context.attempt, walk.flags) == (None, None, set())
    assert walk.commands[-1] == cmd.EndSession(session=held, revoke=True)


def test_a_local_sign_out_does_not_tell_the_provider() -> None:
    """`revoke` is handed on."""
    walk = connected().take(ev.SignOutRequested, revoke=False)
    assert walk.commands == (cmd.EndSession(session=session(), revoke=False),)


def test_a_sign_out_stops_a_running_sign_in() -> None:
    """Its listener is closed before the session is ended."""
    assert disconnected().begin_sign_in().take(ev.SignOutRequested).commanded == ["StopSignIn", "EndSession"]


@pytest.mark.parametrize(
    "outcome",
    [
        {"kind": ev.TokenRefreshed, "session": session(2)},
        {"kind": ev.SessionAdopted, "session": session(2)},
        {"kind": ev.RefreshRejected, "case": "refresh-token-reused"},
        {"kind": ev.RefreshFailed, "case": "offline"},
        {"kind": ev.RefreshRefused, "case": "unclassified"},
        {"kind": ev.RefreshAbandoned},
    ],
    ids=lambda outcome: outcome["kind"].__name__,
)
def test_no_outcome_of_a_refresh_brings_the_session_back(outcome: dict[str, Any]) -> None:
    """Whatever the exchange came to, the account stays signed out, and new tokens are revoked."""
    walk = refreshing().take(ev.SignOutRequested).take(**outcome)
    assert (walk.state, walk.context.exchange, walk.context.case) == (State.DISCONNECTED, None, None)
    assert walk.commanded == (["RevokeTokens"] if outcome["kind"] is ev.TokenRefreshed else [])


def test_tokens_of_before_the_sign_out_are_revoked_behind_the_next_sign_in() -> None:
    """A sign-in that began meanwhile does not make them welcome."""
    walk = refreshing().take(ev.SignOutRequested).begin_sign_in().take(ev.TokenRefreshed, session=session(2))
    assert (walk.state, walk.usable, walk.commanded) == (State.AUTHORIZING, False, ["RevokeTokens"])


def test_a_sign_out_wins_over_a_commit() -> None:
    """The session that was being committed is ended when the commit reports."""
    walk = committing().take(ev.SignOutRequested)
    assert walk.state is State.DISCONNECTED
    walk.take(ev.SessionCommitted, attempt_id="one", session=session(1))
    assert (walk.state, walk.usable) == (State.DISCONNECTED, False)
    assert walk.commands == (cmd.EndSession(session=session(1), revoke=True),)


def test_a_sign_out_wins_over_a_commit_even_behind_the_next_sign_in() -> None:
    """The older attempt's session is ended; the newer attempt goes on, and its code may then go."""
    walk = committing().take(ev.SignOutRequested).begin_sign_in("two").give_code("two")
    assert walk.commands == ()
    walk.take(ev.SessionCommitted, attempt_id="one", session=session(1))
    assert (walk.state, walk.commanded) == (State.AUTHORIZING, ["EndSession", "ExchangeCode"])


def test_a_late_commit_does_not_end_a_session_that_came_after_it() -> None:
    """Signed out here, signed in elsewhere: only the late tokens are revoked."""
    walk = committing().take(ev.SignOutRequested).take(ev.SessionReplaced, session=session(2))
    walk.take(ev.SessionCommitted, attempt_id="one", session=session(1))
    assert (walk.state, walk.generation_in_hand, walk.commanded) == (State.CONNECTED, 2, ["RevokeTokens"])


def test_an_unconfirmed_end_is_said() -> None:
    """Signed out here, not confirmed there."""
    walk = connected().take(ev.SignOutRequested)
    assert walk.take(ev.SignOutCompleted, revoked=True).context.case is None
    assert walk.take(ev.SignOutCompleted, revoked=None).context.case is None
    assert walk.take(ev.SignOutCompleted, revoked=False).context.case == "logout-not-effective"


def test_an_unconfirmed_end_says_nothing_about_the_next_session() -> None:
    """Signed in again meanwhile, the old session's end is no case of the new one."""
    walk = committing(connected().take(ev.SignOutRequested))
    walk.take(ev.SessionCommitted, attempt_id="one", session=session(2)).take(ev.SignOutCompleted, revoked=False)
    assert (walk.state, walk.context.case) == (State.CONNECTED, None)


# Out of Error.


def test_an_error_is_retried_by_the_clock() -> None:
    """Not before its time, and then by spending the refresh token."""
    walk = in_error()
    assert walk.take(ev.RetryDue).commands == ()
    assert walk.until_due().commands == (cmd.RefreshToken(session=session()),)


def test_an_error_is_retried_on_request() -> None:
    """A person need not wait."""
    assert in_error().take(ev.RetryRequested).commanded == ["RefreshToken"]
    assert in_error().take(ev.RefreshRequested).commanded == ["RefreshToken"]


def test_an_error_without_a_session_reads_the_store_again() -> None:
    """There is nothing to spend: by the clock or on request, the store is asked."""
    assert locked_out().until_due().commanded == ["LoadAccount"]
    assert locked_out().take(ev.RetryRequested).commanded == ["LoadAccount"]


def test_a_retry_that_fails_waits_longer() -> None:
    """The wait doubles over retries as well."""
    walk = in_error().until_due().run_out().take(ev.RefreshFailed, case="offline")
    assert (walk.state, walk.context.retry_at) == (State.ERROR, walk.now + 30)


def test_a_retry_is_no_news_where_all_is_well() -> None:
    """Connected, Refreshing and Authorizing have nothing to retry."""
    for state in (State.CONNECTED, State.REFRESHING, State.AUTHORIZING):
        walk = standing_in(state)
        before = walk.context
        assert walk.take(ev.RetryRequested).take(ev.RetryDue).context == before
        assert walk.state is state


def test_an_error_is_left_by_signing_in() -> None:
    """And a sign-in that comes to nothing leads back, with the retry time as it was."""
    walk = in_error().begin_sign_in().take(ev.SignInTimedOut, attempt_id="one")
    assert (walk.state, walk.context.retry_at) == (State.ERROR, START + 15)
