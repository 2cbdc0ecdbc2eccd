"""Owns the store that keeps nothing: accounts live in this object and end with it. No file, no key, no seal."""

import os
import time
import uuid
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from threading import Lock
from weakref import WeakSet

from signedin import ports
from signedin.errors import StoreError, UnknownAccount
from signedin.model_list import ModelList
from signedin.ports import Claim
from signedin.record import AccountRecord, AttemptNote, Health, LeftBehind, PendingRevocation, Preferences, Stored
from signedin.session import Session
from signedin.stored_state import noted
from signedin_adapters.stores.sign_in_lock import Holder, in_progress

_PAUSE_SECONDS = 0.02


class MemoryStore:
    """`signedin.ports.Store` in this process' memory, for tests and for those who want nothing on disk.

    A forked child has the accounts and is signed out of them: a copy of the refresh token would be spent twice, and
    the provider would end both.
    """

    kind = "memory"

    def __init__(self) -> None:
        _stores.add(self)
        self.place = f"memory:{id(self)}"
        self._lock = Lock()
        self._accounts: dict[str, _Account] = {}
        self._preferences = Preferences()
        self._attempt: AttemptNote | None = None
        self._signing_in: dict[str, Holder] = {}
        self._host_id = uuid.uuid4().urn

    def probe(self) -> None:
        """There is always room."""

    def records(self) -> Sequence[AccountRecord]:
        """All accounts, oldest first."""
        with self._lock:
            records = [account.stored.record for account in self._accounts.values()]
        return tuple(sorted(records, key=lambda record: (record.created_at, record.id)))

    def save_record(self, record: AccountRecord) -> None:
        """Keep the record. Another account of the same user and workspace refuses it."""
        with self._lock:
            for other in (account.stored.record for account in self._accounts.values()):
                if record.identity is not None and _is_twin(record, other):
                    raise StoreError(
                        f"Whoever signed in has an account here already: {other.label}", case="account-exists-already"
                    )
            if account := self._accounts.get(record.id):
                account.stored = replace(account.stored, record=record)
            else:
                self._accounts[record.id] = _Account(Stored(record=record))

    def load(self, account_id: str) -> Stored:
        """What is held. An intent counts as a doubt while nobody holds the claim."""
        with self._lock:
            account = self._account(account_id)
            doubt = account.intended is not None and not account.claimed.locked()
            return account.read(in_doubt=doubt)

    def stamp(self, account_id: str) -> object:
        """The generation and the marker."""
        with self._lock:
            account = self._accounts.get(account_id)
            return account and (account.generation, account.stored.session is None, account.stored.signed_out)

    @contextmanager
    def claim(
        self, account_id: str, *, deadline: float, meanwhile: Callable[[], None] = lambda: None
    ) -> Generator[Claim]:
        """One claim at a time among this process' threads."""
        with self._lock:
            account = self._account(account_id)
        while not account.claimed.acquire(timeout=_PAUSE_SECONDS):
            if time.monotonic() >= deadline:
                raise StoreError("Another thread holds this account and has not finished", case="lock-timeout")
            meanwhile()
        try:
            yield _MemoryClaim(account, self._lock)
        finally:
            account.claimed.release()

    @contextmanager
    def sign_in_claim(self, account_id: str) -> Generator[None]:
        """One sign-in at a time to an account, and one to all those that nobody ever signed in to."""
        with self._lock:
            known = self._accounts.get(account_id)
            to = account_id if known and known.stored.record.created_at else ""
            if holder := self._signing_in.get(to):
                raise in_progress(holder, at=time.time())
            self._signing_in[to] = Holder.of_this_process("signedin", since=time.time())
        try:
            yield
        finally:
            self._signing_in.pop(to, None)

    def mark_signed_out(self, account_id: str, *, revoke: bool = True) -> int:
        """Set the marker."""
        with self._lock:
            account = self._account(account_id)
            session, left = account.stored.session, account.stored.left
            if session is not None:
                left = LeftBehind(generation=account.generation, revoke=revoke or (left is not None and left.revoke))
            account.stored = replace(account.stored, signed_out=True, left=left)
            return account.generation

    def clear(self, account_id: str, *, ended: int, keep_for_revocation: bool, unsaved: Session | None = None) -> None:
        """Drop the tokens; the refresh token alone may stay."""
        with self._undisturbed(account_id), self._lock:
            account = self._account(account_id)
            record, session = account.stored.record, account.stored.session
            if not account.stored.signed_out or account.generation > ended:
                return
            if unsaved is not None and (session is None or session.generation < unsaved.generation):
                session = unsaved
            if keep_for_revocation and session and session.refresh_token:
                account.keep(PendingRevocation(record=record, token=session.refresh_token))
            account.intended, account.models = None, None
            account.stored = Stored(record=record, signed_out=True)

    def pending_revocation(self, account_id: str) -> PendingRevocation | None:
        """The oldest refresh token that still waits for its revocation, if any."""
        with self._lock:
            return next(iter(self._account(account_id).to_revoke), None)

    def drop_revocation(self, account_id: str, pending: PendingRevocation) -> None:
        """Drop the kept refresh token."""
        with self._lock:
            to_revoke = self._account(account_id).to_revoke
            to_revoke[:] = [kept for kept in to_revoke if kept.token != pending.token]

    def forget(self, account_id: str) -> None:
        """Drop the account whole."""
        with self._undisturbed(account_id), self._lock:
            self._accounts.pop(account_id, None)

    def note_health(self, account_id: str, health: Health) -> None:
        """Keep how the account fares, if there is one."""
        with self._lock:
            if account := self._accounts.get(account_id):
                kept = noted(health, account.stored.health, at=time.time())
                account.stored = replace(account.stored, health=kept)

    def keep_models(self, models: ModelList) -> None:
        """Keep the list, if there is such an account."""
        with self._lock:
            if account := self._accounts.get(models.account_id):
                account.models = models

    def kept_models(self, account_id: str) -> ModelList | None:
        """The list that was kept last."""
        with self._lock:
            account = self._accounts.get(account_id)
            return account.models if account else None

    def note_attempt(self, note: AttemptNote | None) -> None:
        """Keep what became of the last sign-in."""
        self._attempt = note

    def attempt(self) -> AttemptNote | None:
        """The last failed or pending sign-in."""
        return self._attempt

    def host_id(self) -> str:
        """An id that lives as long as this object."""
        return self._host_id

    def preferences(self) -> Preferences:
        """What was saved last."""
        return self._preferences

    def save_preferences(self, preferences: Preferences) -> None:
        """Keep the choices."""
        self._preferences = preferences

    def begin_again(self) -> None:
        """In a forked child: the accounts stay, and what was secret in them is the parent's."""
        self._lock = Lock()
        self._signing_in.clear()
        for account in self._accounts.values():
            account.begin_again()

    def _undisturbed(self, account_id: str) -> AbstractContextManager[Claim]:
        """The claim: nobody commits while something is removed."""
        return self.claim(account_id, deadline=time.monotonic() + ports.CLEARING_SECONDS)

    def _account(self, account_id: str) -> "_Account":
        try:
            return self._accounts[account_id]
        except KeyError:
            raise UnknownAccount("There is no such account in this process") from None


