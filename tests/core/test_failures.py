"""What fails beside the transitions: what the log is told of it, and how often."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.recorded import Recorded
from tests.support.stage import Stage

from signedin import State, Transition
from signedin.errors import AnswerRefused, MisuseError, SignInFailed, StoreError, UnknownProvider
from signedin.failures import Failures

OUTAGE = "provider-outage"


def transition(case: str | None = None, *, trigger: str = "RefreshFailed") -> Transition:
    """A transition after which `case` stands."""
    return Transition(
        at=1.0,
        account_id="a1",
        source=State.REFRESHING,
        trigger=trigger,
        state=State.CONNECTED,
        case=case,
        flags=frozenset(),
        generation=1,
        details=(),
        visible=True,
    )


@pytest.fixture
def log() -> Recorded:
    """An empty log."""
    return Recorded()


@pytest.fixture
def failures(log: Recorded) -> Failures:
    """Nothing failed yet."""
    return Failures(log, lambda: "a1")


def failed(call: str, case: str, **told: object) -> tuple[str, dict[str, object]]:
    """The line of a call that failed."""
    return "call.failed", {"account": "a1", "call": call, "case": case, **told}


def test_an_error_is_noted_and_goes_on(failures: Failures, log: Recorded) -> None:
    """Whoever called gets it as it is."""
    with pytest.raises(SignInFailed, match="Taken"), failures.noted("sign-in"):
        raise SignInFailed("Taken.", case="login-in-progress")
    assert log.lines == [failed("sign-in", "login-in-progress")]


def test_an_answer_is_noted_with_what_a_provider_asks_for(failures: Failures, log: Recorded) -> None:
    """Status, code and request id, and no word of its own."""
    with pytest.raises(AnswerRefused), failures.noted("api-post"):
        raise AnswerRefused("Said no.", case=OUTAGE, status=503, code="overloaded", request_id="req_7")
    assert log.lines == [failed("api-post", OUTAGE, status=503, code="overloaded", request_id="req_7")]


@pytest.mark.parametrize("error", [MisuseError("No."), UnknownProvider("No."), StoreError("No.", case="of-tomorrow")])
def test_what_is_no_case_is_left_out(failures: Failures, log: Recorded, error: Exception) -> None:
    """What the caller did wrong is no trouble of the connection's."""
    with pytest.raises(type(error)), failures.noted("open"):
        raise error
    assert log.lines == []


def test_what_a_transition_told_is_not_told_again(failures: Failures, log: Recorded) -> None:
    """The call failed for the case that stands, and the log has that."""
    failures.heard(transition(OUTAGE))
    failures.note("refresh", OUTAGE)
    assert log.lines == []
    failures.heard(transition(None, trigger="FlagCleared"))
    failures.note("refresh", OUTAGE)
    assert log.lines == [failed("refresh", OUTAGE)]


def test_an_episode_is_told_once(failures: Failures, log: Recorded) -> None:
    """However often it is met, and by whichever call."""
    for call in ("api-get", "api-get", "api-post"):
        failures.note(call, OUTAGE)
    failures.note("api-get", "cloudflare-challenge")
    assert log.lines == [failed("api-get", OUTAGE), failed("api-get", "cloudflare-challenge")]


def test_an_episode_is_over_when_the_same_call_goes_well(failures: Failures, log: Recorded) -> None:
    """That is told once; what fails after it is another episode."""
    failures.note("api-get", OUTAGE)
    for _ in range(2):
        failures.over("api-get")
    failures.note("api-get", OUTAGE)
    over = ("call.succeeded", {"account": "a1", "call": "api-get"})
    assert log.lines == [failed("api-get", OUTAGE), over, failed("api-get", OUTAGE)]


def test_another_call_ends_no_episode(failures: Failures, log: Recorded) -> None:
    """A list that comes says nothing about a question that was refused."""
    failures.note("api-post", OUTAGE)
    failures.over("api-get")
    failures.note("api-post", OUTAGE)
    assert log.lines == [failed("api-post", OUTAGE)]


@pytest.mark.parametrize("trigger", ["SessionCommitted", "TokenRefreshed"])
def test_a_new_session_ends_every_episode(failures: Failures, log: Recorded, trigger: str) -> None:
    """What fails with it is told anew."""
    failures.note("api-post", OUTAGE)
    failures.heard(transition(trigger=trigger))
    failures.note("api-post", OUTAGE)
    assert log.lines == [failed("api-post", OUTAGE)] * 2


def test_nobody_is_named_where_nobody_is_known(log: Recorded) -> None:
    """As while an app is being opened."""
    failures = Failures(log, lambda: None)
    failures.note("open", "keyring-locked")
    failures.over("open")
    assert log.lines == [
        ("call.failed", {"call": "open", "case": "keyring-locked"}),
        ("call.succeeded", {"call": "open"}),
    ]


# Where nothing could be opened.


@contextmanager
def shared_with_all(stage: Stage) -> Generator[None]:
    """Everybody may write where the accounts lie, so that they are not trusted, until the end of the block."""
    accounts = Path(stage.home, "apps", "acme-notes", "accounts")
    accounts.chmod(0o777)
    stage.restart()
    try:
        yield
    finally:
        accounts.chmod(0o700)


def told_of_opening(stage: Stage) -> list[dict[str, Any]]:
    """The lines of calls that failed, in the app's own log."""
    path = Path(stage.home, "apps", "acme-notes", "log", "signedin.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if line["event"] == "call.failed"]


async def test_an_app_that_cannot_be_opened_is_told_of_once(stage: Stage) -> None:
    """In a run of its own, without an account; opened well in between, it is told again."""
    async with stage.signed_in():
        pass
    for _ in range(2):
        with shared_with_all(stage):
            for _ in range(2):
                with pytest.raises(StoreError):
                    await stage.open()
        await stage.open()
    told = told_of_opening(stage)
    assert [(line["call"], line["case"]) for line in told] == [("open", "file-permission-or-owner")] * 2
    assert not any("account" in line for line in told)


async def test_what_nobody_can_open_for_a_mistake_of_theirs_is_not_told(stage: Stage) -> None:
    """A provider that there is not."""
    async with stage.signed_in():
        pass
    with pytest.raises(UnknownProvider):
        await stage.open(provider="nobody")
    assert told_of_opening(stage) == []


async def test_a_log_of_the_apps_own_is_told_as_well(stage: Stage, log: Recorded) -> None:
    """Whoever brings a log reads there why nothing was opened."""
    async with stage.signed_in():
        pass
    with shared_with_all(stage), pytest.raises(StoreError):
        await stage.open(log=log)
    assert log.lines == [("call.failed", {"call": "open", "case": "file-permission-or-owner"})]
