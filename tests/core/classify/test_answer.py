"""What an answer that is no success says by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.observed import WORDS, answers

from signedin.cases import CASES
from signedin.classify.answer import UNREADABLE, refusal_case
from signedin.oauth.messages import Response

CHALLENGE = {"cf-mitigated": "challenge"}


@pytest.mark.parametrize(
    ("status", "headers", "body", "code", "case"),
    [
        (403, {}, b"", "unsupported_country_region_territory", "region-unsupported"),
        (503, CHALLENGE, b"", "unsupported_country_region_territory", "region-unsupported"),
        (503, CHALLENGE, b"", None, "cloudflare-challenge"),
        (429, {}, b"<html>", None, "login-rate-limited"),
        (408, {}, b"", None, "provider-outage"),
        (425, {}, b"", None, "provider-outage"),
        (500, {}, b"<html>", None, "provider-outage"),
        (403, {}, b" \n<html>", None, "cloudflare-challenge"),
        (403, {}, b" \n<html>", "surprise", "unclassified"),
        (400, {}, b"{}", None, "unclassified"),
    ],
)
def test_a_code_comes_first_and_then_who_answered(
    status: int, headers: dict[str, str], body: bytes, code: str | None, case: str
) -> None:
    """Before the status; a page where JSON was due comes from somebody in between."""
    assert refusal_case(status, headers, body, code=code) == case


@given(answers(), st.none() | WORDS)
def test_whatever_answers_has_a_case(answer: Response, code: str | None) -> None:
    """Total, and one of the catalogue."""
    assert refusal_case(answer.status, answer.headers, answer.body, code=code) in CASES
    assert UNREADABLE in CASES
