"""What a refresh or the exchange of a code came to: by code before status, total, never guessed."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.observed import STATUSES, WORDS, answers

from signedin import cases
from signedin import events as ev
from signedin.classify.grant import exchange_case, refresh_outcome
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

NOW = 1_000.0
ANY_CASE = st.sampled_from(sorted(cases.CASES))


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


@given(answers(), st.booleans(), st.lists(WORDS, max_size=3).map(tuple))
def test_only_a_code_that_ends_a_grant_ends_one(answer: Response, doubt: bool, ending: tuple[str, ...]) -> None:
    """Total: whatever the token endpoint says is one event with a case, and all else keeps the credential."""
    error = read_error(answer)
    event = refresh_outcome(error, at=NOW, was_in_doubt=doubt, ending_codes=ending)
    assert isinstance(event, ev.RefreshFailed | ev.RefreshRefused | ev.RefreshRejected)
    assert isinstance(event, ev.RefreshRejected) is (error.code in TERMINAL_CODES.union(ending))
    assert event.case in cases.CASES


@given(
    st.builds(AnswerRefused, st.just("No."), case=ANY_CASE, status=STATUSES, code=st.none() | WORDS)
    | st.builds(TransportFailed, st.just("No answer."), kind=st.text(), sent=st.booleans(), case=ANY_CASE)
    | st.builds(StoreError, st.just("Full."), case=ANY_CASE)
    | st.builds(UnknownAccount, st.just("Gone.")),
    st.booleans(),
)
def test_no_error_is_taken_for_the_end_of_a_grant(error: SignedinError, doubt: bool) -> None:
    """Whatever it carries, only an answer with one of the codes is."""
    event = outcome(error, was_in_doubt=doubt)
    assert isinstance(event, ev.RefreshFailed | ev.RefreshRefused | ev.RefreshRejected)
    ends = isinstance(error, AnswerRefused) and error.code in TERMINAL_CODES
    assert isinstance(event, ev.RefreshRejected) is ends
    assert {event.case, exchange_case(error)} - {UnknownAccount.case} <= set(cases.CASES)


@given(answers(), st.sampled_from([400, 401, 402, 403, 404, 410, 422, 451]))
def test_an_unknown_code_is_unclassified_and_keeps_its_request_id(answer: Response, status: int) -> None:
    """Whatever else the answer says: whoever reports it can name the request."""
    unknown = replace(answer, status=status, headers={"x-request-id": "req_1"}, body=b'{"error": "of_the_future"}')
    error = read_error(unknown)
    assert outcome(error) == ev.RefreshRefused(at=NOW, case="unclassified")
    assert exchange_case(error) == "unclassified"
    assert (error.code, error.request_id) == ("of_the_future", "req_1")


@pytest.mark.parametrize("code", ["token_invalidated", "token_revoked"])
def test_what_ends_a_grant_at_the_api_ends_none_here(code: str) -> None:
    """Codes are scoped to their endpoint."""
    assert outcome(refused(401, code)) == ev.RefreshRefused(at=NOW, case="unclassified")


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


@given(answers(), st.booleans())
def test_whatever_an_exchange_comes_to_has_a_case(answer: Response, registered: bool) -> None:
    """Total, and one of the catalogue."""
    assert exchange_case(read_error(answer), registered=registered) in cases.CASES
