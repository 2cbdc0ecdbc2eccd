"""Reading answers that say no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.oauth_samples import answer

from signedin.oauth.messages import Response
from signedin.oauth.refusal import TERMINAL_CODES, read_error


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": "invalid_grant", "error_description": "SECRET"}, "invalid_grant"),
        (
            {"error": {"code": "refresh_token_reused", "message": "SECRET", "type": "x", "param": None}},
            "refresh_token_reused",
        ),
        ({"error": {"code": None, "message": "SECRET"}}, None),
        ({"error": {"message": "SECRET"}}, None),
        ({"detail": {"code": "deactivated_workspace"}}, "deactivated_workspace"),
        ({"detail": "SECRET"}, None),
        ({"detail": "unauthorized"}, None),
        ({"error": "A whole SECRET sentence."}, None),
        ({"error": "a" * 65}, None),
        ({"error": ["invalid_grant"]}, None),
        ({"error": 7}, None),
        ({"code": "refresh_token_revoked", "message": "SECRET"}, "refresh_token_revoked"),
        ({"error": "A whole SECRET sentence.", "code": "invalid_grant"}, "invalid_grant"),
        ({"error": {"code": None, "type": "app_session_terminated"}}, "app_session_terminated"),
        ({"error": {"code": None, "type": "invalid_request_error"}}, None),
        ({"error": {"code": "surprise", "type": "invalid_grant"}}, "surprise"),
        ({"error": {"code": "first"}, "code": "second", "detail": {"code": "third"}}, "first"),
        ({"error": {"type": "request_forbidden"}, "detail": {"code": "third"}}, "third"),
        ({"code": 401, "detail": {"code": ["x"]}}, None),
        ([], None),
        (b"", None),
        (b"<html>SECRET</html>", None),
        (b'{"error":"a","error":"b"}', None),
    ],
)
def test_the_code_is_found_in_every_shape_and_nothing_else_is_kept(body: object, code: str | None) -> None:
    """Both shapes of `error`, the top level and `detail`, in this order; a type that is a code; never a sentence."""
    refused = read_error(answer(body, 400, x_request_id="req-1"))
    assert (refused.status, refused.code, refused.request_id) == (400, code, "req-1")
    assert "SECRET" not in repr(vars(refused)) + str(refused)


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("120", None, 120.0),
        ("0", None, 0.0),
        ("999999999", None, 2_592_000.0),
        ("Sun, 22 Nov 2026 18:02:00 GMT", "Sun, 22 Nov 2026 18:00:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 17:00:00 GMT", "Sun, 22 Nov 2026 18:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 18:02:00 GMT", None, None),
        ("Sun, 22 Nov 2026 18:02:00 -0000", "Sun, 22 Nov 2026 18:00:00 GMT", None),
        ("soon", None, None),
        ("-5", None, None),
        ("1.5", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_when_to_come_back_is_seconds_or_a_date(
    retry_after: str | None, date: str | None, seconds: float | None
) -> None:
    """A date counts from the answer's own `Date`; nonsense counts for nothing; a month is the most."""
    headers = {name: value for name, value in (("retry_after", retry_after), ("date", date)) if value is not None}
    assert read_error(answer({}, 503, **headers)).retry_after == seconds


@pytest.mark.parametrize(
    ("response", "case"),
    [
        (answer({"error": "unsupported_country_region_territory"}, 403), "region-unsupported"),
        (answer(b"<html>", 403, cf_mitigated="challenge"), "cloudflare-challenge"),
        (answer(b" \n<!doctype html>", 403), "cloudflare-challenge"),
        (answer(b"slow down", 429), "login-rate-limited"),
        (answer({}, 503), "provider-outage"),
        (answer(b"", 520), "provider-outage"),
        (answer({}, 408), "provider-outage"),
        (answer({"error": "never_heard_of"}, 400), "unclassified"),
    ],
)
def test_what_no_code_tells_is_told_by_the_answer(response: Response, case: str) -> None:
    """An outage, a challenge, too many attempts; the rest stays unclassified."""
    assert read_error(response).case == case


def test_six_codes_are_terminal() -> None:
    """And `invalid_client` is not one of them."""
    assert len(TERMINAL_CODES) == 6
    assert "invalid_client" not in TERMINAL_CODES


@given(st.integers(0, 999), st.binary(), st.text(), st.text())
def test_any_answer_gives_an_error_to_raise(status: int, body: bytes, retry_after: str, date: str) -> None:
    """Reading never fails."""
    headers = {"retry-after": retry_after, "date": date, "x-request-id": retry_after}
    refused = read_error(Response(status=status, headers=headers, body=body))
    assert refused.retry_after is None or 0 <= refused.retry_after <= 2_592_000
