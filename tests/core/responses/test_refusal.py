"""What a refusal of the API means to the one who asked."""

import json

import pytest

from signedin import cases
from signedin.errors import AnswerRefused, UnknownModel
from signedin.oauth.messages import Response
from signedin.responses import refusal

CODED = [
    (403, "subscription_sharing_user_not_eligible", "plan-not-included"),
    (429, "subscription_sharing_usage_limit_exceeded", "usage-limit-hit"),
    (429, "subscription_sharing_v2_usage_limit_exceeded", "usage-limit-hit"),
    (503, "subscription_sharing_usage_unavailable", "usage-check-unavailable"),
    (400, "subscription_sharing_unsupported_capability", "route-or-capability-unsupported"),
    (403, "subscription_sharing_route_not_supported", "route-or-capability-unsupported"),
    (403, "chatpass_v2_scope_not_authorized", "plan-consent-declined"),
    (403, "unsupported_country_region_territory", "region-unsupported"),
    (400, "never_heard_of", "unclassified"),
    (503, "never_heard_of", "provider-outage"),
]


@pytest.mark.parametrize(("status", "code", "case"), CODED)
def test_a_code_decides_the_case(status: int, code: str, case: str) -> None:
    """Whatever sentence comes with it; the request id is kept for whoever reports it."""
    body = json.dumps({"error": {"code": code, "message": "Ask ada@example.com."}}).encode()
    error = refusal.of_answer(Response(status=status, headers={"x-request-id": "req_1"}, body=body))
    assert isinstance(error, AnswerRefused)
    assert (error.case, error.status, error.code, error.request_id) == (case, status, code, "req_1")
    assert "ada" not in error.message


@pytest.mark.parametrize(
    ("status", "body", "case"),
    [
        (403, b'{"detail":"Not from here."}', "plan-not-included"),
        (503, b'{"detail":"Direct routing is unavailable."}', "provider-outage"),
        (520, b"<html>", "provider-outage"),
        (403, b"<html>", "cloudflare-challenge"),
        (429, b"{}", "login-rate-limited"),
        (422, b'{"detail":[{"loc":["body","input"],"type":"list_type"}]}', "unclassified"),
        (204, b"", "unclassified"),
    ],
)
def test_without_a_code_the_status_decides(status: int, body: bytes, case: str) -> None:
    """As far as it says anything."""
    error = refusal.of_answer(Response(status=status, body=body))
    assert isinstance(error, AnswerRefused)
    assert error.case == case


def test_a_refused_model_is_an_unknown_model() -> None:
    """With the case that says how to choose another."""
    error = refusal.of_answer(Response(status=404, body=b'{"error":{"code":"model_not_found"}}'))
    assert isinstance(error, UnknownModel)
    assert error.case == "model-not-in-plan"


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("subscription_sharing_usage_limit_exceeded", "usage-limit-hit"),
        ("server_error", "provider-outage"),
        (None, "provider-outage"),
        ("never_heard_of", "unclassified"),
    ],
)
def test_an_error_inside_a_stream_has_the_same_cases(code: str | None, case: str) -> None:
    """The stream's own status, 200, says nothing about it."""
    assert refusal.of_code(code, Response(status=200)).case == case


def test_every_case_it_gives_is_in_the_catalogue() -> None:
    """So that there is a remedy."""
    assert {case for _, _, case in CODED} <= set(cases.CASES)
