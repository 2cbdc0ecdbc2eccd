"""How a session is renewed, and what every outcome of it means."""

from typing import Any

import pytest
from tests.support.walk import LIFE, START, connected, expired, in_error, refreshing, session

from signedin import commands as cmd
from signedin import events as ev
from signedin.states import Flag, State


def test_a_due_token_is_spent_once() -> None:
    """The clock starts one exchange, and no second while it runs."""
    walk = connected().until_due()
    assert (walk.state, walk.commands) == (State.REFRESHING, (cmd.RefreshToken(session=session()),))
    assert walk.take(ev.RefreshDue).commands == ()
    assert walk.take(ev.RefreshRequested).commands == ()


def test_a_token_is_not_renewed_before_it_is_due() -> None:
    """A clock that fires early changes nothing."""
    walk = connected().take(ev.RefreshDue)
    assert (walk.state, walk.commands) == (State.CONNECTED, ())


def test_a_caller_may_refresh_early() -> None:
    """A request does not wait for the advisory point."""
    assert connected().take(ev.RefreshRequested).commanded == ["RefreshToken"]


def test_the_old_token_serves_while_the_new_one_is_fetched() -> None:
    """Refreshing has a usable token until it runs out."""
    walk = refreshing()
    assert walk.usable
    assert not walk.run_out().usable


def test_the_servers_bound_holds_early_and_manual_refreshes_back() -> None:
    """Before `earliest_refresh_at` neither clock nor caller spends the token."""
    bound = START + LIFE - 100
    walk = connected(earliest_refresh_at=bound)
    assert walk.take(ev.RefreshRequested).commands == ()
    assert walk.due_at() == bound
    assert walk.until_due().state is State.REFRESHING


def test_the_servers_bound_does_not_bind_a_dead_token() -> None:
    """What has run out is renewed, whatever the server wished."""
    walk = connected(earliest_refresh_at=START + 2 * LIFE).run_out()
    assert walk.take(ev.RefreshRequested).state is State.REFRESHING


def test_the_servers_bound_does_not_bind_after_a_401() -> None:
    """A token that the API refused is renewed at once."""
    walk = connected(earliest_refresh_at=START + LIFE)
    assert walk.take(ev.ApiUnauthorized, generation=1).state is State.REFRESHING


def test_a_new_session_ends_every_trouble() -> None:
    """Back-off, case, doubt and the count of failures are over."""
    walk = refreshing().take(ev.RefreshFailed, case="offline", in_doubt=True).take(ev.RefreshRequested)
    walk.take(ev.TokenRefreshed, session=session(2, plan_enabled=True))
    context = walk.context
    assert (walk.state, walk.generation_in_hand) == (State.CONNECTED, 2)
    assert (context.case, context.retry_at, context.failures, context.exchange) == (None, None, 0, None)
    assert walk.flags == {Flag.PLAN_ENABLED}


def test_a_plan_that_is_gone_lowers_its_flag() -> None:
    """The plan flag follows the newest session."""
    walk = connected(plan_enabled=True).take(ev.RefreshRequested)
    walk.take(ev.TokenRefreshed, session=session(2, plan_enabled=False))
    assert walk.flags == set()


def test_a_session_that_could_not_be_saved_is_used_and_announced_as_such() -> None:
    """The new token exists in memory alone: Connected, with the flag."""
    walk = refreshing().take(ev.TokenRefreshed, session=session(2), durable=False, case="disk-full-or-readonly")
    assert (walk.state, walk.usable, walk.context.case) == (State.CONNECTED, True, "disk-full-or-readonly")
    assert walk.flags == {Flag.STORAGE_DEGRADED}
    assert walk.take(ev.FlagCleared, flag=Flag.STORAGE_DEGRADED).context.case is None


def test_another_processs_session_is_adopted() -> None:
    """A refresh that finds a newer session takes it and spends nothing."""
    walk = refreshing(3).take(ev.SessionAdopted, session=session(7))
    assert (walk.state, walk.generation_in_hand, walk.commands) == (State.CONNECTED, 7, ())


# No verdict.


