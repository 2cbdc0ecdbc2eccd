"""How a sign-in begins, ends, and what is left of what was there before."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.walk import (
    CODE,
    LIFE,
    START,
    Walk,
    committing,
    connected,
    disconnected,
    expired,
    in_error,
    refreshing,
    session,
)

from signedin import commands as cmd
from signedin import events as ev
from signedin.context import Exchange
from signedin.secret import Secret
from signedin.states import Flag, State

ENDINGS: dict[str, dict[str, Any]] = {
    "refused": {"kind": ev.SignInFailed, "case": "user-denied-consent"},
    "cancelled": {"kind": ev.SignInCancelled, "case": "login-cancelled"},
    "timed out": {"kind": ev.SignInTimedOut, "case": "callback-never-arrives"},
    "exchange failed": {"kind": ev.CodeExchangeFailed, "case": "code-expired-or-used"},
}


def test_a_sign_in_has_a_deadline_from_its_first_moment() -> None:
    """Authorizing never waits for ever."""
    walk = disconnected().begin_sign_in()
    assert (walk.state, walk.commanded, walk.due_at()) == (State.AUTHORIZING, [], START + 600)


def test_a_code_is_redeemed_at_once() -> None:
    """The first code of the attempt becomes one exchange."""
    walk = disconnected().begin_sign_in().give_code()
    assert walk.commands == (cmd.ExchangeCode(attempt_id="one", code=CODE, client_id="client"),)


def test_a_second_code_is_dropped() -> None:
    """A reloaded tab or a paste beside the callback redeems nothing twice."""
    walk = disconnected().begin_sign_in().give_code().give_code()
    assert (walk.state, walk.commands) == (State.AUTHORIZING, ())


def test_a_held_code_is_not_replaced() -> None:
    """The first code that arrived is the one that is redeemed."""
    walk = refreshing().begin_sign_in().give_code()
    walk.take(ev.CodeReceived, attempt_id="one", code=Secret("another"), client_id="another")
    walk.take(ev.TokenRefreshed, session=session(2))
    assert walk.commands == (cmd.ExchangeCode(attempt_id="one", code=CODE, client_id="client"),)


def test_a_code_of_another_attempt_is_dropped() -> None:
    """Codes belong to their attempt."""
    assert disconnected().begin_sign_in("two").give_code("one").commands == ()


def test_a_wrong_callback_changes_nothing() -> None:
    """What is not this attempt's answer neither ends nor moves it."""
    walk = disconnected().begin_sign_in()
    before = walk.context
    walk.take(ev.CallbackRejected, attempt_id="one", case="state-mismatch-stale-tab")
    assert (walk.state, walk.context, walk.commands) == (State.AUTHORIZING, before, ())
    assert walk.give_code().commanded == ["ExchangeCode"]


def test_a_redeemed_code_is_committed_before_it_is_announced() -> None:
    """Persist, then announce: the session is not in hand before its commit."""
    walk = committing()
    assert (walk.state, walk.commanded, walk.generation_in_hand) == (State.AUTHORIZING, ["CommitSession"], None)
    walk.take(ev.SessionCommitted, attempt_id="one", session=session(1, plan_enabled=True))
    assert (walk.state, walk.commanded, walk.generation_in_hand) == (State.CONNECTED, ["StopSignIn"], 1)
    assert walk.flags == {Flag.PLAN_ENABLED}
    assert (walk.context.attempt, walk.context.exchange) == (None, None)


def test_a_session_that_could_not_be_saved_is_announced_as_such() -> None:
    """Connected without a durable commit has the flag and the case."""
    walk = committing().take(
        ev.SessionCommitted, attempt_id="one", session=session(), durable=False, case="persist-failed-at-login"
    )
    assert (walk.state, walk.flags) == (State.CONNECTED, {Flag.STORAGE_DEGRADED})
    assert walk.context.case == "persist-failed-at-login"


@pytest.mark.parametrize("how", ENDINGS)
@pytest.mark.parametrize("begin", [disconnected, connected, expired, in_error], ids=lambda begin: begin.__name__)
def test_an_attempt_that_comes_to_nothing_goes_back(begin: Callable[[], Walk], how: str) -> None:
    """Refused, cancelled, timed out or failed: back to where it came from, with what was held there."""
    before = begin()
    walk = begin().begin_sign_in().give_code().take(**ENDINGS[how], attempt_id="one")
    assert (walk.state, walk.commanded) == (before.state, ["StopSignIn"])
    assert walk.generation_in_hand == before.generation_in_hand


@pytest.mark.parametrize("how", ENDINGS)
def test_the_way_back_has_the_reason(how: str) -> None:
    """The case of what ended the attempt is there to be shown."""
    for begin in (disconnected, connected):
        walk = begin().begin_sign_in().give_code().take(**ENDINGS[how], attempt_id="one")
        assert walk.context.case == ENDINGS[how]["case"]


