"""Owns how the records without secrets become JSON and come back. Fields that a later version added are kept.

Reading is strict about types and raises StoreError; what to do about a damaged file is its reader's matter.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import cast

from signedin.errors import StoreError, UnknownAccount
from signedin.facts import SessionFacts
from signedin.model_list import ModelList
from signedin.record import AccountRecord, AttemptNote, Health, Preferences
from signedin.version import VERSION
from signedin_adapters.stores import peek
from signedin_adapters.stores.fields import SCHEMA, Fields, corrupt

_STAMP = frozenset({"schema", "writer"})
_CHOICES = frozenset({"default_account", "store"})


def dump(values: dict[str, object]) -> bytes:
    """One JSON object with our schema and version, laid out for people who look into it."""
    whole = {"schema": SCHEMA, "writer": VERSION} | {key: values[key] for key in values if key not in _STAMP}
    return json.dumps(whole, allow_nan=False, indent=2).encode() + b"\n"


def dump_account(record: AccountRecord, before: Fields | None) -> bytes:
    """The record, over the fields of the file that it replaces."""
    return dump((before.values if before else {}) | asdict(record))


def load_account(fields: Fields, account_id: str) -> AccountRecord:
    """The record of an account. Its id is its directory's name."""
    return AccountRecord(
        id=account_id,
        provider=fields.shared_text("provider"),
        label=fields.text("label"),
        issuer=fields.shared_text("issuer"),
        token_endpoint=fields.shared_text("token_endpoint"),
        api_base=fields.optional_shared_text("api_base"),
        client_id=fields.optional_text("client_id"),
        subject=fields.optional_text("subject"),
        workspace=fields.optional_text("workspace"),
        email=fields.optional_text("email"),
        plan=fields.optional_text("plan"),
        model=fields.optional_text("model"),
        redirect_path=fields.text("redirect_path"),
        created_at=fields.number("created_at"),
        notice_shown=fields.flag("notice_shown"),
    )


def readable(
    account_ids: Iterable[str], load: Callable[[str], AccountRecord], *, skipped: Callable[[str, StoreError], None]
) -> tuple[AccountRecord, ...]:
    """The records of these accounts, oldest first. One that cannot be read is `skipped`, one that is gone is not."""
    found: list[AccountRecord] = []
    for account_id in account_ids:
        try:
            found.append(load(account_id))
        except UnknownAccount:
            continue
        except StoreError as error:
            skipped(account_id, error)
    return tuple(sorted(found, key=lambda record: (record.created_at, record.id)))


def refuse_twin(record: AccountRecord, others: Callable[[], Iterable[AccountRecord]]) -> None:
    """Raise StoreError where one of the `others` is of the same user and workspace."""
    if record.identity is None:
        return
    for other in others():
        if other.id != record.id and other.identity == record.identity:
            raise StoreError(
                f"Whoever signed in has an account here already: {other.label}", case="account-exists-already"
            )


def bound(record: AccountRecord, facts: SessionFacts) -> AccountRecord:
    """The record with the addresses that the session is bound to: they are authenticated, the record is not."""
    return replace(record, issuer=facts.issuer, token_endpoint=facts.token_endpoint, api_base=facts.api_base)


def dump_health(health: Health) -> bytes:
    """How the account fares."""
    return dump(asdict(health))


def load_health(fields: Fields) -> Health:
    """How the account fared."""
    facts = peek.read_health(fields)
    return Health(
        generation=facts.generation,
        state=facts.state,
        case=facts.case,
        flags=facts.flags,
        retry_at=facts.retry_at,
        backed_off_at=facts.backed_off_at,
        last_verified_at=facts.last_verified_at,
    )


def dump_models(kept: ModelList) -> bytes:
    """An account's list of models."""
    listed: dict[str, object] = {"models": [{"id": id_, "name": name} for id_, name in kept.models]}
    return dump(asdict(kept) | listed)


def load_models(fields: Fields) -> ModelList:
    """The list of models, and whose it is."""
    return ModelList(
        account_id=fields.text("account_id"),
        provider=fields.shared_text("provider"),
        api_base=fields.shared_text("api_base"),
        client_id=fields.optional_text("client_id"),
        subject=fields.optional_text("subject"),
        models=_models(fields),
        fetched_at=fields.number("fetched_at"),
        tried_at=fields.number("tried_at"),
        etag=fields.optional_text("etag"),
        case=fields.optional_text("case"),
        path=fields.optional_text("path") or "/models",
    )


def dump_attempt(note: AttemptNote) -> bytes:
    """What became of a sign-in."""
    return dump(asdict(note))


def load_attempt(fields: Fields) -> AttemptNote:
    """What became of the last sign-in."""
    facts = peek.read_attempt(fields)
    return AttemptNote(account_id=facts.account_id, case=facts.case, at=facts.at, provider=facts.provider)


def dump_preferences(preferences: Preferences) -> bytes:
    """What the user chose, with what a later version let them choose."""
    chosen: dict[str, object] = {"default_account": preferences.default_account, "store": preferences.store}
    return dump(preferences.unknown | chosen)


def load_preferences(fields: Fields) -> Preferences:
    """What the user chose."""
    return Preferences(
        default_account=fields.optional_text("default_account"),
        store=fields.optional_text("store"),
        unknown={key: value for key, value in fields.values.items() if key not in _STAMP | _CHOICES},
    )


def _models(fields: Fields) -> tuple[tuple[str, str], ...]:
    entries = fields.values.get("models")
    if not isinstance(entries, list):
        raise corrupt(fields.path)
    return tuple(_model(entry, fields.path) for entry in cast(list[object], entries))


def _model(entry: object, path: str) -> tuple[str, str]:
    named = cast(dict[str, object], entry) if isinstance(entry, dict) else {}
    id_, name = named.get("id"), named.get("name")
    if not isinstance(id_, str) or not isinstance(name, str):
        raise corrupt(path)
    return id_, name
