"""What the error means that a browser came back with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.observed import WORDS

from signedin.cases import CASES
from signedin.classify.callback import error_case


@pytest.mark.parametrize(
    ("error", "description", "case"),
    [
        ("access_denied", "", "user-denied-consent"),
        ("access_denied", "The user said no.", "user-denied-consent"),
        ("access_denied", "Missing_Codex_Entitlement", "workspace-not-entitled"),
        ("server_error", "missing_codex_entitlement", "authorization-refused"),
        ("of_the_future", "", "authorization-refused"),
    ],
)
def test_a_no_is_the_users_or_the_workspaces(error: str, description: str, case: str) -> None:
    """Any other error is the provider's."""
    assert error_case(error, description) == case


@given(WORDS, st.text() | st.just("missing_codex_entitlement"))
def test_whatever_a_browser_brings_has_a_case(error: str, description: str) -> None:
    """Total, and one of the catalogue."""
    assert error_case(error, description) in CASES
