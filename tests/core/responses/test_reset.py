"""When a usage limit ends, as the answer that met it says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin.oauth.messages import Response
from signedin.oauth.refusal import LONGEST_WAIT_SECONDS
from signedin.responses import reset

DATE = {"date": "Mon, 23 Nov 2026 12:00:00 GMT"}
NOON = 1795435200


def told(*, headers: dict[str, str] | None = None, **error: object) -> float | None:
    """What an answer with this error and these headers says."""
    body = json.dumps({"error": {"type": "usage_limit_reached", **error}}).encode()
    return reset.seconds(Response(status=429, headers=DATE if headers is None else headers, body=body))


def test_the_wait_comes_before_the_moment() -> None:
    """It needs no clock."""
    assert told(resets_in_seconds=60, resets_at=NOON + 90) == 60.0


def test_a_moment_counts_from_the_answers_own_date() -> None:
    """Both are by the server's clock; a moment that is over is now."""
    assert told(resets_at=NOON + 90) == 90.0
    assert told(resets_at=NOON - 90) == 0.0


def test_a_moment_without_a_date_says_nothing() -> None:
    """Nothing is guessed."""
    assert told(resets_at=NOON + 90, headers={}) is None


def test_no_wait_is_longer_than_thirty_days() -> None:
    """Whatever is told."""
    assert told(resets_in_seconds=10**9) == LONGEST_WAIT_SECONDS


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-codex-primary-used-percent": "100", "x-codex-primary-reset-after-seconds": "60"}, 60.0),
        ({"x-codex-primary-used-percent": "100.0", "x-codex-primary-reset-at": f"{NOON + 30}"}, 30.0),
        ({"x-codex-primary-used-percent": "99", "x-codex-primary-reset-after-seconds": "60"}, None),
        ({"x-codex-primary-reset-after-seconds": "60"}, None),
        ({"x-codex-primary-used-percent": "100"}, None),
        (
            {
                "x-codex-primary-used-percent": "100",
                "x-codex-primary-reset-after-seconds": "60",
                "x-codex-secondary-used-percent": "100",
                "x-codex-secondary-reset-after-seconds": "600",
            },
            600.0,
        ),
    ],
)
def test_else_the_headers_say_it(headers: dict[str, str], seconds: float | None) -> None:
    """Of windows that are used up, the last one to begin anew; the others hold nobody back."""
    assert told(headers=DATE | headers) == seconds


@given(body=st.binary(max_size=200), value=st.text(max_size=30))
def test_reading_is_total(body: bytes, value: str) -> None:
    """Whatever the answer is."""
    headers = {"date": value, "x-codex-primary-used-percent": "100", "x-codex-primary-reset-at": value}
    assert (reset.seconds(Response(status=429, headers=headers, body=body)) or 0.0) >= 0.0