def test_an_outage_changes_nothing_while_the_token_lives() -> None:
    """Time-out, DNS, 5xx: Connected, with the case and a back-off."""
    walk = refreshing().take(ev.RefreshFailed, case="offline")
    assert (walk.state, walk.usable, walk.context.case) == (State.CONNECTED, True, "offline")
    assert walk.context.retry_at == START + 15


def test_an_outage_is_an_error_once_the_token_has_run_out() -> None:
    """The credential is kept, and it is tried again."""
    walk = connected().until_due().run_out().take(ev.RefreshFailed, case="offline")
    assert (walk.state, walk.usable, walk.generation_in_hand) == (State.ERROR, False, 1)
    assert walk.until_due().commanded == ["RefreshToken"]


def test_a_back_off_holds_the_clock_back_and_not_a_person() -> None:
    """The clock waits until it is over; who asks is served."""
    walk = connected().until_due().take(ev.RefreshFailed, case="offline")
    assert walk.due_at() == walk.now + 15
    assert walk.take(ev.RefreshDue).commands == ()
    assert walk.take(ev.RefreshRequested).commanded == ["RefreshToken"]


def test_the_wait_doubles_up_to_an_hour() -> None:
    """Each further failure waits twice as long."""
    walk = connected(life=10 * 86400).until_due()
    waits = []
    for _ in range(10):
        walk.take(ev.RefreshFailed, case="provider-outage")
        assert walk.context.retry_at is not None
        waits.append(walk.context.retry_at - walk.now)
        walk.until_due()
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_the_wait_is_never_shorter_than_the_server_asks() -> None:
    """Retry-After counts where it is longer, beyond an hour too."""
    assert refreshing().take(ev.RefreshFailed, case="offline", retry_after=5.0).context.retry_at == START + 15
    assert refreshing().take(ev.RefreshFailed, case="offline", retry_after=7200.0).context.retry_at == START + 7200


def test_a_token_that_runs_out_in_a_back_off_becomes_an_error_with_the_same_reason() -> None:
    """The wait goes on where it was."""
    walk = connected().run_out().wait(-5).take(ev.RefreshRequested)
    walk.take(ev.RefreshFailed, case="provider-outage")
    retry_at = walk.context.retry_at
    assert walk.until_due().state is State.ERROR
    assert (walk.context.case, walk.context.retry_at) == ("provider-outage", retry_at)
    assert walk.until_due().state is State.REFRESHING


def test_a_lost_answer_leaves_a_doubt() -> None:
    """The flag says that the token may have been spent."""
    walk = refreshing().take(ev.RefreshFailed, case="request-timeout-ambiguous", in_doubt=True)
    assert (walk.state, walk.flags) == (State.CONNECTED, {Flag.IN_DOUBT})


# A verdict.


def test_a_dead_grant_is_expired_and_no_token_stays_in_hand() -> None:
    """Even a living access token is dropped; the generation is remembered."""
    walk = refreshing(5).take(ev.RefreshRejected, case="refresh-token-reused")
    assert (walk.state, walk.context.case, walk.usable) == (State.EXPIRED, "refresh-token-reused", False)
    assert (walk.generation_in_hand, walk.context.generation) == (None, 5)


def test_a_refusal_without_a_known_reason_keeps_the_credential() -> None:
    """Error with a retry time; the access token is used while it lives."""
    walk = refreshing().take(ev.RefreshRefused, case="unclassified")
    assert (walk.state, walk.usable, walk.context.retry_at) == (State.ERROR, True, START + 15)


def test_a_bug_has_no_retry_time_and_can_be_retried_on_request() -> None:
    """Only a person tries again what only a new version ends."""
    walk = refreshing().take(ev.RefreshRefused, case="scopes-missing")
    assert (walk.state, walk.context.retry_at) == (State.ERROR, None)
    assert walk.take(ev.RetryRequested).state is State.REFRESHING


def test_another_users_tokens_are_never_taken_up() -> None:
    """They are in the store under a newer generation, and the spent session is not used either."""
    walk = refreshing(3).take(ev.RefreshRefused, case="refresh-token-other-user", generation=4)
    assert (walk.state, walk.usable, walk.context.generation) == (State.ERROR, False, 4)
    assert walk.take(ev.SessionReplaced, session=session(4)).state is State.ERROR
    assert walk.until_due().commanded == ["LoadAccount"]