@pytest.mark.parametrize("begin", [expired, in_error], ids=lambda begin: begin.__name__)
def test_expired_and_error_keep_their_own_reason(begin: Callable[[], Walk]) -> None:
    """A slip in the browser does not hide why the account stands where it stands."""
    before = begin().context
    walk = begin().begin_sign_in().take(ev.SignInCancelled, attempt_id="one")
    assert (walk.context.case, walk.context.retry_at) == (before.case, before.retry_at)


def test_a_back_off_keeps_its_own_reason() -> None:
    """What will be the Error's reason when the token runs out is not replaced by a cancelled sign-in."""
    walk = connected().run_out().wait(-1).take(ev.RefreshRequested).take(ev.RefreshFailed, case="offline")
    walk.begin_sign_in().take(ev.SignInCancelled, attempt_id="one")
    assert walk.until_due().state is State.ERROR
    assert walk.context.case == "offline"


def test_an_attempt_that_is_over_ends_nothing() -> None:
    """A late cancel, refusal or deadline of an older attempt leaves the newer one alone."""
    for ending in ENDINGS.values():
        walk = disconnected().begin_sign_in("two")
        before = walk.context
        walk.take(**ending, attempt_id="one")
        assert (walk.state, walk.context.attempt) == (State.AUTHORIZING, before.attempt)


def test_a_commit_can_no_longer_be_given_up() -> None:
    """Once the store may hold the session, cancel, deadline and refusal come too late."""
    for how in ("refused", "cancelled", "timed out"):
        walk = committing().take(**ENDINGS[how], attempt_id="one")
        assert (walk.state, walk.commands) == (State.AUTHORIZING, ())
        assert walk.take(ev.SessionCommitted, attempt_id="one", session=session()).state is State.CONNECTED


def test_a_commit_that_is_refused_ends_the_attempt() -> None:
    """What commits may itself say that the session is not this account's."""
    walk = committing(connected(4))
    walk.take(ev.CodeExchangeFailed, attempt_id="one", case="wrong-account-or-workspace")
    assert (walk.state, walk.generation_in_hand, walk.context.exchange) == (State.CONNECTED, 4, None)


# The older session meanwhile.


def test_the_older_session_serves_while_a_sign_in_runs() -> None:
    """Signing in again takes nothing away."""
    walk = connected().begin_sign_in()
    assert walk.usable
    assert not walk.run_out().usable


def test_a_refresh_is_served_without_leaving_the_sign_in() -> None:
    """The older session is renewed behind the attempt, by the clock and on request."""
    for event in (ev.RefreshDue, ev.RefreshRequested):
        walk = connected().run_out().begin_sign_in().take(event)
        assert (walk.state, walk.commanded) == (State.AUTHORIZING, ["RefreshToken"])
        walk.take(ev.TokenRefreshed, session=session(2, issued_at=walk.now))
        assert (walk.state, walk.generation_in_hand, walk.usable) == (State.AUTHORIZING, 2, True)


def test_what_came_from_error_is_not_renewed_by_the_clock() -> None:
    """A sign-in over an Error waits for its end, or for somebody who asks."""
    walk = in_error().begin_sign_in().run_out()
    assert walk.take(ev.RefreshDue).commands == ()
    assert walk.take(ev.RefreshRequested).commanded == ["RefreshToken"]


@pytest.mark.parametrize(
    ("outcome", "place"),
    [
        ({"kind": ev.TokenRefreshed, "session": session(2)}, State.CONNECTED),
        ({"kind": ev.SessionAdopted, "session": session(2)}, State.CONNECTED),
        ({"kind": ev.RefreshFailed, "case": "offline"}, State.CONNECTED),
        ({"kind": ev.RefreshRefused, "case": "unclassified"}, State.ERROR),
        ({"kind": ev.RefreshRejected, "case": "refresh-token-reused"}, State.EXPIRED),
        ({"kind": ev.RefreshAbandoned}, State.DISCONNECTED),
    ],
    ids=lambda value: value.value if isinstance(value, State) else value["kind"].__name__,
)
def test_what_happens_to_the_older_session_moves_the_way_back(outcome: dict[str, Any], place: State) -> None:
    """A refresh that was under way goes on behind the attempt, and decides where a cancel leads."""
    walk = refreshing().begin_sign_in().take(**outcome)
    assert walk.state is State.AUTHORIZING
    assert walk.take(ev.SignInCancelled, attempt_id="one").state is place


def test_a_failure_after_the_end_of_the_token_leads_back_to_error() -> None:
    """Behind the attempt, too, an outage is an Error only once the token has run out."""
    walk = refreshing().begin_sign_in().run_out().take(ev.RefreshFailed, case="offline")
    assert walk.take(ev.SignInCancelled, attempt_id="one").state is State.ERROR
    assert walk.context.retry_at == walk.now + 15


