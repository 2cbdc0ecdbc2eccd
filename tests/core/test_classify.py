"""Which event a failed refresh is, and what an API's answer says: by code before status, total, never guessed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin import cases, classify
from signedin import events as ev
from signedin.classify import ApiFinding, api_code, api_finding, exchange_case, refresh_outcome
from signedin.errors import (
    AnswerRefused,
    ConfigurationError,
    SignedinError,
    StoreError,
    TransportFailed,
    UnknownAccount,
)
from signedin.oauth.messages import Response
from signedin.oauth.refusal import TERMINAL_CODES, read_error
from signedin.states import Flag

NOW = 1_000.0


def outcome(error: SignedinError, *, was_in_doubt: bool = False) -> ev.Event:
    """The event that it is."""
    return refresh_outcome(error, at=NOW, was_in_doubt=was_in_doubt)


def refused(
    status: int, code: str | None = None, *, body: bytes = b"", retry_after: str | None = None
) -> AnswerRefused:
    """The error that an answer reads as."""
    if code is not None:
        body = json.dumps({"error": code}).encode()
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return read_error(Response(status=status, headers=headers, body=body))


# Refreshing.


@pytest.mark.parametrize("code", sorted(TERMINAL_CODES))
@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_the_six_codes_end_the_grant_whatever_the_status(code: str, status: int) -> None:
    """And nothing else does; a doubt from before explains it."""
    ended = outcome(refused(status, code))
    assert isinstance(ended, ev.RefreshRejected)
    assert ended.case in cases.CASES
    assert outcome(refused(status, code), was_in_doubt=True) == ev.RefreshRejected(at=NOW, case="refresh-interrupted")


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("refresh_token_reused", "refresh-token-reused"),
        ("refresh_token_invalidated", "refresh-token-revoked"),
        ("refresh_token_expired", "refresh-token-expired-idle"),
        ("token_expired", "refresh-token-expired-idle"),
        ("invalid_refresh_token", "session-ended"),
        ("invalid_grant", "session-ended"),
    ],
)
def test_each_of_the_six_says_why(code: str, case: str) -> None:
    """As a case of its own where the code is one."""
    assert outcome(refused(400, code)) == ev.RefreshRejected(at=NOW, case=case)


ENDING = ("refresh_token_revoked", "token_revoked", "token_invalidated", "app_session_terminated", "acme_over")


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("refresh_token_revoked", "refresh-token-revoked"),
        ("token_revoked", "refresh-token-revoked"),
        ("token_invalidated", "refresh-token-revoked"),
        ("app_session_terminated", "session-ended"),
        ("acme_over", "session-ended"),
    ],
)
def test_a_profile_may_name_more_codes_that_end_a_grant(code: str, case: str) -> None:
    """They do so there, and nowhere else."""
    error = refused(401, code)
    ended = refresh_outcome(error, at=NOW, was_in_doubt=False, ending_codes=ENDING)
    assert ended == ev.RefreshRejected(at=NOW, case=case)
    assert outcome(error) == ev.RefreshRefused(at=NOW, case="unclassified")


def test_a_refusal_without_a_code_ends_no_grant_anywhere() -> None:
    """Whatever a profile names."""
    ended = refresh_outcome(refused(401), at=NOW, was_in_doubt=False, ending_codes=ENDING)
    assert isinstance(ended, ev.RefreshRefused)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 599])
def test_outages_and_limits_say_nothing_of_the_grant(status: int) -> None:
    """The server's wish to be left alone is passed on."""
    failed = outcome(refused(status, "some_code", retry_after="7"))
    assert isinstance(failed, ev.RefreshFailed)
    assert failed.retry_after == 7.0
    assert failed.in_doubt is (status >= 500)


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_page_instead_of_json_is_somebody_in_between(status: int) -> None:
    """Whatever its status."""
    assert isinstance(outcome(refused(status, body=b"<!doctype html>")), ev.RefreshFailed)


def test_a_refused_region_is_the_networks_and_not_the_grants() -> None:
    """Another route may do."""
    failed = outcome(refused(403, "unsupported_country_region_territory"))
    assert isinstance(failed, ev.RefreshFailed)
    assert failed.case == "region-unsupported"


