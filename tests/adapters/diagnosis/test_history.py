"""What becomes of a trouble: exactly the right case is named, once, and it is over when it is over."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.judged import judged, named
from tests.support.logged import Logged
from tests.support.walk import session

from signedin import events as ev
from signedin.secret import Secret
from signedin.states import Flag

FIRST, SECOND = "a" * 16, "b" * 16


@pytest.fixture
def logged(tmp_path: Path) -> Logged:
    """A process that has loaded a session."""
    return Logged(tmp_path).connected()


def unauthorized(logged: Logged) -> Logged:
    """The API takes the token no longer."""
    return logged.then(ev.ApiUnauthorized, generation=logged.context.generation)


def test_a_token_that_is_refused_and_renewed_is_no_trouble(logged: Logged, tmp_path: Path) -> None:
    """One 401 is what a refresh is for."""
    unauthorized(logged).then(ev.TokenRefreshed, session=session(2, issued_at=logged.now))
    assert named(judged(tmp_path, logged.lines)) == {}


def test_a_refused_token_that_cannot_be_renewed_is_one_trouble(logged: Logged, tmp_path: Path) -> None:
    """What ended the grant; the 401 was only how it showed."""
    unauthorized(logged).then(ev.RefreshRejected, case="session-ended")
    unauthorized(logged)
    assert named(judged(tmp_path, logged.lines)) == {"session-ended": True}


def test_a_token_that_stays_refused_is_a_trouble_of_its_own(logged: Logged, tmp_path: Path) -> None:
    """Refreshing did not help."""
    unauthorized(logged).then(ev.TokenRefreshed, session=session(2, issued_at=logged.now))
    unauthorized(logged)
    assert named(judged(tmp_path, logged.lines)) == {"api-401-loop": True}


def test_what_comes_too_late_names_nothing(logged: Logged, tmp_path: Path) -> None:
    """The user signed out while the refresh was under way."""
    logged.then(ev.RefreshRequested).then(ev.SignOutRequested)
    logged.then(ev.RefreshFailed, case="provider-outage")
    assert named(judged(tmp_path, logged.lines)) == {}


def test_what_comes_too_late_ends_nothing(logged: Logged, tmp_path: Path) -> None:
    """The trouble that stands goes on."""
    logged.then(ev.RefreshRequested).then(ev.GrantEnded, generation=1, case="session-ended")
    logged.then(ev.RefreshFailed, case="provider-outage")
    assert named(judged(tmp_path, logged.lines)) == {"session-ended": True}


def denied(logged: Logged) -> str:
    """The user said no."""
    logged.then(ev.SignInFailed, attempt_id=FIRST, case="user-denied-consent")
    return "user-denied-consent"


def cancelled(logged: Logged) -> str:
    """The user gave up."""
    logged.then(ev.SignInCancelled, attempt_id=FIRST)
    return "login-cancelled"


def timed_out(logged: Logged) -> str:
    """Nobody came back."""
    logged.then(ev.SignInTimedOut, attempt_id=FIRST)
    return "callback-never-arrives"


def turned_away(logged: Logged) -> str:
    """A callback of another attempt came."""
    logged.then(ev.CallbackRejected, attempt_id=FIRST, case="state-mismatch-stale-tab")
    return "state-mismatch-stale-tab"


def not_redeemed(logged: Logged) -> str:
    """The code was not taken."""
    logged.then(ev.CodeReceived, attempt_id=FIRST, code=Secret("-"), client_id="-")
    logged.then(ev.CodeExchangeFailed, attempt_id=FIRST, case="provider-outage")
    return "provider-outage"


def not_asked(logged: Logged) -> str:
    """Whether somebody came could not be asked."""
    logged.beside("poll.failed", case="offline")
    return "offline"


def not_begun(logged: Logged) -> str:
    """There was no port to listen at."""
    logged.beside("call.failed", call="sign-in", case="port-in-use-other-tool")
    return "port-in-use-other-tool"


def asked_for(logged: Logged, attempt: str) -> None:
    """A sign-in begins."""
    logged.then(ev.SignInRequested, attempt_id=attempt, deadline=logged.now + 600)


def came_through(logged: Logged) -> None:
    """A sign-in goes well, after what is left of the first."""
    if logged.context.attempt is None:
        asked_for(logged, SECOND)
    attempt, generation = logged.context.attempt, logged.context.generation + 1
    assert attempt is not None
    logged.then(ev.SessionCommitted, attempt_id=attempt.id, session=session(generation, issued_at=logged.now))


@pytest.mark.parametrize(
    ("who", "again"),
    [
        *((who, again) for who in ("nobody", "connected", "expired") for again in ("same process", "another process")),
        ("nobody", "another account"),
    ],
)
@pytest.mark.parametrize("fail", [denied, cancelled, timed_out, turned_away, not_redeemed, not_asked, not_begun])
def test_a_sign_in_that_went_wrong_is_over_once_it_went_well(
    fail: Callable[[Logged], str], who: str, again: str, tmp_path: Path
) -> None:
    """Whichever step it was, from wherever it began, and whoever tries again."""
    logged = Logged(tmp_path)
    logged.then(ev.AccountLoaded, session=None) if who == "nobody" else logged.connected()
    if who == "expired":
        logged.then(ev.GrantEnded, generation=1, case="session-ended")
    asked_for(logged, FIRST)
    case = fail(logged)
    standing = {"session-ended": True} if who == "expired" else {}
    assert named(judged(tmp_path, logged.lines)) == {case: True} | standing

    retried = logged
    if again != "same process":
        account = "ada" if again == "another process" else "grace"
        retried = Logged(tmp_path, "again", account=account, now=logged.now + 10)
        retried.then(ev.AccountLoaded, session=None)
    came_through(retried)
    lines = logged.lines if retried is logged else [*logged.lines, *retried.lines]
    assert named(judged(tmp_path, lines)) == dict.fromkeys((case, *standing), False)


def test_a_sign_in_that_goes_wrong_in_another_way_is_another_trouble(tmp_path: Path) -> None:
    """The newest is what is wrong, though the process that tries again begins by naming the one before."""
    first = Logged(tmp_path).then(ev.AccountLoaded, session=None)
    asked_for(first, FIRST)
    before = denied(first)
    again = Logged(tmp_path, "again", now=first.now + 10).then(ev.AccountLoaded, session=None, case=before)
    asked_for(again, FIRST)
    assert named(judged(tmp_path, [*first.lines, *again.lines])) == {before: True}
    now = not_redeemed(again)
    found = judged(tmp_path, [*first.lines, *again.lines])
    assert (named(found), [case.count for case in found.cases]) == ({now: True, before: False}, [1, 1])


def test_a_call_that_failed_is_a_case(logged: Logged, tmp_path: Path) -> None:
    """No transition tells it; the next session ends it."""
    logged.beside("call.failed", call="api-post", case="plan-not-included", status=403, request_id="f" * 16)
    (case,) = judged(tmp_path, logged.lines).cases
    assert (case.id, case.active, case.count, case.request_id) == ("plan-not-included", True, 1, "f" * 16)
    assert named(judged(tmp_path, logged.refreshed().lines)) == {"plan-not-included": False}


def test_a_call_that_went_well_since_is_over(logged: Logged, tmp_path: Path) -> None:
    """That call, and no other."""
    for call, case in (("api-post", "plan-not-included"), ("api-get", "scopes-missing")):
        logged.beside("call.failed", call=call, case=case)
    logged.beside("call.succeeded", call="api-post")
    assert named(judged(tmp_path, logged.lines)) == {"plan-not-included": False, "scopes-missing": True}


def test_a_call_that_fails_for_what_stands_is_not_another_trouble(logged: Logged, tmp_path: Path) -> None:
    """It counts once, and ends with what the transition told."""
    logged.failed().beside("call.failed", call="refresh", case="provider-outage")
    (case,) = judged(tmp_path, logged.lines).cases
    assert (case.count, case.active, case.last_at) == (1, True, logged.records[-1]["at"])

    logged.then(ev.RefreshRequested).then(ev.RefreshFailed, case="offline")
    assert named(judged(tmp_path, logged.lines)) == {"offline": True, "provider-outage": False}


def test_a_trouble_that_a_call_told_first_counts_once(logged: Logged, tmp_path: Path) -> None:
    """The transition's word is the better one: it ends as that says."""
    logged.beside("call.failed", call="api-get", case="usage-limit-hit")
    logged.then(ev.FlagRaised, flag=Flag.USAGE_PAUSED, case="usage-limit-hit")
    assert [case.count for case in judged(tmp_path, logged.lines).cases] == [1]
    logged.then(ev.FlagCleared, flag=Flag.USAGE_PAUSED)
    assert named(judged(tmp_path, logged.lines)) == {"usage-limit-hit": False}


