"""What the answers of a device flow mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.observed import STATUSES, WORDS

from signedin.cases import CASES
from signedin.classify.device import UNUSABLE, ending_case, passing_case, start_case

OWN_CASES = st.sampled_from(sorted(CASES))


def test_a_start_is_refused_by_status_then_by_code() -> None:
    """An app that may not use codes is another trouble than one that is not known."""
    assert start_case(None, otherwise="unclassified", off=True) == "device-code-disabled"
    assert start_case("unauthorized_client", otherwise="unclassified") == "device-code-disabled"
    assert start_case("invalid_client", otherwise="unclassified") == "client-refused"
    assert start_case("surprise", otherwise="provider-outage") == "provider-outage"


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("access_denied", "user-denied-consent"),
        ("authorization_denied", "user-denied-consent"),
        ("expired_token", "device-code-expired"),
        ("deviceauth_authorization_expired", "device-code-expired"),
        ("unauthorized_client", "client-refused"),
        ("invalid_grant", "code-expired-or-used"),
        ("authorization_pending", None),
        ("slow_down", None),
        (None, None),
    ],
)
def test_some_codes_end_the_asking(code: str | None, case: str | None) -> None:
    """With or without the provider's own prefix."""
    assert ending_case(code) == case


@pytest.mark.parametrize(
    ("status", "otherwise", "case"),
    [
        (503, "provider-outage", "provider-outage"),
        (429, "login-rate-limited", "login-rate-limited"),
        (403, "cloudflare-challenge", "cloudflare-challenge"),
        (200, "unclassified", "ok-status-error-body"),
        (400, "unclassified", None),
        (403, "region-unsupported", None),
    ],
)
def test_what_passes_is_asked_again(status: int, otherwise: str, case: str | None) -> None:
    """A refusal does not pass."""
    assert passing_case(status, otherwise=otherwise) == case


@given(st.none() | WORDS, STATUSES, OWN_CASES, st.booleans())
def test_whatever_comes_has_a_case_or_goes_on(code: str | None, status: int, otherwise: str, off: bool) -> None:
    """Total, and of the catalogue."""
    started, ended = start_case(code, otherwise=otherwise, off=off), ending_case(code)
    assert {started, ended, passing_case(status, otherwise=otherwise), UNUSABLE} - {None} <= set(CASES)
