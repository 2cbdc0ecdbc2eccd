"""Which account is meant."""

from dataclasses import replace

import pytest

from signedin.errors import MisuseError, UnknownAccount
from signedin.provider import Provider
from signedin.record import AccountRecord
from signedin.selection import new_record, select

ACME = Provider(name="acme", title="Acme", issuer="https://id.example", client_id="native", redirect_path="/back")
ADA = AccountRecord(id="1", provider="acme", label="ada", issuer="https://id.example", subject="s1")
GRACE = AccountRecord(id="2", provider="acme", label="grace", issuer="https://id.example", subject="s2")
OTHER = AccountRecord(id="3", provider="other", label="emmy", issuer="https://other.example", subject="s3")
RECORDS = (ADA, GRACE, OTHER)


def selected(label: str | None = None, provider: str | None = None, default: str | None = None) -> str | None:
    """The label that is meant among the three."""
    record = select(RECORDS, label=label, provider=provider, default=default)
    return None if record is None else record.label


def test_a_label_decides() -> None:
    """Before the default."""
    assert selected("grace", default="ada") == "grace"


def test_else_the_default() -> None:
    """As far as it is at the provider that is meant."""
    assert selected(default="grace") == "grace"
    assert selected(provider="acme", default="emmy") == "ada"
    assert selected(default="nobody") == "ada"


def test_else_the_first_that_somebody_signed_in_to() -> None:
    """A registration that came to nothing comes last."""
    assert selected() == "ada"
    assert selected(provider="other") == "emmy"
    unfinished = replace(ADA, subject=None)
    assert select((unfinished, GRACE), label=None, provider=None, default=None) == GRACE
    assert select((unfinished,), label=None, provider=None, default=None) == unfinished


def test_where_there_is_none_yet_none_is_meant() -> None:
    """It begins here."""
    assert selected(provider="third") is None
    assert select((), label=None, provider=None, default=None) is None


@pytest.mark.parametrize(("provider", "known"), [(None, "ada, grace, emmy"), ("other", "emmy"), ("third", "none yet")])
def test_an_unknown_label_is_answered_with_the_known_ones(provider: str | None, known: str) -> None:
    """Those of the provider that is meant."""
    with pytest.raises(UnknownAccount, match=known):
        selected("nobody", provider)


def test_a_label_at_another_provider_is_not_the_one_that_is_meant() -> None:
    """Its session would not fit."""
    with pytest.raises(UnknownAccount):
        selected("emmy", "acme")


def test_a_new_account_is_none_of_these() -> None:
    """And must not be called like one."""
    assert select(RECORDS, label="new", provider="acme", default=None, new=True) is None
    assert select(RECORDS, label=None, provider="acme", default=None, new=True) is None
    with pytest.raises(MisuseError, match="ada"):
        select(RECORDS, label="ada", provider="acme", default=None, new=True)


def test_a_new_record_is_nobodys() -> None:
    """With an id of its own, and the places of its provider."""
    one, other = new_record(ACME, label="ada"), new_record(ACME)
    assert one.id != other.id
    assert (one.label, one.issuer, one.redirect_path) == ("ada", "https://id.example", "/back")
    assert (one.client_id, one.subject) == (None, None)
