"""What is left of the plan's limits: asked where the provider tells, read whatever it tells, and noted."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.codex_api import RESPONSES, USAGE, WORKSPACE, CodexApi

from signedin import Connection, Flag, State
from signedin.errors import AnswerRefused, TransportFailed
from signedin.responses import Usage, UsageWindow, ask, usage
from signedin.responses.usage import read

AT = 1_795_435_200.0
LIMITS = {
    "plan_type": "plus",
    "rate_limit": {
        "allowed": True,
        "limit_reached": False,
        "primary_window": {
            "used_percent": 42,
            "limit_window_seconds": 18000,
            "reset_after_seconds": 4320,
            "reset_at": 1_795_439_520,
        },
        "secondary_window": {"used_percent": 7.5, "limit_window_seconds": 604800, "reset_after_seconds": 86400},
    },
    "additional_rate_limits": [
        {
            "limit_name": "model-x",
            "metered_feature": "x",
            "rate_limit": {"primary_window": {"used_percent": 100, "limit_window_seconds": 604800}},
        }
    ],
    "credits": {"has_credits": False, "unlimited": False, "balance": None},
}
REACHED = {"rate_limit": {"limit_reached": True, "primary_window": {"used_percent": 100}}}
NOT_REACHED = {"rate_limit": {"limit_reached": False, "primary_window": {"used_percent": 99}}}


@pytest.fixture
def api(api: CodexApi) -> CodexApi:
    """An API that tells."""
    api.says(USAGE, 200, LIMITS)
    return api


def told(**answer: object) -> Usage:
    """What an answer says."""
    found = read(json.dumps(answer).encode(), at=AT)
    assert found is not None
    return found


# Reading.


def test_all_that_is_told_is_read() -> None:
    """The plan, the two windows, and every limit beside them by its own name."""
    assert told(**LIMITS) == Usage(
        plan="plus",
        limit_reached=False,
        fetched_at=AT,
        windows=(
            UsageWindow(name="primary", used_percent=42.0, window_seconds=18000.0, resets_at=1_795_439_520.0),
            UsageWindow(name="secondary", used_percent=7.5, window_seconds=604800.0, resets_at=AT + 86400),
            UsageWindow(name="model-x", used_percent=100.0, window_seconds=604800.0),
        ),
    )


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"plan_type": None, "rate_limit": None, "additional_rate_limits": None},
        {"plan_type": 1, "rate_limit": [], "additional_rate_limits": {}},
        {"rate_limit": {"limit_reached": "yes", "primary_window": None, "secondary_window": {"used_percent": None}}},
        {"additional_rate_limits": [None, {"limit_name": "x", "rate_limit": None}]},
    ],
)
def test_what_is_not_told_is_not_there(answer: dict[str, object]) -> None:
    """Nothing is made of nulls, of what is missing, or of another shape."""
    assert told(**answer) == Usage(plan=None, limit_reached=None, windows=(), fetched_at=AT)


@pytest.mark.parametrize(
    ("window", "resets_at"),
    [
        ({"reset_at": AT + 5, "reset_after_seconds": 60}, AT + 5),
        ({"reset_at": None, "reset_after_seconds": 60}, AT + 60),
        ({"reset_at": 0, "reset_after_seconds": 60}, AT + 60),
        ({"reset_at": 10**18, "reset_after_seconds": 10**12}, None),
        ({"reset_at": "noon"}, None),
        ({}, None),
    ],
)
def test_a_window_is_whole_again_at_the_moment_or_after_the_wait(
    window: dict[str, object], resets_at: float | None
) -> None:
    """The moment comes first; what no calendar could show is not told."""
    (found,) = told(rate_limit={"primary_window": {"used_percent": 1, **window}}).windows
    assert found.resets_at == resets_at


def test_a_name_that_could_steer_a_terminal_is_not_taken() -> None:
    """The feature's own does as well, else one of ours."""
    window = {"primary_window": {"used_percent": 1}}
    limits = [
        {"limit_name": "\x1b[2J", "metered_feature": "x", "rate_limit": window},
        {"limit_name": None, "metered_feature": "", "rate_limit": window},
    ]
    assert [found.name for found in told(additional_rate_limits=limits).windows] == ["x", "additional"]


