"""Owns the store in files: one directory an account, no secret in the open, every write whole or not at all.

    account.json        who it is
    session             line 1: the header; line 2: the tokens, sealed; token commits only
    health.json         how it fares; best effort
    models.json         the list of models of the grant that is held; best effort
    intent              a refresh token is about to be spent; or, sealed, the last secret, whose key is still to be
                        deleted
    answered            empty; locked by the process whose answer to the intent lies in its memory alone
    signed-out          ends every session whose sign-in is not later; never removed, a later sign-in outranks it
    revocation-pending  the sealed refresh token, kept for its revocation alone; the whole sealed session where that
                        could not be opened. Further ones are numbered: `revocation-pending-2` …

A damaged file stays where it is while it is only read, so that every reader says the same of it, and is set aside
under `….corrupt-N` by the next write. A file of an older schema is read as what it meant, and replaced in today's by
the next write; one of a newer schema is never touched, whatever is asked for.
"""

import os
import time
import uuid
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import partial

from signedin import ports
from signedin.errors import SignedinError, StoreError, UnknownAccount
from signedin.facts import SessionFacts
from signedin.model_list import ModelList
from signedin.ports import Claim, Log
from signedin.record import AccountRecord, AttemptNote, Health, PendingRevocation, Preferences, Stored
from signedin.session import Session
from signedin.stored_state import noted
from signedin_adapters.stores import claim, durable, header, host, marker, peek, records, sealing, trust
from signedin_adapters.stores.answer_mark import AnswerMark
from signedin_adapters.stores.fields import Fields, refuse_newer
from signedin_adapters.stores.home import AccountPaths, AppPaths
from signedin_adapters.stores.intent import Look
from signedin_adapters.stores.keys import KeyHolder
from signedin_adapters.stores.lock import Lock
from signedin_adapters.stores.revocations import Revocations
from signedin_adapters.stores.sign_in_lock import sole_sign_in
from signedin_adapters.stores.vault import Vault


