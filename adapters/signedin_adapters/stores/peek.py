"""Owns reading an app's files for `status`: without key, network, waiting or writing, and without ever failing.

What cannot be read becomes a named fault beside what can. Judging is `signedin.status`' work. On the path of
`status`: it imports `os`, `json`, and small modules of ours.
"""

import os

from signedin.errors import StoreError
from signedin.facts import AccountFacts, AppFacts, AttemptFacts, Fault, HealthFacts
from signedin_adapters.stores import header, host, marker, trust
from signedin_adapters.stores.fields import Fields, corrupt
from signedin_adapters.stores.home import AccountPaths, AppPaths
from signedin_adapters.stores.intent import Look
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
        _look_at_locks(facts, paths)
        seen = None
        with faults:
            seen = Look(paths)
        for look_at in (_look_at_record, _look_at_session):
            with faults:
                look_at(facts, paths, faults)
        if seen is not None:
            _judge_intent(facts, seen)
        with faults:
            facts.signed_out = marker.is_signed_out(paths, facts.session)
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


def revocations(paths: AccountPaths) -> list[str]:
    """What waits for its revocation, oldest first. Never raises."""
    try:
        names = [name for name in os.listdir(paths.directory) if revocation_number(name)]
    except OSError:
        return []
    return [os.path.join(paths.directory, name) for name in sorted(names, key=revocation_number)]


def revocation_number(name: str) -> int:
    """The number in a file's name, 1 for the first of all; 0 where it is none of these."""
    first, _, number = name.partition("pending-")
    if name == "revocation-pending":
        return 1
    return int(number) if first == "revocation-" and number.isascii() and number.isdigit() else 0


def read_attempt(fields: Fields) -> AttemptFacts:
    """What became of the last sign-in. Raises StoreError for a damaged file."""
    return AttemptFacts(
        account_id=fields.text("account_id"),
        case=fields.optional_text("case"),
        at=fields.number("at"),
        provider=fields.optional_text("provider"),
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
    facts.workspace, facts.plan = record.optional_text("workspace"), record.optional_text("plan")
    facts.model, facts.created_at = record.optional_text("model"), record.number("created_at")


def _look_at_session(facts: AccountFacts, paths: AccountPaths, faults: _Faults) -> None:
    data = _read(paths.session, faults)
    if data is not None:
        facts.session = header.read(data, paths.session, holds="session")


def _judge_intent(facts: AccountFacts, seen: Look) -> None:
    """An intent that a later session went past says nothing any more."""
    facts.refreshing = seen.busy
    facts.intent = seen.intent is not None and seen.intent.is_doubt(facts.session)
    facts.answered = facts.intent and seen.answered


def _look_at_locks(facts: AccountFacts, paths: AccountPaths) -> None:
    facts.revocation_pending = bool(revocations(paths))
    facts.refreshing, facts.signing_in = held(paths.lock), held(paths.sign_in_lock)