def test_a_sign_out_found_by_the_refresh_is_followed() -> None:
    """Nothing was redeemed, and nobody is signed in."""
    walk = refreshing().take(ev.RefreshAbandoned)
    assert (walk.state, walk.context.case, walk.usable) == (State.DISCONNECTED, "signed-out-elsewhere", False)


# Without a refresh token.


@pytest.mark.parametrize("event", [ev.RefreshDue, ev.RefreshRequested], ids=lambda event: event.__name__)
def test_without_refresh_token_the_end_of_the_access_token_is_the_end(event: type[Any]) -> None:
    """Expired, with what is missing as the reason."""
    walk = connected(refresh=False)
    assert walk.take(event).state is State.CONNECTED
    assert walk.run_out().take(event).state is State.EXPIRED
    assert walk.context.case == "refresh-token-absent"


# Outcomes that come late.


def late_refresh() -> Any:
    """A refresh whose session was dropped by the API's verdict."""
    return refreshing(3).take(ev.GrantEnded, generation=3, case="refresh-token-revoked")


@pytest.mark.parametrize(
    "outcome",
    [
        {"kind": ev.RefreshRejected, "case": "refresh-token-reused"},
        {"kind": ev.RefreshFailed, "case": "offline"},
        {"kind": ev.RefreshRefused, "case": "unclassified"},
        {"kind": ev.RefreshAbandoned},
        {"kind": ev.SessionAdopted, "session": session(2)},
        {"kind": ev.TokenRefreshed, "session": session(2)},
    ],
    ids=lambda outcome: outcome["kind"].__name__,
)
def test_a_late_outcome_frees_the_slot_and_decides_nothing(outcome: dict[str, Any]) -> None:
    """Whatever it says, it is about a session that is not in hand any more."""
    walk = late_refresh()
    case = walk.context.case
    walk.take(**outcome)
    assert (walk.state, walk.context.exchange, walk.context.case) == (State.EXPIRED, None, case)


@pytest.mark.parametrize("event", [ev.TokenRefreshed, ev.SessionAdopted], ids=lambda event: event.__name__)
def test_a_late_newer_session_is_kept_where_the_account_stands(event: type[Any]) -> None:
    """The grant was not dead after all."""
    assert late_refresh().take(event, session=session(4)).state is State.CONNECTED


def test_a_late_newer_session_is_kept_behind_a_sign_in() -> None:
    """A sign-in over Expired returns to Connected if the old grant turns out to live."""
    walk = late_refresh().begin_sign_in().take(ev.TokenRefreshed, session=session(4))
    assert (walk.state, walk.usable, walk.commands) == (State.AUTHORIZING, True, ())
    assert walk.take(ev.SignInCancelled, attempt_id="one").state is State.CONNECTED


def test_an_outcome_never_brings_an_older_session_back() -> None:
    """What another process made meanwhile is newer than our own late answer."""
    for event in (ev.TokenRefreshed, ev.SessionAdopted):
        walk = refreshing(3).take(ev.SessionReplaced, session=session(9)).take(event, session=session(4))
        assert (walk.state, walk.generation_in_hand, walk.context.exchange) == (State.CONNECTED, 9, None)


def test_nothing_can_be_refreshed_that_is_not_there() -> None:
    """Expired says so to who asks; Error without a session stays."""
    assert expired().take(ev.RefreshDue).commands == ()
    walk = in_error().take(ev.RefreshRequested)
    assert walk.state is State.REFRESHING


def test_a_back_off_of_another_process_is_waited_for_and_not_lengthened() -> None:
    """It is no failure of ours: two processes that hold each other back would otherwise never ask again."""
    walk = refreshing()
    until = walk.now + 60
    walk.take(ev.BackOffFound, case="provider-outage", since=walk.now, until=until)
    assert (walk.state, walk.context.case, walk.context.retry_at) == (State.CONNECTED, "provider-outage", until)
    walk.run_out().take(ev.RefreshDue)
    walk.take(ev.BackOffFound, case="provider-outage", since=walk.now, until=walk.now + 60)
    assert (walk.state, walk.context.retry_at) == (State.ERROR, walk.now + 60)
    assert walk.context.next_wait() == 120
