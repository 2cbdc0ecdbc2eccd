"""Owns which account is meant: by its label, else the default, else the first that somebody signed in to. Pure."""

import secrets
from collections.abc import Sequence

from signedin.errors import MisuseError, UnknownAccount
from signedin.provider import Provider
from signedin.record import AccountRecord


def select(
    records: Sequence[AccountRecord], *, label: str | None, provider: str | None, default: str | None, new: bool = False
) -> AccountRecord | None:
    """The account that is meant, None where there is none yet. Raises UnknownAccount, naming the labels there are.

    `new` means one that there is not: None, or MisuseError where there is an account of that label.
    """
    if new:
        _require_free(records, label)
        return None
    candidates = [record for record in records if provider is None or record.provider == provider]
    if label is not None:
        return _labelled(candidates, label)
    preferred = [record for record in candidates if record.label == default]
    signed_in_once = [record for record in candidates if record.subject is not None]
    return next(iter((*preferred, *signed_in_once, *candidates)), None)


def new_record(provider: Provider, *, label: str = "") -> AccountRecord:
    """An account that nobody has signed in to yet; it is on disk from the first issued registration on."""
    return AccountRecord(
        id=secrets.token_hex(8),
        provider=provider.name,
        label=label,
        issuer=provider.issuer,
        api_base=provider.api_base,
        redirect_path=provider.redirect_path,
    )


def _require_free(records: Sequence[AccountRecord], label: str | None) -> None:
    if label is not None and any(record.label == label for record in records):
        raise MisuseError(f"There is an account called {label!r} already.")


def _labelled(records: Sequence[AccountRecord], label: str) -> AccountRecord:
    for record in records:
        if record.label == label:
            return record
    known = ", ".join(record.label for record in records) or "none yet"
    raise UnknownAccount(f"There is no account called {label!r}. Accounts: {known}.")
