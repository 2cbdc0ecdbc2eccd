"""What the API says about the account, and what its refusal means to the one who asked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.observed import WORDS, answers

from signedin import cases
from signedin.classify import api
from signedin.classify.answer import refusal_case
from signedin.classify.api import (
    ApiFinding,
    answer_case,
    api_code,
    api_finding,
    code_finding,
    error_code,
    stream_case,
)
from signedin.oauth.messages import Response
from signedin.oauth.refusal import TERMINAL_CODES
from signedin.states import Flag


@pytest.mark.parametrize("code", ["token_invalidated", "token_revoked"])
def test_two_codes_of_the_api_end_the_grant(code: str) -> None:
    """Whatever the status."""
    for status in (401, 403, 500):
        assert api_finding(status, {}, json.dumps({"error": {"code": code}}).encode()).ended


@pytest.mark.parametrize(
    ("prefix", "case"),
    [
        ("", "usage-limit-hit"),
        ("subscription_sharing_", "app-usage-limit-hit"),
        ("subscription_sharing_v2_", "app-usage-limit-hit"),
    ],
)
def test_a_usage_limit_is_a_flag(prefix: str, case: str) -> None:
    """Under each name it was seen with: the plan's own, or that of the share that an app is lent."""
    body = json.dumps({"error": {"code": f"{prefix}usage_limit_exceeded"}}).encode()
    assert api_finding(429, {}, body) == ApiFinding(case=case, flag=Flag.USAGE_PAUSED)


def test_a_model_that_is_not_in_the_plan_is_a_flag() -> None:
    """Another model may do."""
    finding = api_finding(404, {}, b'{"error": {"code": "model_not_found"}}')
    assert finding.flag is Flag.MODELS_BLOCKED


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<html>", b'{"error": {"code": "token_expired"}}', b'{"detail": "Unauthorized"}']
)
def test_a_401_without_a_known_code_is_a_refused_token(body: bytes) -> None:
    """A refresh may help."""
    assert api_finding(401, {}, body) == ApiFinding(unauthorized=True)


def test_a_token_that_is_refused_in_the_end_has_a_case() -> None:
    """Whoever is told of it has seen another one refused before."""
    refused = api_finding(401, {}, b"")
    case = answer_case(401, refused, code=None, otherwise="unclassified", told_who_asks=True)
    assert case == "api-401-loop"


def test_a_401_for_missing_scopes_is_not() -> None:
    """A refresh would not help."""
    finding = api_finding(401, {}, b'{"error": {"message": "Missing scopes: model.read"}}')
    assert finding == ApiFinding(case="scopes-missing")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"code": "a", "type": "usage_limit_reached"}, "code": "b", "detail": {"code": "c"}}, "a"),
        ({"error": "a", "code": "b", "detail": {"code": "c"}}, "a"),
        ({"error": {"code": None, "type": "usage_limit_reached"}, "code": "b"}, "usage_limit_reached"),
        ({"error": {"type": "usage_not_included"}}, "usage_not_included"),
        ({"error": {"type": "rate_limit_exceeded"}}, "rate_limit_exceeded"),
        ({"error": {"type": "invalid_request_error"}, "code": "b", "detail": {"code": "c"}}, "b"),
        ({"detail": {"code": "c"}}, "c"),
        ({"error": {"code": "Ask ada@example.com."}}, ""),
        ({"detail": "c"}, ""),
        ({"detail": [{"type": "usage_limit_reached"}]}, ""),
        ({"error": {"type": ["usage_limit_reached"]}}, ""),
    ],
)
def test_the_code_of_an_answer_stands_in_one_of_five_places(body: dict[str, object], code: str) -> None:
    """In this order; an error's type is one only where it is known as such, and a sentence never is."""
    assert api_code(json.dumps(body).encode()) == code


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("usage_not_included", "plan-not-included"),
        ("rate_limit_exceeded", "login-rate-limited"),
        ("deactivated_workspace", "workspace-deactivated"),
        ("invalid_workspace_selected", "account-id-header-wrong"),
    ],
)
def test_what_another_sign_in_would_not_change_changes_nothing(code: str, case: str) -> None:
    """It is told, in each shape that a code comes in, and the token is good."""
    for body in ({"error": {"code": code}}, {"detail": {"code": code}}):
        assert api_finding(403, {}, json.dumps(body).encode()) == ApiFinding(case=case)


