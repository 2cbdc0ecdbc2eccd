"""`signedin usage`: what is left where the provider tells, else the page that shows it."""

import time

import pytest
from tests.support.command import Run

from signedin.responses import UsageWindow
from signedin_adapters.cli.standing import timestamp
from signedin_adapters.cli.usage import line
from signedin_adapters.cli.wording import moment
from signedin_adapters.sandbox import Sandbox

AT = time.mktime((2026, 11, 23, 12, 50, 0, 0, 0, -1))
"""Shortly before one o'clock, by the local time."""


def test_the_page_is_named(run: Run, signed_in: Sandbox) -> None:
    """Without asking anybody."""
    signed_in.requests.clear()
    ran = run("usage")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"The provider does not tell apps what is left. It is shown at {signed_in.issuer}\n"
    assert len(signed_in.requests) == 0


def test_as_one_object(run: Run, signed_in: Sandbox) -> None:
    """No windows are known, and none are guessed."""
    assert run("usage", "--json").json() == {"schema": 1, "windows": None, "manage_url": signed_in.issuer}


def test_a_limit_that_was_met_is_mentioned(run: Run, signed_in: Sandbox) -> None:
    """As long as no answer has come since."""
    signed_in.faults.inject("api-429-limit")
    run("ask", "--model", "sandbox-large", "Why?")
    assert run("usage").out.startswith("Usage limit reached, when a request was last made.\n")
    run("ask", "Why?")
    assert run("usage").out.startswith("The provider does not tell")


# A provider that tells.


def test_the_windows_are_told_and_the_page_is_named(run: Run, codex: Sandbox) -> None:
    """Each with how long it is, how much of it is used and when it is whole again."""
    codex.used_percent = (42, 7)
    ran = run("usage")
    first, second, page = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert first.startswith("5 h window: 42 % used, whole again at ")
    assert first.endswith((" (in 1 h 12 min)", " (in 1 h 11 min)"))
    assert second.startswith("Weekly window: 7 % used, whole again at ")
    assert page == f"Manage it at {codex.issuer}"


def test_the_windows_are_an_object_too(run: Run, codex: Sandbox) -> None:
    """With the plan, and whether the limit is reached."""
    codex.used_percent = (42, 7)
    told = run("usage", "--json").json()
    first, second = told.pop("windows")
    assert told == {"schema": 1, "manage_url": codex.issuer, "plan": "plus", "limit_reached": False}
    assert (second["name"], second["used_percent"], second["window_seconds"]) == ("secondary", 7.0, 604800)
    assert set(first) == {"name", "used_percent", "window_seconds", "resets_at"}
    assert timestamp(time.time()) < first["resets_at"] < second["resets_at"]


def test_a_limit_that_is_reached_is_said_first_and_kept_in_mind(run: Run, codex: Sandbox) -> None:
    """`status` says it as well, until there is more."""
    codex.used_percent = (100, 7)
    assert run("usage").out.startswith("Usage limit reached.\n5 h window: 100 % used, ")
    assert run("status", "--json").json()["flags"] == ["usage_paused"]
    codex.used_percent = (0, 7)
    assert run("usage").out.startswith("5 h window: 0 % used, ")
    assert run("status", "--json").json()["flags"] == []


def test_what_is_not_told_is_not_there(run: Run, codex: Sandbox) -> None:
    """Anything in the answer may be null."""
    codex.faults.inject("usage-unknown", times=None)
    assert run("usage").out == f"The provider tells of no limit.\nManage it at {codex.issuer}\n"
    assert run("usage", "--json").json() == {
        "schema": 1,
        "windows": [],
        "manage_url": codex.issuer,
        "plan": "plus",
    }


def test_no_word_is_an_error(run: Run, codex: Sandbox) -> None:
    """With its exit code."""
    codex.faults.inject("api-503")
    assert run("usage").code == 5


# One line.


@pytest.mark.parametrize(
    ("window", "told"),
    [
        (UsageWindow(name="primary", used_percent=42, window_seconds=18000), "5 h window: 42 % used"),
        (UsageWindow(name="secondary", used_percent=0, window_seconds=604800), "Weekly window: 0 % used"),
        (UsageWindow(name="primary", used_percent=1, window_seconds=86400), "Daily window: 1 % used"),
        (UsageWindow(name="primary", used_percent=1, window_seconds=2592000), "30 d window: 1 % used"),
        (UsageWindow(name="primary", used_percent=1, window_seconds=5400), "1 h 30 min window: 1 % used"),
        (UsageWindow(name="secondary", used_percent=99.6), "Secondary window: 99 % used"),
        (UsageWindow(name="model-x", used_percent=3), "model-x: 3 % used"),
        (UsageWindow(name="model-x", used_percent=3, window_seconds=604800), "model-x, weekly window: 3 % used"),
        (UsageWindow(name="primary", used_percent=100, resets_at=AT - 1), "Primary window: 100 % used"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_window_is_called_by_its_length(window: UsageWindow, told: str) -> None:
    """As far as that is known; another limit's name stands before it. Nothing is called used up that is not."""
    assert line(window, at=AT) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (4320, "14:02 (in 1 h 12 min)"),
        (20, "12:50 (in 20 s)"),
        (3599, "13:49 (in 59 min)"),
        (86400, "12:50 tomorrow (in 1 d)"),
        (6 * 86400 + 3 * 3600, "29 Nov, 15:50 (in 6 d 3 h)"),
    ],
)
def test_when_it_is_whole_again_is_local_time(seconds: int, told: str) -> None:
    """With how long that is from now."""
    window = UsageWindow(name="primary", used_percent=1, resets_at=AT + seconds)
    assert line(window, at=AT) == f"Primary window: 1 % used, whole again at {told}"


# Where a question meets the limit.


def test_a_question_is_told_when_to_come_back(run: Run, codex: Sandbox) -> None:
    """In local time, and no word of the server's."""
    codex.used_percent = (100, 7)
    about = time.time() + 4320
    ran = run("ask", "--model", "sandbox-codex", "Why?")
    when = {moment(about + late, at=about - 4320) for late in (-2, 0, 2)}
    assert ran.code == 9
    assert ran.err.splitlines()[0] in {
        f"signedin: Usage limit reached: you can ask again at {each} (in 1 h 12 min)." for each in when
    }
    assert "has been" not in ran.err