class _Account:
    """One account: what is stored, the newest generation ever, the generation that an intent named, the claim."""

    def __init__(self, stored: Stored) -> None:
        self.stored, self.generation = stored, 0
        self.intended: int | None = None
        self.models: ModelList | None = None
        self.to_revoke: list[PendingRevocation] = []
        self.claimed = Lock()

    def begin_again(self) -> None:
        self.stored = Stored(record=self.stored.record, signed_out=True)
        self.intended, self.to_revoke = None, []
        self.claimed = Lock()

    def keep(self, pending: PendingRevocation) -> None:
        if pending not in self.to_revoke:
            self.to_revoke.append(pending)

    def read(self, *, in_doubt: bool) -> Stored:
        return replace(self.stored, in_doubt=in_doubt, revocation_pending=bool(self.to_revoke))


class _MemoryClaim:
    """`signedin.ports.Claim` over one account."""

    def __init__(self, account: _Account, lock: Lock) -> None:
        self._account, self._lock = account, lock
        self._in_doubt = account.intended is not None

    def read(self) -> Stored:
        with self._lock:
            return self._account.read(in_doubt=self._in_doubt)

    def intend(self) -> None:
        self._account.intended = self._account.generation

    def commit(self, session: Session, *, sign_in: bool = False) -> Session:
        with self._lock:
            stored = self._account.stored
            if stored.signed_out and not sign_in:
                raise StoreError("This account was signed out meanwhile; nothing was kept", case="signed-out-elsewhere")
            self._account.generation = 1 + max(self._account.generation, session.generation)
            committed = session.with_generation(self._account.generation)
            self._account.stored = replace(stored, session=committed, signed_out=False, left=None)
            self._account.intended, self._in_doubt = None, False
            if sign_in:
                self._account.models = None
            return committed

    def withdraw(self) -> None:
        if not self._in_doubt:
            self._account.intended = None


_stores: "WeakSet[MemoryStore]" = WeakSet()


def _begin_again() -> None:
    for store in tuple(_stores):
        store.begin_again()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_again)


def _is_twin(one: AccountRecord, other: AccountRecord) -> bool:
    return one.id != other.id and one.identity == other.identity
