"""Owns reading an app's files for `status`: without key, network, waiting or writing, and without ever failing.

What cannot be read becomes a named fault beside what can. Judging is `signedin.status`' work. On the path of
`status`: it imports `os`, `json`, and small modules of ours.
"""

import os

from signedin.errors import StoreError
from signedin.facts import AccountFacts, AppFacts, AttemptFacts, Fault, HealthFacts
from signedin_adapters.stores import header, host, trust
from signedin_adapters.stores.fields import Fields, corrupt
from signedin_adapters.stores.home import AccountPaths, AppPaths
from signedin_adapters.stores.lock import held


def look(home: str, slug: str) -> AppFacts:
    """Everything that lies on disk for the app. An app that nobody used has no accounts and no faults."""
    paths, faults = AppPaths(home, slug), _Faults()
    facts = AppFacts(home=home, slug=slug)
    with faults:
        if exists(paths):
            found = [look_at_account(paths, account_id) for account_id in account_ids(paths)]
            facts.accounts = tuple(sorted(found, key=lambda account: (account.created_at, account.id)))
            facts.signing_in = held(paths.sign_in_lock)
    with faults:
        if attempt := _fields(paths.attempt, faults):
            facts.attempt = read_attempt(attempt)
    with faults:
        if preferences := _fields(paths.preferences, faults):
            facts.default_account = preferences.optional_text("default_account")
            facts.store = preferences.optional_text("store")
    facts.faults = tuple(faults.found)
    return facts


def look_at_account(app: AppPaths, account_id: str) -> AccountFacts:
    """Everything that lies on disk for one account."""
    paths, faults = app.account(account_id), _Faults()
    facts = AccountFacts(id=account_id)
    with faults:
        trust.check_directory(paths.directory)
        _look_at_markers(facts, paths)
        for look_at in (_look_at_record, _look_at_session):
            with faults:
                look_at(facts, paths, faults)
        with _Faults():  # a torn intent is one still
            _look_at_intent(facts, paths)
        if not facts.created_at:  # nobody ever signed in to it
            facts.signing_in = held(app.sign_in_lock)
        facts.copied = facts.session is not None and host.copied(facts.session.host_id, app.host_id)
        _note_too_open(paths.key, faults)
        with _Faults():  # health is best effort: a broken one is no fault
            if health := _fields(paths.health, faults):
                facts.health = read_health(health)
    facts.faults = tuple(faults.found)
    return facts


def exists(paths: AppPaths) -> bool:
    """Whether the app has a directory of accounts, with all above it to be trusted. Raises StoreError."""
    home, *below = paths.directories()
    return trust.check_directory(home, follow=True) and all(trust.check_directory(path) for path in below)


def account_ids(paths: AppPaths) -> list[str]:
    """The names of the accounts' directories; anything else that lies there is none of ours. Raises StoreError."""
    try:
        names = os.listdir(paths.accounts)
    except OSError as error:
        raise trust.store_error(error, paths.accounts) from error
    return sorted(name for name in names if name.isascii() and name.replace("-", "").isalnum())


def read_attempt(fields: Fields) -> AttemptFacts:
    """What became of the last sign-in. Raises StoreError for a damaged file."""
    return AttemptFacts(
        account_id=fields.text("account_id"),
        case=fields.optional_text("case"),
        at=fields.number("at"),
    )


def read_health(fields: Fields) -> HealthFacts:
    """How the account fared. Raises StoreError for a damaged file."""
    return HealthFacts(
        generation=fields.integer("generation"),
        state=fields.text("state"),
        case=fields.optional_text("case"),
        flags=fields.texts("flags"),
        retry_at=fields.optional_number("retry_at"),
        backed_off_at=fields.optional_number("backed_off_at"),
        last_verified_at=fields.optional_number("last_verified_at"),
    )


class _Faults:
    """`with faults:` a StoreError inside becomes a fault, and the looking goes on after the block."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, traceback: object) -> bool:
        if not isinstance(error, StoreError):
            return False
        self.found.append(Fault(case=error.case, path=error.path or "", message=error.message))
        return True


def _read(path: str, faults: _Faults) -> bytes | None:
    data = trust.read(path)
    _note_too_open(path, faults)
    return data


def _note_too_open(path: str, faults: _Faults) -> None:
    if trust.too_open(path):
        message = f"Others may read {path}: run `chmod 600 {path}`"
        faults.found.append(Fault(case="file-too-open", path=path, message=message))


def _fields(path: str, faults: _Faults) -> Fields | None:
    data = _read(path, faults)
    return None if data is None else Fields(data, path)


def _look_at_record(facts: AccountFacts, paths: AccountPaths, faults: _Faults) -> None:
    record = _fields(paths.record, faults)
    if record is None:
        raise corrupt(paths.record)
    facts.provider, facts.label = record.text("provider"), record.text("label")
    facts.issuer, facts.token_endpoint = record.text("issuer"), record.text("token_endpoint")
    facts.api_base, facts.client_id = record.optional_text("api_base"), record.optional_text("client_id")
    facts.subject, facts.email = record.optional_text("subject"), record.optional_text("email")
    facts.model, facts.created_at = record.optional_text("model"), record.number("created_at")


def _look_at_session(facts: AccountFacts, paths: AccountPaths, faults: _Faults) -> None:
    data = _read(paths.session, faults)
    if data is not None:
        facts.session = header.read(data, paths.session, holds="session")


def _look_at_intent(facts: AccountFacts, paths: AccountPaths) -> None:
    """An intent that a later session went past says nothing any more."""
    data = trust.read(paths.intent)
    if data is not None and facts.session is not None:
        intended = Fields(data.partition(b"\n")[0], paths.intent).integer("generation")
        facts.intent = facts.session.generation <= intended
        facts.answered = facts.answered and facts.intent


def _look_at_markers(facts: AccountFacts, paths: AccountPaths) -> None:
    facts.signed_out = os.path.lexists(paths.signed_out)
    facts.intent = os.path.lexists(paths.intent)
    facts.answered = facts.intent and held(paths.intent)
    facts.revocation_pending = os.path.lexists(paths.revocation_pending)
    facts.refreshing, facts.signing_in = held(paths.lock), held(paths.sign_in_lock)