@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client"])
def test_a_refused_client_keeps_the_credential(code: str) -> None:
    """It says nothing of the user."""
    assert outcome(refused(401, code)) == ev.RefreshRefused(at=NOW, case="client-refused")


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 422])
@pytest.mark.parametrize("code", [None, "surprise", "invalid_request", "invalid_scope", "access_denied"])
def test_what_is_not_known_is_unclassified_and_keeps_the_credential(status: int, code: str | None) -> None:
    """By code, never by status."""
    assert outcome(refused(status, code)) == ev.RefreshRefused(at=NOW, case="unclassified")


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("before", [True, False])
def test_what_may_have_been_sent_may_have_been_spent(sent: bool, before: bool) -> None:
    """A doubt from before stays."""
    error = TransportFailed("No answer.", kind="reset", sent=sent, case="offline")
    failed = outcome(error, was_in_doubt=before)
    assert failed == ev.RefreshFailed(at=NOW, case="offline", in_doubt=sent or before)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("error", [StoreError("Full.", case="disk-full-or-readonly"), UnknownAccount("Gone.")])
def test_a_store_in_trouble_is_no_verdict(error: SignedinError, before: bool) -> None:
    """Nothing was sent."""
    failed = outcome(error, was_in_doubt=before)
    assert isinstance(failed, ev.RefreshFailed)
    assert failed.case in cases.CASES
    assert failed.in_doubt is before


def test_a_mistake_in_the_configuration_is_the_users_to_correct() -> None:
    """No time ends it."""
    assert isinstance(outcome(ConfigurationError("Wrong.")), ev.RefreshRefused)


@given(
    status=st.integers(100, 599),
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(st.none() | st.text() | st.integers(), lambda v: st.dictionaries(st.text(), v), max_leaves=5).map(
            lambda value: json.dumps(value).encode()
        ),
        st.sampled_from(sorted(TERMINAL_CODES)).map(lambda code: json.dumps({"error": {"code": code}}).encode()),
    ),
    doubt=st.booleans(),
)
def test_whatever_comes_is_one_event(status: int, body: bytes, doubt: bool) -> None:
    """Total: never an exception, and only the six codes end anything."""
    error = read_error(Response(status=status, headers={}, body=body))
    event = outcome(error, was_in_doubt=doubt)
    assert isinstance(event, ev.RefreshFailed | ev.RefreshRefused | ev.RefreshRejected)
    assert isinstance(event, ev.RefreshRejected) is (error.code in TERMINAL_CODES)


# Exchanging a code.


@pytest.mark.parametrize(
    ("error", "case"),
    [
        (refused(400, "invalid_grant"), "code-expired-or-used"),
        (refused(401, "invalid_client"), "client-refused"),
        (refused(400, "invalid_request"), "redirect-uri-mismatch"),
        (refused(400, "redirect_uri_mismatch"), "redirect-uri-mismatch"),
        (refused(400, "surprise"), "unclassified"),
        (refused(503), "provider-outage"),
        (TransportFailed("No answer.", kind="dns", sent=False, case="dns-failure"), "dns-failure"),
    ],
)
def test_a_code_that_cannot_be_redeemed_has_a_case(error: SignedinError, case: str) -> None:
    """One of the catalogue."""
    assert exchange_case(error) == case
    assert case in cases.CASES


@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client"])
def test_an_issued_id_that_is_refused_at_a_sign_in_is_gone(code: str) -> None:
    """A sign-in is what tells a registration that was removed from a refusal that passes."""
    assert exchange_case(refused(401, code), registered=True) == "registration-gone"
    assert exchange_case(refused(400, "invalid_grant"), registered=True) == "code-expired-or-used"


# The API.


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
        ("invalid_workspace_selected", "wrong-account-or-workspace"),
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


@given(status=st.integers(100, 599), body=st.binary(max_size=300))
def test_whatever_the_api_says_is_a_finding(status: int, body: bytes) -> None:
    """Total: never an exception, and nothing ends by accident."""
    finding = api_finding(status, {}, body)
    assert not finding.ended
    assert finding.case is None or finding.case in cases.CASES
    assert isinstance(api_code(body), str)


def test_every_case_that_is_given_is_in_the_catalogue() -> None:
    """A finding without its explanation would help nobody."""
    given_cases = {finding.case for finding in classify._API_CODES.values()} - {None}
    assert given_cases <= set(cases.CASES)
