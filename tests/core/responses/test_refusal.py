"""What a refusal of the API means to the one who asked."""

import json

import pytest

from signedin import cases
from signedin.errors import AnswerRefused, UnknownModel
from signedin.oauth.messages import Response
from signedin.provider import ApiRules
from signedin.responses import refusal

CODED = [
    (403, "subscription_sharing_user_not_eligible", "plan-not-included"),
    (429, "subscription_sharing_usage_limit_exceeded", "app-usage-limit-hit"),
    (429, "subscription_sharing_v2_usage_limit_exceeded", "app-usage-limit-hit"),
    (503, "subscription_sharing_usage_unavailable", "usage-check-unavailable"),
    (400, "subscription_sharing_unsupported_capability", "route-or-capability-unsupported"),
    (403, "subscription_sharing_route_not_supported", "route-or-capability-unsupported"),
    (403, "chatpass_v2_scope_not_authorized", "plan-consent-declined"),
    (403, "unsupported_country_region_territory", "region-unsupported"),
    (400, "never_heard_of", "unclassified"),
    (503, "never_heard_of", "provider-outage"),
    (429, "usage_limit_reached", "usage-limit-hit"),
    (403, "usage_not_included", "plan-not-included"),
    (404, "usage_not_included", "plan-not-included"),
    (429, "rate_limit_exceeded", "login-rate-limited"),
    (402, "deactivated_workspace", "workspace-deactivated"),
    (403, "invalid_workspace_selected", "account-id-header-wrong"),
]

TOLD_WHO_ASKS = ApiRules(headers=(("originator", "signedin"),))


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


@pytest.mark.parametrize("shape", ["error", "detail", "type", "code"])
def test_a_code_counts_wherever_it_stands(shape: str) -> None:
    """And is kept for whoever reports it."""
    code = "usage_limit_reached"
    bodies = {
        "error": {"error": code},
        "detail": {"detail": {"code": code}},
        "type": {"error": {"type": code, "message": "Ask ada@example.com."}},
        "code": {"code": code},
    }
    error = refusal.of_answer(Response(status=429, body=json.dumps(bodies[shape]).encode()))
    assert isinstance(error, AnswerRefused)
    assert (error.case, error.code) == ("usage-limit-hit", code)


@pytest.mark.parametrize(
    ("body", "case"),
    [
        (b"{}", "client-not-recognised"),
        (b"", "client-not-recognised"),
        (b'{"detail":"Not from here."}', "client-not-recognised"),
        (b'{"error":{"code":"never_heard_of"}}', "unclassified"),
        (b'{"error":{"code":"usage_not_included"}}', "plan-not-included"),
        (b"<html>", "cloudflare-challenge"),
    ],
)
def test_an_api_that_is_told_who_asks_may_turn_them_away(body: bytes, case: str) -> None:
    """Where it says nothing else."""
    assert refusal.of_answer(Response(status=403, body=body), TOLD_WHO_ASKS).case == case


@pytest.mark.parametrize("status", [400, 402, 404])
def test_only_a_403_turns_anybody_away(status: int) -> None:
    """Another status says too little."""
    assert refusal.of_answer(Response(status=status), TOLD_WHO_ASKS).case == "unclassified"


def test_another_workspace_is_no_other_account() -> None:
    """Nobody signed in as somebody else: the case has a name and words of its own."""
    body = b'{"detail":{"code":"invalid_workspace_selected"}}'
    error = refusal.of_answer(Response(status=403, body=body))
    assert (error.case, "workspace" in error.message) == ("account-id-header-wrong", True)


def test_a_limit_says_when_it_ends() -> None:
    """In seconds from the answer; in words too, which are not read."""
    body = {"error": {"type": "usage_limit_reached", "message": "Come back at noon.", "resets_in_seconds": 4320}}
    error = refusal.of_answer(Response(status=429, headers={"retry-after": "7"}, body=json.dumps(body).encode()))
    assert isinstance(error, AnswerRefused)
    assert error.retry_after == 4320.0


def test_a_limit_inside_a_stream_ends_as_the_head_of_the_stream_said() -> None:
    """Its event says nothing of it."""
    headers = {"x-codex-primary-used-percent": "100", "x-codex-primary-reset-after-seconds": "60"}
    error = refusal.of_code("usage_limit_reached", Response(status=200, headers=headers))
    assert isinstance(error, AnswerRefused)
    assert (error.case, error.retry_after) == ("usage-limit-hit", 60.0)


def test_other_refusals_end_as_they_say() -> None:
    """By `Retry-After`, whatever stands in the limits' headers."""
    headers = {
        "retry-after": "7",
        "x-codex-primary-used-percent": "100",
        "x-codex-primary-reset-after-seconds": "60",
    }
    error = refusal.of_answer(Response(status=429, headers=headers, body=b'{"error":"rate_limit_exceeded"}'))
    assert isinstance(error, AnswerRefused)
    assert error.retry_after == 7.0


def test_a_refused_model_is_an_unknown_model() -> None:
    """With the case that says how to choose another."""
    error = refusal.of_answer(Response(status=404, body=b'{"error":{"code":"model_not_found"}}'))
    assert isinstance(error, UnknownModel)
    assert error.case == "model-not-in-plan"


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("subscription_sharing_usage_limit_exceeded", "app-usage-limit-hit"),
        ("server_error", "provider-outage"),
        (None, "provider-outage"),
        ("never_heard_of", "unclassified"),
        ("usage_limit_reached", "usage-limit-hit"),
        ("usage_not_included", "plan-not-included"),
        ("rate_limit_exceeded", "login-rate-limited"),
        ("server_is_overloaded", "provider-outage"),
        ("service_unavailable_error", "provider-outage"),
        ("slow_down", "provider-outage"),
    ],
)
def test_an_error_inside_a_stream_has_the_same_cases(code: str | None, case: str) -> None:
    """The stream's own status, 200, says nothing about it."""
    assert refusal.of_code(code, Response(status=200)).case == case


def test_every_case_it_gives_is_in_the_catalogue() -> None:
    """So that there is a remedy."""
    assert {case for _, _, case in CODED} <= set(cases.CASES)