@pytest.mark.parametrize("code", ["usage_limit_reached", "insufficient_quota"])
def test_what_is_used_up_is_a_flag(code: str) -> None:
    """Whether it is a plan's or a key's."""
    body = json.dumps({"error": {"code": code}}).encode()
    assert api_finding(429, {}, body) == ApiFinding(case="usage-limit-hit", flag=Flag.USAGE_PAUSED)


@pytest.mark.parametrize(
    "detail",
    [
        "The 'gpt-9' model is not supported when using Codex with a ChatGPT account.",
        "Model 'gpt-9' is not supported.",
        'The model "gpt-9" is not supported here',
        "the model `gpt-9` is not supported",
    ],
)
def test_a_model_may_be_refused_in_words(detail: str) -> None:
    """There is no code beside them."""
    body = json.dumps({"detail": detail}).encode()
    assert api_finding(400, {}, body) == ApiFinding(case="model-not-in-plan", flag=Flag.MODELS_BLOCKED)


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (400, "Unsupported parameter: temperature"),
        (400, "Parameter 'temperature' is not supported with this model."),
        (400, "Store must be set to false"),
        (400, {"message": "The model is not supported."}),
        (500, "The model is not supported."),
    ],
)
def test_other_words_refuse_no_model(status: int, detail: object) -> None:
    """Words decide where nothing else does, and only these."""
    finding = api_finding(status, {}, json.dumps({"detail": detail}).encode())
    assert finding.flag is None


def test_a_challenge_of_the_edge_is_not_the_apis_word() -> None:
    """By its header, before the status."""
    assert api_finding(403, {"cf-mitigated": "challenge"}, b"<html>").case == "cloudflare-challenge"
    assert not api_finding(401, {"cf-mitigated": "challenge"}, b"<html>").unauthorized


@pytest.mark.parametrize("status", [400, 402, 403, 404, 409, 429])
def test_any_other_refusal_says_nothing_of_the_account(status: int) -> None:
    """It is the caller's."""
    assert api_finding(status, {}, b'{"error": {"code": "surprise"}}') == ApiFinding()


def test_a_workspace_that_is_not_let_in_is_told() -> None:
    """By the code that the API has for it; a refresh would not help."""
    body = json.dumps({"detail": {"code": "codex_cli_workspace_disabled"}}).encode()
    assert api_finding(403, {}, body) == ApiFinding(case="workspace-not-entitled")


@pytest.mark.parametrize("code", sorted(TERMINAL_CODES))
def test_what_ends_a_grant_at_the_token_endpoint_ends_none_here(code: str) -> None:
    """Codes are scoped to their endpoint: at the API such a token is one to renew."""
    assert api_finding(401, {}, json.dumps({"error": {"code": code}}).encode()) == ApiFinding(unauthorized=True)
    assert code_finding(code) is None


@given(answers(), st.booleans())
def test_whatever_the_api_says_is_a_finding_and_a_case(answer: Response, told_who_asks: bool) -> None:
    """Total; a grant is ended by its two codes alone."""
    status, headers, body = answer.status, answer.headers, answer.body
    finding, code = api_finding(status, headers, body), api_code(body)
    assert finding.case is None or finding.case in cases.CASES
    assert finding.ended is (code.split("_sharing_")[-1].removeprefix("v2_") in ("token_invalidated", "token_revoked"))
    otherwise = refusal_case(status, headers, body, code=code or None)
    case = answer_case(status, finding, code=code or None, otherwise=otherwise, told_who_asks=told_who_asks)
    assert case in cases.CASES


@given(st.none() | WORDS)
def test_whatever_a_stream_ends_with_has_a_case(code: str | None) -> None:
    """Total; no code at all is an outage, an unknown one is unclassified."""
    assert stream_case(code) in cases.CASES
    assert stream_case(None) == stream_case("overloaded") == "provider-outage"
    assert stream_case("of_the_future") == "unclassified"


@given(st.recursive(st.none() | WORDS, lambda inner: st.dictionaries(WORDS, inner)))
def test_an_error_object_of_any_shape_has_a_code_or_none(error: object) -> None:
    """It may come from anywhere inside a stream."""
    assert isinstance(error_code(error), str)


def test_every_case_that_is_given_is_in_the_catalogue() -> None:
    """A finding without its explanation would help nobody."""
    given_cases = {finding.case for finding in api._CODES.values()} - {None}
    assert given_cases <= set(cases.CASES)
