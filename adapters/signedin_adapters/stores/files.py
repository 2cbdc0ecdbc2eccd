"""Owns the store in files: one directory an account, no secret in the open, every write whole or not at all.

    account.json        who it is
    session             line 1: the header; line 2: the tokens, sealed; token commits only
    health.json         how it fares; best effort
    intent              a refresh token is about to be spent
    signed-out          outranks every generation; only a sign-in's commit removes it
    revocation-pending  the sealed refresh token, kept for its revocation alone; the whole sealed session where that
                        could not be opened

A damaged file stays where it is while it is only read, so that every reader says the same of it, and is set aside
under `….corrupt-N` by the next write. A file of a newer schema is never touched.
"""

import os
import time
import uuid
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace

from signedin import ports
from signedin.errors import SignedinError, StoreError, UnknownAccount
from signedin.facts import SessionFacts
from signedin.ports import Claim, Log
from signedin.record import AccountRecord, AttemptNote, Health, PendingRevocation, Preferences, Stored
from signedin.session import Session
from signedin.stored_state import noted
from signedin_adapters.stores import claim, durable, header, host, peek, records, sealing, trust
from signedin_adapters.stores.answer import Answer
from signedin_adapters.stores.fields import Fields
from signedin_adapters.stores.home import AccountPaths, AppPaths
from signedin_adapters.stores.keys import KeyHolder
from signedin_adapters.stores.lock import Lock, held
from signedin_adapters.stores.sign_in_lock import sole_sign_in
from signedin_adapters.stores.vault import Vault

PROBE_BYTES = 64 * 1024
REVOCATION_SECONDS = 30 * 86400.0


