"""Owns the claim on one account: the intent before a refresh token is spent, and the commit after.

It works under the account's lock and never waits. A commit is one transaction, which ends the intent; an intent that
is left means that the token of the session beside it may be spent.
"""

from collections.abc import Callable

from signedin.errors import StoreError
from signedin.record import Stored
from signedin.session import Session
from signedin_adapters.stores.key_value.account import AccountBucket
from signedin_adapters.stores.key_value.items import INTENT, MODELS, Items

Read = Callable[[Items, bool, bool], Stored]
"""Everything that the items hold, given whether the session is in doubt and whether it was answered elsewhere."""


class KeyValueClaim:
    """`signedin.ports.Claim` over one account's bucket."""

    def __init__(self, account: AccountBucket, *, read: Read, now: float) -> None:
        self._account, self._read, self._now = account, read, now
        marks, items = account.answer_mark.marks(), account.read()
        self._intent = items.data.get(INTENT)
        doubt = items.is_in_doubt() and not account.answer_mark.holds(self._intent, marks)
        self._answered = doubt and account.answer_mark.is_held()
        self._in_doubt = doubt and not self._answered

    def read(self) -> Stored:
        """What lies there now. An intent of this claim's own is no doubt; one that it found is."""
        return self._read(self._account.read(), self._in_doubt, self._answered)

    def intend(self) -> None:
        """Write the intent, in the place of any before it."""
        self._account.answer_mark.drop()
        self._account.answer_mark.prepare()
        with self._account.transaction() as items:
            intent = items.intend(at=self._now)
        self._intent = intent

    def commit(self, session: Session, *, sign_in: bool = False) -> Session:
        """Put the session in the place of the one before, under the next generation."""
        try:
            committed = self._commit(session, sign_in=sign_in)
        except StoreError as error:
            if error.case == "signed-out-elsewhere":
                raise
            self._account.answer_mark.hold(self._intent)
            if not sign_in:
                self._refuse_signed_out()  # a sign-out that looked before we held it
            raise
        self._account.answer_mark.drop()
        self._in_doubt = self._answered = False
        return committed

    def withdraw(self) -> None:
        """Remove the intent, unless a doubt lies under it that is older than this claim."""
        if not self._in_doubt:
            with self._account.transaction() as items:
                items.drop(INTENT)

    def _commit(self, session: Session, *, sign_in: bool) -> Session:
        items = self._account.read()
        if not sign_in:
            items.refuse_signed_out()
        latest = items.latest(unsaved=self._account.answer_mark.is_held())
        committed = session.with_generation(1 + max(session.generation, latest))
        broken = self._account.is_broken(items)
        sealed = self._account.sealed(committed, items, sign_in=sign_in)
        with self._account.transaction() as items:
            if sign_in:
                self._mend_marker(items, latest)
                items.drop(MODELS)
            else:
                items.refuse_signed_out()
            items.replace_session(sealed, broken=broken)
        return committed

    def _mend_marker(self, items: Items, generation: int) -> None:
        """One that cannot be read outranks everything: it is written anew, for the sign-in to be later."""
        found = items.marker()
        if found is not None and not found.readable:
            items.mark_signed_out(generation=generation, revoke=found.revoke, at=self._now)

    def _refuse_signed_out(self) -> None:
        try:
            items = self._account.read()
        except StoreError:
            return
        items.refuse_signed_out()