def test_a_cancel_during_a_refresh_goes_back_to_refreshing() -> None:
    """The exchange is still under way, and its outcome still counts."""
    for walk in (refreshing().begin_sign_in(), in_error().begin_sign_in().take(ev.RefreshRequested)):
        walk.take(ev.SignInCancelled, attempt_id="one")
        assert (walk.state, walk.context.exchange) == (State.REFRESHING, Exchange.REFRESH)
        assert walk.take(ev.RefreshRejected, case="refresh-token-reused").state is State.EXPIRED


def test_a_code_waits_for_the_refresh_that_is_under_way() -> None:
    """There is one exchange at a time: the code is held, and redeemed as soon as the slot is free."""
    for outcome in (
        {"kind": ev.TokenRefreshed, "session": session(2)},
        {"kind": ev.RefreshFailed, "case": "offline"},
        {"kind": ev.RefreshRejected, "case": "refresh-token-reused"},
        {"kind": ev.RefreshRefused, "case": "unclassified"},
        {"kind": ev.RefreshAbandoned},
    ):
        walk = refreshing().begin_sign_in().give_code()
        assert walk.commanded == []
        walk.take(**outcome)
        assert walk.commands == (cmd.ExchangeCode(attempt_id="one", code=CODE, client_id="client"),)


def test_a_held_code_dies_with_its_attempt() -> None:
    """Cancelled while it waits, the code is never redeemed."""
    walk = refreshing().begin_sign_in().give_code().take(ev.SignInCancelled, attempt_id="one")
    assert walk.take(ev.TokenRefreshed, session=session(2)).commands == ()


def test_a_refresh_waits_for_the_code_that_is_redeemed() -> None:
    """Neither clock nor caller starts a second exchange."""
    walk = connected().run_out().begin_sign_in().give_code()
    assert walk.take(ev.RefreshDue).commands == ()
    assert walk.take(ev.RefreshRequested).commands == ()


def test_time_runs_out_with_the_attempts_own_case() -> None:
    """Whoever looks at the clock says the same: here, that a code was typed nowhere."""
    walk = disconnected().take(
        ev.SignInRequested, attempt_id="one", deadline=START + 900, timeout_case="device-code-expired"
    )
    walk.until_due()
    assert (walk.now, walk.state, walk.context.case) == (START + 900, State.DISCONNECTED, "device-code-expired")


# Answers that come late.


def test_tokens_of_a_cancelled_attempt_are_revoked() -> None:
    """A code exchange that ends after its sign-in was given up leaves no grant behind."""
    walk = connected(3).begin_sign_in().give_code().take(ev.SignInCancelled, attempt_id="one")
    walk.take(ev.CodeExchanged, attempt_id="one", session=session(0))
    assert (walk.state, walk.generation_in_hand, walk.context.exchange) == (State.CONNECTED, 3, None)
    assert walk.commands == (cmd.RevokeTokens(session=session(0)),)


def test_a_late_failure_frees_the_slot_and_says_nothing() -> None:
    """Nobody waits for the older attempt's exchange any more."""
    walk = connected().begin_sign_in().give_code().take(ev.SignInTimedOut, attempt_id="one")
    walk.take(ev.CodeExchangeFailed, attempt_id="one", case="offline")
    assert (walk.context.exchange, walk.context.case) == (None, "callback-never-arrives")


def test_a_late_exchange_lets_the_next_attempts_code_go() -> None:
    """The second attempt's code waits for the first one's exchange."""
    walk = disconnected().begin_sign_in().give_code().take(ev.SignInCancelled, attempt_id="one")
    assert walk.begin_sign_in("two").give_code("two").commands == ()
    walk.take(ev.CodeExchanged, attempt_id="one", session=session(0))
    assert walk.commanded == ["RevokeTokens", "ExchangeCode"]


def test_a_new_session_does_not_revoke_the_old_one() -> None:
    """The two may share one grant."""
    walk = committing(connected(3)).take(ev.SessionCommitted, attempt_id="one", session=session(4))
    assert (walk.generation_in_hand, walk.commanded) == (4, ["StopSignIn"])


def test_a_new_session_ends_old_trouble() -> None:
    """Case, back-off, refused generation and limits belonged to the old one; the clock is still wrong."""
    walk = in_error().take(ev.FlagRaised, flag=Flag.CLOCK_SKEWED).take(ev.FlagRaised, flag=Flag.USAGE_PAUSED)
    committing(walk).take(ev.SessionCommitted, attempt_id="one", session=session(2))
    context = walk.context
    assert (context.case, context.retry_at, context.failures, context.unauthorized) == ("clock-skew", None, 0, None)
    assert walk.flags == {Flag.CLOCK_SKEWED}


def test_a_sign_in_outlives_the_older_tokens_end() -> None:
    """The end of the older session does not end the attempt."""
    walk = connected(refresh=False).wait(LIFE - 60).begin_sign_in().run_out()
    assert walk.due_at() == START + LIFE - 60 + 600
    assert walk.take(ev.SignInCancelled, attempt_id="one").until_due().state is State.EXPIRED