@pytest.mark.parametrize(("flag", "over"), [(Flag.USAGE_PAUSED, True), (Flag.CLOCK_SKEWED, False)])
def test_a_flag_that_another_process_lowers_is_over(logged: Logged, tmp_path: Path, flag: Flag, over: bool) -> None:
    """It never had to name the case itself. Another flag says nothing of it."""
    logged.then(ev.FlagRaised, flag=Flag.USAGE_PAUSED, case="usage-limit-hit")
    other = Logged(tmp_path, "other", now=logged.now + 10).then(ev.FlagRaised, flag=flag)
    other.then(ev.FlagCleared, flag=flag)
    assert named(judged(tmp_path, [*logged.lines, *other.lines])) == {"usage-limit-hit": not over}


def test_an_attempt_that_failed_is_not_told_again_by_its_call(tmp_path: Path) -> None:
    """Not even where something else stands again by then."""
    logged = Logged(tmp_path).connected().failed()
    asked_for(logged, FIRST)
    denied(logged)
    logged.then(ev.RefreshRequested)
    logged.beside("call.failed", call="sign-in", case="user-denied-consent", attempt=FIRST)
    counts = {case.id: (case.count, case.active) for case in judged(tmp_path, logged.lines).cases}
    assert counts == {"user-denied-consent": (1, False), "provider-outage": (1, True)}


def nobodys(line: bytes) -> bytes:
    """The line without an account."""
    record = json.loads(line)
    del record["account"]
    return json.dumps(record, separators=(",", ":")).encode()


@pytest.mark.parametrize(("call", "over"), [("open", True), ("sign-in", False)])
def test_what_kept_an_account_from_being_opened_is_nobodys(call: str, over: bool, tmp_path: Path) -> None:
    """It is over once any is opened; what kept somebody from signing in, once somebody has."""
    failed = Logged(tmp_path).beside("call.failed", call=call, case="port-in-use-other-tool")
    start, line = failed.lines
    found = judged(tmp_path, [start, nobodys(line)])
    (case,) = found.cases
    assert (case.id, case.account, case.active, found.accounts) == ("port-in-use-other-tool", None, True, 0)

    later = Logged(tmp_path, "later", account="grace", now=failed.now + 10).then(ev.AccountLoaded, session=None)
    assert named(judged(tmp_path, [start, nobodys(line), *later.lines])) == {case.id: not over}
    came_through(later)
    assert named(judged(tmp_path, [start, nobodys(line), *later.lines])) == {case.id: False}
