"""Owns one account's place in a store: its bucket, its claim, its seal. It decides nothing of what a commit may do."""

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

from signedin import ports
from signedin.errors import StoreError, UnknownAccount
from signedin.facts import SessionFacts
from signedin.session import Session
from signedin_adapters.stores import sealing
from signedin_adapters.stores.fields import refuse_newer
from signedin_adapters.stores.key_value.answer_mark import AnswerMark
from signedin_adapters.stores.key_value.bucket import Bucket
from signedin_adapters.stores.key_value.buckets import Buckets, Locks
from signedin_adapters.stores.key_value.items import INTENT, RECORD, REVOCATIONS, SESSION, Items
from signedin_adapters.stores.vault import Vault


class AccountBucket:
    """The bucket `account-<id>`, and the locks that bear its name."""

    def __init__(self, account_id: str, buckets: Buckets, locks: Locks, vault: Vault) -> None:
        self.id, self._locks, self._vault = account_id, locks, vault
        self.bucket = Bucket(buckets, f"account-{account_id}")
        self._claim = f"{self.bucket.name}-claim"
        self.answer_mark = AnswerMark(locks, f"{self.bucket.name}-answered")

    def require(self) -> None:
        """Raise UnknownAccount where there is no such account; StoreError."""
        _require(self.bucket.read())

    def read(self) -> Items:
        """What lies there now. Raises StoreError."""
        return Items(self.id, self.bucket.read(), self.bucket)

    @contextmanager
    def transaction(self, *, create: bool = False) -> Generator[Items]:
        """What lies there, to be changed whole or not at all. Raises StoreError; UnknownAccount without `create`."""
        with self.bucket.transaction() as data:
            if not create:
                _require(data)
            items = Items(self.id, data, self.bucket)
            for waiting in items.revocations:
                refuse_newer(waiting, items.path(REVOCATIONS))
            yield items

    def claim(self, *, deadline: float, meanwhile: Callable[[], None] = lambda: None) -> AbstractContextManager[object]:
        """The sole right to redeem and commit."""
        return self._locks.lock(self._claim, deadline=deadline, meanwhile=meanwhile)

    def undisturbed(self) -> AbstractContextManager[object]:
        """The claim: nobody commits while something is removed."""
        return self.claim(deadline=time.monotonic() + ports.CLEARING_SECONDS)

    def look(self) -> tuple[Items, bool, bool]:
        """What lies there, whether it is in doubt, and whether a living process holds the answer, as anybody sees it.

        The intent comes first, then the claim, then the intent again: between the two nobody worked on it, or it is
        not the same.
        """
        marks, items = self.answer_mark.marks(), self.read()
        intent = items.data.get(INTENT)
        ours = self.answer_mark.holds(intent, marks)  # one of our own that is over says nothing any more
        if intent is None or ours or self._locks.held(self._claim):
            return items, False, False
        answered, again = self.answer_mark.is_held(), self.read()
        doubt = again.data.get(INTENT) == intent and again.is_in_doubt()
        return again, doubt and not answered, doubt and answered

    def opened(self, items: Items) -> tuple[SessionFacts, Session] | None:
        """The session and its first line, None where there is none. Raises StoreError."""
        facts, path = items.facts(), items.path(SESSION)
        if facts is None:
            return None
        key = self._vault.key(facts, self.id, path)
        return facts, sealing.open_session(items.data[SESSION], facts, key, path)

    def sealed(self, session: Session, items: Items, *, sign_in: bool, holds: str = sealing.SESSION) -> bytes:
        """The session as it is about to be written. It may ask a keyring: never in a transaction. Raises StoreError."""
        record, before = items.record(), items.stored()
        return self._vault.seal(session, record, before, sign_in=sign_in, path=items.path(holds), holds=holds)

    def is_broken(self, items: Items) -> bool:
        """Whether nobody can open the session that lies there; what cannot be opened now is not broken."""
        try:
            self.opened(items)
        except StoreError as error:
            return error.case in {"file-corrupt-truncated", "session-undecryptable"}
        return False


def _require(data: dict[str, bytes]) -> None:
    if RECORD not in data:
        raise UnknownAccount("There is no such account here")
