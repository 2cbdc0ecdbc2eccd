"""What it means that no whole answer came."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.observed import NUMBERS

from signedin.cases import CASES
from signedin.classify.transport import KINDS, transport_case
from signedin.states import Category


@pytest.mark.parametrize(
    ("kind", "sent", "unsent"),
    [
        ("dns", "dns-failure", "dns-failure"),
        ("connect", "offline", "offline"),
        ("timeout", "proxy-not-used", "proxy-not-used"),
        ("tls", "tls-interception", "tls-interception"),
        ("proxy", "proxy-not-used", "proxy-not-used"),
        ("proxy-auth", "proxy-auth-required", "proxy-auth-required"),
        ("reset", "request-timeout-ambiguous", "offline"),
        ("deadline", "request-timeout-ambiguous", "proxy-not-used"),
        ("too-large", "ok-status-error-body", "ok-status-error-body"),
        ("encoding", "ok-status-error-body", "ok-status-error-body"),
        ("redirect", "ok-status-error-body", "ok-status-error-body"),
    ],
)
def test_each_kind_has_a_case(kind: str, sent: str, unsent: str) -> None:
    """A request that never left leaves no doubt."""
    assert transport_case(kind, sent=True) == sent
    assert transport_case(kind, sent=False) == unsent


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_a_process_that_has_nothing_left_to_send_with_is_not_offline(number: int) -> None:
    """Unless the request had left."""
    assert transport_case("connect", sent=False, numbers={number, errno.ECONNREFUSED}) == "no-thread"
    assert transport_case("reset", sent=True, numbers={number}) == "request-timeout-ambiguous"


@given(st.sampled_from(KINDS) | st.text(), st.booleans(), st.sets(NUMBERS))
def test_whatever_breaks_has_a_case(kind: str, sent: bool, numbers: set[int]) -> None:
    """Total: one of the catalogue, and of a known kind one that time, a setting or the machine's owner can end."""
    case = CASES[transport_case(kind, sent=sent, numbers=numbers)]
    assert kind in KINDS or case.id in ("unclassified", "no-thread")
    assert kind not in KINDS or case.category in (Category.TRANSIENT, Category.ENVIRONMENT)