class FileStore:
    """`signedin.ports.Store` in files, sealed under the keys of `holder`.

    `kind` is what `status` calls it; `place` is the app's directory.
    """

    def __init__(
        self,
        paths: AppPaths,
        holder: KeyHolder,
        *,
        kind: str,
        log: Log | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.kind, self.place = kind, paths.directory
        self._paths, self._log, self._clock = paths, log, clock
        self._vault = Vault(holder, clock)
        self._answers: dict[str, Answer] = {}

    def probe(self) -> None:
        """Write, sync and remove a file as large as any session, and ask the key's holder."""
        durable.make_app_directories(self._paths)
        sample = os.path.join(self._paths.accounts, f".probe-{os.getpid()}")
        durable.write(sample, bytes(PROBE_BYTES))
        durable.remove(sample)
        self._vault.probe()

    def records(self) -> Sequence[AccountRecord]:
        """All accounts, oldest first; one that cannot be read is logged and left out."""
        if not peek.exists(self._paths):
            return ()
        found = [record for name in peek.account_ids(self._paths) if (record := self._record_or_log(name))]
        return tuple(sorted(found, key=lambda record: (record.created_at, record.id)))

    def save_record(self, record: AccountRecord) -> None:
        """Write the record. Another account with the same issuer, client id and subject refuses it."""
        self._refuse_twin(record)
        durable.make_app_directories(self._paths)
        paths = self._account(record.id)
        durable.make_directory(paths.directory)
        before = _read_or_set_aside(paths.record)
        durable.write(paths.record, records.dump_account(record, before))

    def load(self, account_id: str) -> Stored:
        """Open everything. An intent counts as a doubt while nobody holds the lock."""
        paths = self._existing(account_id)
        if not claim.in_doubt(paths) or held(paths.lock) or self._answer(account_id).holds(paths.intent):
            return self._read(paths, in_doubt=False, answered=False)
        answered = claim.is_answered(paths)
        return self._read(paths, in_doubt=not answered, answered=answered)

    def stamp(self, account_id: str) -> object:
        """Inode, size and time of the session and of the signed-out marker."""
        with suppress(ValueError):
            paths = self._account(account_id)
            return _stat(paths.session), _stat(paths.signed_out)
        return None

    @contextmanager
    def claim(
        self, account_id: str, *, deadline: float, meanwhile: Callable[[], None] = lambda: None
    ) -> Generator[Claim]:
        """The account's kernel lock, until the block ends."""
        paths = self._existing(account_id)
        with Lock(paths.lock, deadline=deadline, meanwhile=meanwhile):
            durable.sweep(paths.directory, "session", "intent")
            yield claim.FileClaim(
                paths,
                answer=self._answer(account_id),
                read=lambda in_doubt, answered: self._read(paths, in_doubt=in_doubt, answered=answered),
                opened=lambda path: self._open(paths, path),
                seal=lambda session, before, sign_in: self._vault.seal(
                    session, self._record(paths), before, rebind=sign_in, path=paths.session
                ),
                now=self._clock(),
            )

    def sign_in_claim(self, account_id: str) -> AbstractContextManager[None]:
        """The kernel lock `sign-in.lock`: the account's own, or the app's where nobody ever signed in to it."""
        durable.make_app_directories(self._paths)
        return sole_sign_in(self._sign_in_lock(account_id), app=self._paths.slug, clock=self._clock)

    def mark_signed_out(self, account_id: str, *, revoke: bool = True) -> int:
        """Write the marker, without the lock. Whoever signs out holds no answer any more, marked or not."""
        self._answer(account_id).drop()
        return claim.mark_signed_out(self._existing(account_id), self._clock(), revoke=revoke)

    def clear(self, account_id: str, *, ended: int, keep_for_revocation: bool) -> None:
        """Remove the tokens; the refresh token alone may stay, sealed. A key that cannot be deleted seals nothing."""
        paths = self._existing(account_id)
        with _undisturbed(paths):
            if not claim.is_ended(paths, ended):
                return
            if keep_for_revocation:
                self._keep_for_revocation(paths)
            self._answer(account_id).drop()
            durable.remove(paths.health)
            if os.path.lexists(paths.revocation_pending):
                durable.remove(paths.session)
                durable.remove(paths.intent)
            else:
                self._remove_with_key(paths, paths.session)

    def pending_revocation(self, account_id: str) -> PendingRevocation | None:
        """The refresh token that still waits for its revocation; None where there is none or it waited 30 days."""
        paths = self._existing(account_id)
        data = trust.read(paths.revocation_pending)
        if data is None:
            return None
        facts = _read_pending_header(data, paths.revocation_pending)
        if facts.written_at < self._clock() - REVOCATION_SECONDS:
            self.drop_revocation(account_id)
            return None
        key = self._vault.key(facts, paths.id, paths.revocation_pending)
        token = sealing.open_revocation(data, key, paths.revocation_pending)
        return PendingRevocation(record=_bound(self._record(paths), facts), token=token)

    def drop_revocation(self, account_id: str) -> None:
        """Remove the kept refresh token, and the key where nothing else lies under it."""
        paths = self._existing(account_id)
        with _undisturbed(paths):
            if os.path.lexists(paths.session):
                durable.remove(paths.revocation_pending)
            else:
                self._remove_with_key(paths, paths.revocation_pending)

    def forget(self, account_id: str) -> None:
        """Remove the account's directory with all that lies in it, and its key."""
        paths = self._existing(account_id)
        with _undisturbed(paths):
            for path in (paths.session, paths.revocation_pending, paths.record):
                durable.remove(path)
            self._delete_key(paths)
        durable.remove_directory(paths.directory)

    def note_health(self, account_id: str, health: Health) -> None:
        """Write `health.json`, or not."""
        with suppress(SignedinError, ValueError):
            path = self._existing(account_id).health
            kept = noted(health, _read_health(path), at=self._clock())
            durable.write(path, records.dump_health(kept), durable=False)

    def note_attempt(self, note: AttemptNote | None) -> None:
        """Write or remove `attempt.json`, or not."""
        with suppress(StoreError, ValueError):
            if note is None:
                durable.remove(self._paths.attempt)
            else:
                durable.make_app_directories(self._paths)
                durable.write(self._paths.attempt, records.dump_attempt(note), durable=False)

    def attempt(self) -> AttemptNote | None:
        """What `attempt.json` says; a damaged one says nothing."""
        with suppress(StoreError):
            fields = _read(self._paths.attempt)
            return records.load_attempt(fields) if fields else None
        return None

    def host_id(self) -> str:
        """This machine's id, minted on first use; a copied home gets one of its own, a damaged file is set aside."""
        durable.make_app_directories(self._paths)
        if _read_or_set_aside(self._paths.host_id) and (known := host.known(self._paths.host_id)):
            return known
        minted = uuid.uuid4().urn
        durable.write(self._paths.host_id, records.dump({"host_id": minted, "machine": host.fingerprint()}))
        return minted

    def preferences(self) -> Preferences:
        """What `preferences.json` says; a damaged one says nothing."""
        with suppress(StoreError):
            if fields := _read(self._paths.preferences):
                return records.load_preferences(fields)
        return Preferences()

    def save_preferences(self, preferences: Preferences) -> None:
        """Write `preferences.json`. A damaged one is set aside, a newer one refused."""
        durable.make_app_directories(self._paths)
        _read_or_set_aside(self._paths.preferences)
        durable.write(self._paths.preferences, records.dump_preferences(preferences))

    def _sign_in_lock(self, account_id: str) -> str:
        with suppress(StoreError, UnknownAccount):  # a record that nobody can read is replaced by the first sign-in
            paths = self._existing(account_id)
            if self._record(paths).created_at:
                return paths.sign_in_lock
        return self._paths.sign_in_lock

    def _account(self, account_id: str) -> AccountPaths:
        return self._paths.account(account_id)

    def _existing(self, account_id: str) -> AccountPaths:
        """The paths of an account that is there, with all directories above it to be trusted."""
        with suppress(ValueError):
            paths = self._account(account_id)
            if peek.exists(self._paths) and trust.check_directory(paths.directory):
                return paths
        raise UnknownAccount("There is no such account on this machine")

    def _record(self, paths: AccountPaths) -> AccountRecord:
        fields = _read(paths.record)
        if fields is None:
            raise UnknownAccount("There is no such account on this machine")
        return records.load_account(fields, paths.id)

    def _record_or_log(self, account_id: str) -> AccountRecord | None:
        try:
            return self._record(self._existing(account_id))
        except UnknownAccount:
            return None
        except StoreError as error:
            self._note("store.record_skipped", account_id, error)
            return None

    def _refuse_twin(self, record: AccountRecord) -> None:
        if record.subject is None:
            return
        identity = (record.issuer, record.client_id, record.subject)
        for other in self.records():
            if other.id != record.id and (other.issuer, other.client_id, other.subject) == identity:
                raise StoreError(
                    f"This user is signed in already, as the account “{other.label}”", case="wrong-account-or-workspace"
                )

    def _answer(self, account_id: str) -> Answer:
        return self._answers.setdefault(account_id, Answer())

    def _read(self, paths: AccountPaths, *, in_doubt: bool, answered: bool) -> Stored:
        record, opened = self._record(paths), self._open(paths, paths.session)
        facts, session = opened or (None, None)
        return Stored(
            record=_bound(record, facts) if facts else record,
            session=session,
            health=_read_health(paths.health),
            signed_out=os.path.lexists(paths.signed_out),
            in_doubt=in_doubt,
            answered=answered,
            left=claim.left_behind(paths),
            copied=facts is not None and host.copied(facts.host_id, self._paths.host_id),
            revocation_pending=os.path.lexists(paths.revocation_pending),
        )

    def _open(self, paths: AccountPaths, path: str) -> tuple[SessionFacts, Session] | None:
        data = trust.read(path)
        if data is None:
            return None
        facts = header.read(data, path, holds=sealing.SESSION)
        key = self._vault.key(facts, paths.id, path)
        return facts, sealing.open_session(data, facts, key, path)

    def _keep_for_revocation(self, paths: AccountPaths) -> None:
        """Seal the refresh token alone. A session whose key is out of reach stays sealed as it is."""
        data = trust.read(paths.session)
        facts = _facts_of(data, paths.session)
        if data is None or facts is None or not facts.has_refresh_token:
            return
        with suppress(StoreError):
            key = self._vault.key(facts, paths.id, paths.session)
            session = sealing.open_session(data, facts, key, paths.session)
            facts.written_at = self._clock()
            data = sealing.seal(session, facts, key, holds=sealing.REVOCATION)
        durable.write(paths.revocation_pending, data)

    def _remove_with_key(self, paths: AccountPaths, secret: str) -> None:
        """Remove the last secret, after its key: until then an intent brings the next start here again."""
        if os.path.lexists(secret):
            durable.rename(secret, paths.intent)
        self._delete_key(paths)
        durable.remove(paths.intent)

    def _delete_key(self, paths: AccountPaths) -> None:
        """Nothing lies under the key any more, so a keyring that is locked now is no reason to fail."""
        try:
            self._vault.delete_key(paths.id)
        except StoreError as error:
            self._note("store.key_left", paths.id, error)
        for path in (paths.key, paths.wrapped_key):
            durable.remove(path)

    def _note(self, event: str, account_id: str, error: StoreError) -> None:
        if self._log:
            self._log.write(event, account=account_id, case=error.case)


def _undisturbed(paths: AccountPaths) -> Lock:
    """The account's lock: nobody commits while something is removed."""
    return Lock(paths.lock, deadline=time.monotonic() + ports.CLEARING_SECONDS)


def _facts_of(data: bytes | None, path: str) -> SessionFacts | None:
    """What the session's first line says; None for a damaged one, which nobody can ever open."""
    with suppress(StoreError):
        return None if data is None else header.read(data, path, holds=sealing.SESSION)
    return None


def _read_pending_header(data: bytes, path: str) -> SessionFacts:
    """What waits for its revocation is a refresh token alone or a whole session."""
    try:
        return header.read(data, path, holds=sealing.REVOCATION)
    except StoreError as error:
        if error.case != "file-corrupt-truncated":
            raise
        return header.read(data, path, holds=sealing.SESSION)


def _bound(record: AccountRecord, facts: SessionFacts) -> AccountRecord:
    """The record with the addresses that the session is bound to: they are authenticated, the record is not."""
    return replace(record, issuer=facts.issuer, token_endpoint=facts.token_endpoint, api_base=facts.api_base)


def _read(path: str) -> Fields | None:
    data = trust.read(path)
    return None if data is None else Fields(data, path)


def _read_or_set_aside(path: str) -> Fields | None:
    try:
        return _read(path)
    except StoreError as error:
        if error.case != "file-corrupt-truncated":
            raise
        durable.set_aside(path)
        return None


def _read_health(path: str) -> Health | None:
    with suppress(StoreError):
        fields = _read(path)
        return records.load_health(fields) if fields else None
    return None


def _stat(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