def test_there_may_be_very_many_limits() -> None:
    """Not all of them are taken."""
    limit = {"limit_name": "x", "rate_limit": {"primary_window": {"used_percent": 1}}}
    assert len(told(additional_rate_limits=[limit] * 1000).windows) == 32


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["rate_limit", "primary_window", "used_percent", "reset_at", "additional_rate_limits", "limit_name"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_reading_is_total(body: bytes) -> None:
    """Whatever comes."""
    found = read(body, at=AT)
    assert found is None or all(window.used_percent >= 0 for window in found.windows)


# Asking.


async def test_it_is_asked_at_the_apis_own_origin(api: CodexApi) -> None:
    """With the token and what else the API wants, spending nothing."""
    async with api.signed_in() as connection:
        found = await usage(connection)
    (asked,) = api.asked
    assert (asked.method, asked.url.path, asked.headers["originator"]) == ("GET", USAGE, "signedin")
    assert asked.headers["authorization"].startswith("Bearer ")
    assert asked.headers["chatgpt-account-id"] == WORKSPACE
    assert found is not None
    assert (found.plan, len(found.windows)) == ("plus", 3)


async def test_a_provider_that_does_not_tell_is_not_asked(connection: Connection) -> None:
    """Nor is anything guessed."""
    assert await usage(connection) is None


async def test_a_limit_that_is_reached_pauses_usage_until_it_is_not(api: CodexApi) -> None:
    """Connected all the while, with the case that says why."""
    async with api.signed_in() as connection:
        api.says(USAGE, 200, REACHED)
        await usage(connection)
        assert (connection.state, Flag.USAGE_PAUSED in connection.flags) == (State.CONNECTED, True)
        assert connection.case is not None
        assert connection.case.id == "usage-limit-hit"
        api.says(USAGE, 200, {})
        await usage(connection)
        assert Flag.USAGE_PAUSED in connection.flags, "nothing was said of it"
        api.says(USAGE, 200, NOT_REACHED)
        await usage(connection)
        assert Flag.USAGE_PAUSED not in connection.flags
        assert connection.snapshot.case is None


async def test_a_question_that_meets_the_limit_is_told_of_by_both(api: CodexApi) -> None:
    """The flag that a refusal raised is lowered by the first word that there is more."""
    api.says(RESPONSES, 429, {"error": {"type": "usage_limit_reached"}})
    async with api.signed_in() as connection:
        with pytest.raises(AnswerRefused):
            await ask(connection, "Why?", model="model-a")
        assert Flag.USAGE_PAUSED in connection.flags
        await usage(connection)
        assert Flag.USAGE_PAUSED not in connection.flags


@pytest.mark.parametrize(
    ("status", "body", "case"),
    [
        (200, b"<html>", "ok-status-error-body"),
        (200, b"[]", "ok-status-error-body"),
        (503, b"", "provider-outage"),
        (403, b"<html>Just a moment</html>", "cloudflare-challenge"),
        (402, b'{"detail":{"code":"deactivated_workspace"}}', "workspace-deactivated"),
    ],
)
async def test_no_word_is_an_error_with_its_case(api: CodexApi, status: int, body: bytes, case: str) -> None:
    """And the connection stays what it was."""
    api.says(USAGE, status, body)
    async with api.signed_in() as connection:
        with pytest.raises(AnswerRefused) as raised:
            await usage(connection)
        assert (raised.value.case, connection.state) == (case, State.CONNECTED)


async def test_an_answer_that_breaks_off_is_no_answer(api: CodexApi) -> None:
    """As everywhere."""
    api.answers[USAGE] = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"
    async with api.signed_in() as connection:
        with pytest.raises(TransportFailed):
            await usage(connection)