class FileStore:
    """`signedin.ports.Store` in files, sealed under the keys of `holder`.

    `kind` is what `status` calls it; `place` is the app's directory, which the first record gives its `app_name`.
    """

    def __init__(
        self,
        paths: AppPaths,
        holder: KeyHolder,
        *,
        kind: str,
        app_name: str | None = None,
        log: Log | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.kind, self.place = kind, paths.directory
        self._paths, self._app_name, self._log, self._clock = paths, app_name, log, clock
        self._vault = Vault(holder, clock)
        self._answer_marks: dict[str, AnswerMark] = {}
        self._identity = self.place, kind, holder.kind, holder.place, app_name, log, clock

    def __eq__(self, other: object) -> bool:
        """Whether the other one is as good as this: the same files, under the same keys."""
        return isinstance(other, FileStore) and type(other) is type(self) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def probe(self) -> None:
        """Write, sync and remove a file as large as any session, and ask the key's holder."""
        durable.make_app_directories(self._paths)
        sample = os.path.join(self._paths.accounts, f".probe-{os.getpid()}")
        durable.write(sample, bytes(sealing.SESSION_BYTES))
        durable.remove(sample)
        self._vault.probe()

    def records(self) -> Sequence[AccountRecord]:
        """All accounts, oldest first; one that cannot be read is logged and left out."""
        if not peek.exists(self._paths):
            return ()
        ids = peek.account_ids(self._paths)
        return records.readable(ids, lambda id_: self._record(self._existing(id_)), skipped=self._skipped)

    def save_record(self, record: AccountRecord) -> None:
        """Write the record. Another account of the same user and workspace refuses it."""
        records.refuse_twin(record, self.records)
        durable.make_app_directories(self._paths)
        paths = self._account(record.id)
        durable.make_directory(paths.directory)
        before = _read_or_set_aside(paths.record)
        durable.write(paths.record, records.dump_account(record, before))
        if self._app_name is not None and not os.path.lexists(self._paths.name):
            durable.write(self._paths.name, records.dump({"name": self._app_name}))

    def load(self, account_id: str) -> Stored:
        """Open everything. An intent counts as a doubt while nobody holds the lock, and no later session came of it."""
        paths = self._existing(account_id)
        self._holds_answer(paths)  # one of our own that is over says nothing any more
        seen = Look(paths)
        doubt = seen.intent is not None and not seen.busy and not self._holds_answer(paths)
        return self._read(paths, seen=seen if doubt else None)

    def stamp(self, account_id: str) -> object:
        """Inode, size and time of the session and of the signed-out marker."""
        with suppress(ValueError):
            paths = self._account(account_id)
            return trust.stamp(paths.session), trust.stamp(paths.signed_out)
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
                answer_mark=self._answer_mark(paths),
                read=lambda in_doubt, answered: replace(self._read(paths), in_doubt=in_doubt, answered=answered),
                opened=lambda path: self._open(paths, path),
                seal=partial(self._sealed, paths),
                now=self._clock(),
            )

    def sign_in_claim(self, account_id: str) -> AbstractContextManager[None]:
        """The kernel lock `sign-in.lock`: the account's own, or the app's where nobody ever signed in to it."""
        durable.make_app_directories(self._paths)
        return sole_sign_in(self._sign_in_lock(account_id), app=self._paths.slug, clock=self._clock)

    def mark_signed_out(self, account_id: str, *, revoke: bool = True) -> int:
        """Write the marker, without the lock. Whoever signs out holds no answer any more, marked or not."""
        paths = self._existing(account_id)
        _refuse_newer(paths.record, paths.wrapped_key)
        try:
            return claim.mark_signed_out(paths, self._clock(), revoke=revoke)
        finally:
            self._answer_mark(paths).drop()

    def clear(self, account_id: str, *, ended: int, keep_for_revocation: bool, unsaved: Session | None = None) -> None:
        """Remove the tokens; the refresh token alone may stay, sealed. A key that cannot be deleted seals nothing."""
        paths = self._existing(account_id)
        with _undisturbed(paths):
            claim.end_cut_off_commit(paths, lambda path: self._open(paths, path))
            if not claim.is_ended(paths, ended):
                return
            if keep_for_revocation:
                self._keep_for_revocation(paths, unsaved)
            self._answer_mark(paths).drop()
            _remove_note(paths.health)
            _remove_note(paths.models)
            if peek.revocations(paths):
                durable.remove(paths.session)
                durable.remove(paths.intent)
            else:
                self._remove_with_key(paths, paths.session)

    def pending_revocation(self, account_id: str) -> PendingRevocation | None:
        """The oldest refresh token that waits for its revocation, of those that can be opened.

        What waited 30 days is removed.
        """
        paths = self._existing(account_id)
        revocations = self._revocations(paths)
        for path in revocations.outdated():
            self._remove_revocation(paths, path)
        oldest = revocations.oldest()
        if oldest is None:
            return None
        facts, token = oldest
        return PendingRevocation(record=records.bound(self._record(paths), facts), token=token)

    def drop_revocation(self, account_id: str, pending: PendingRevocation) -> None:
        """Remove the kept refresh token, and the key where nothing else lies under it."""
        paths = self._existing(account_id)
        path = self._revocations(paths).path_of(pending.token)
        if path is not None:
            self._remove_revocation(paths, path)

    def forget(self, account_id: str) -> None:
        """Remove the account's directory with all that lies in it, and its key; not what a later version left."""
        paths = self._existing(account_id)
        with _undisturbed(paths):
            _refuse_newer(*_all(paths))
            for path in (paths.session, *peek.revocations(paths), paths.record):
                durable.remove(path)
            self._delete_key(paths)
        durable.remove_directory(paths.directory)

    def note_health(self, account_id: str, health: Health) -> None:
        """Write `health.json`, or not."""
        with suppress(SignedinError, ValueError):
            path = self._existing(account_id).health
            _refuse_newer(path)
            kept = noted(health, _read_health(path), at=self._clock())
            durable.write(path, records.dump_health(kept), durable=False)

    def keep_models(self, models: ModelList) -> None:
        """Write `models.json`, or not."""
        with suppress(SignedinError, ValueError):
            path = self._existing(models.account_id).models
            _read_or_set_aside(path)
            durable.write(path, records.dump_models(models), durable=False)

    def kept_models(self, account_id: str) -> ModelList | None:
        """What `models.json` says; a damaged one, and one of a newer schema, says nothing."""
        with suppress(SignedinError, ValueError):
            if fields := _read(self._existing(account_id).models):
                return records.load_models(fields)
        return None

    def note_attempt(self, note: AttemptNote | None) -> None:
        """Write or remove `attempt.json`, or not."""
        with suppress(StoreError, ValueError):
            _refuse_newer(self._paths.attempt)
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
        """What `preferences.json` says; a damaged one, and one of a newer schema, says nothing."""
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

    def _answer_mark(self, paths: AccountPaths) -> AnswerMark:
        return self._answer_marks.setdefault(paths.id, AnswerMark(paths))

    def _holds_answer(self, paths: AccountPaths) -> bool:
        """Whether an answer lies in our memory alone; nothing is kept for an account that never had one."""
        mark = self._answer_marks.get(paths.id)
        return mark is not None and mark.holds()

    def _revocations(self, paths: AccountPaths) -> Revocations:
        return Revocations(paths, self._vault, self._clock)

    def _read(self, paths: AccountPaths, *, seen: Look | None = None) -> Stored:
        """The session is read after the intent was `seen`, and before the marker."""
        record, opened = self._record(paths), self._open(paths, paths.session)
        facts, session = opened or (None, None)
        doubt = seen is not None and seen.intent is not None and seen.intent.is_doubt(facts)
        answered = doubt and seen is not None and seen.answered
        return Stored(
            record=records.bound(record, facts) if facts else record,
            session=session,
            health=_read_health(paths.health),
            signed_out=marker.is_signed_out(paths, facts),
            in_doubt=doubt and not answered,
            answered=answered,
            left=claim.left_behind(paths),
            copied=facts is not None and host.copied(facts.host_id, self._paths.host_id),
            revocation_pending=bool(peek.revocations(paths)),
        )

    def _open(self, paths: AccountPaths, path: str) -> tuple[SessionFacts, Session] | None:
        data = trust.read(path)
        if data is None:
            return None
        facts = header.read(data, path, holds=sealing.SESSION)
        key = self._vault.key(facts, paths.id, path)
        return facts, sealing.open_session(data, facts, key, path)

    def _sealed(self, paths: AccountPaths, session: Session, before: SessionFacts | None, sign_in: bool) -> bytes:
        """The session as it is about to be committed. A sign-in's begins without the list of the grant before."""
        if sign_in:
            _remove_note(paths.models)
        return self._vault.seal(session, self._record(paths), before, sign_in=sign_in, path=paths.session)

    def _keep_for_revocation(self, paths: AccountPaths, unsaved: Session | None) -> None:
        """The refresh token that lies there, or the one that took its place and lies in memory alone."""
        before = claim.stored(paths)
        if unsaved is None or (before is not None and before.generation >= unsaved.generation):
            return self._revocations(paths).keep_stored()
        sealed = self._vault.seal(
            unsaved, self._record(paths), before, sign_in=False, path=paths.session, holds=sealing.REVOCATION
        )
        return self._revocations(paths).keep(unsaved, sealed)

    def _remove_revocation(self, paths: AccountPaths, path: str) -> None:
        with _undisturbed(paths):
            if os.path.lexists(paths.session) or peek.revocations(paths) != [path]:
                durable.remove(path)
            else:
                self._remove_with_key(paths, path)

    def _remove_with_key(self, paths: AccountPaths, secret: str) -> None:
        """Remove the last secret, after its key: until then an intent brings the next start here again."""
        _refuse_newer(paths.intent, paths.wrapped_key)
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

    def _skipped(self, account_id: str, error: StoreError) -> None:
        self._note("store.record_skipped", account_id, error)

    def _note(self, event: str, account_id: str, error: StoreError) -> None:
        if self._log:
            self._log.write(event, account=account_id, case=error.case)


def _undisturbed(paths: AccountPaths) -> Lock:
    """The account's lock: nobody commits while something is removed."""
    return Lock(paths.lock, deadline=time.monotonic() + ports.CLEARING_SECONDS)


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


def _refuse_newer(*paths: str) -> None:
    """What a later version wrote is neither replaced nor removed. Raises StoreError."""
    for path in paths:
        try:
            data = trust.read(path)
        except StoreError:  # not to be trusted, which is for its own reader to say
            continue
        if data is not None:
            refuse_newer(data, path)


def _all(paths: AccountPaths) -> tuple[str, ...]:
    """Every record that an account can have."""
    lasting = (paths.record, paths.session, paths.health, paths.models, paths.intent, paths.signed_out)
    return (*lasting, paths.wrapped_key, *peek.revocations(paths))


def _remove_note(path: str) -> None:
    """Best effort: what it says of a session that is over counts for nobody."""
    with suppress(StoreError):
        _refuse_newer(path)
        durable.remove(path)


def _read_health(path: str) -> Health | None:
    with suppress(StoreError):
        fields = _read(path)
        return records.load_health(fields) if fields else None
    return None
