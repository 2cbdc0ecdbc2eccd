"""Owns seeing what other processes did to an account: its first sign-in, its rotation, its sign-out, its removal.

It reads the store and remembers when it did. What it saw is an event for the account to take; it never writes, and
decides nothing that the machine decides.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from signedin import events as ev
from signedin import selection
from signedin.context import Context, Exchange
from signedin.errors import SignedinError, UnknownAccount
from signedin.ports import Clock, Store
from signedin.provider import Provider
from signedin.record import AccountRecord, Stored
from signedin.stored_state import is_rebound, loaded, newer_session

LOOK_SECONDS = 1.0
"""How long another process' rotation, sign-in or sign-out may go unseen."""
_REFRESHING = (Exchange.REFRESH, Exchange.LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was read: the record as it is now, the event that it amounts to, whether health is noted beside it.

    `sign_out_unfinished` tells that tokens were left behind, or a revocation is unconfirmed.
    """

    record: AccountRecord
    event: ev.Event | None
    noted: bool = False
    sign_out_unfinished: bool = False


class Lookout:
    """Looks at one account's place in the store. `may_be` tells whether nobody's account may be the one of that id."""

    __slots__ = ("_began_at", "_clock", "_looked", "_may_be", "_provider", "_stamp", "_store")

    def __init__(self, store: Store, provider: Provider, *, clock: Clock, may_be: Callable[[str], bool]) -> None:
        self._store, self._provider, self._clock, self._may_be = store, provider, clock, may_be
        self._began_at = clock()
        self._looked = -LOOK_SECONDS
        self._stamp: object = None

    def read(self, record: AccountRecord) -> Seen:
        """Everything that is stored, as the event of its loading. Blocks on the disk, perhaps on a keyring."""
        stamp = self._store.stamp(record.id)
        try:
            stored = self._store.load(record.id)
        except UnknownAccount:
            return Seen(record=record, event=ev.AccountLoaded(at=self._clock(), session=None))
        except SignedinError as error:
            return Seen(record=record, event=ev.StoreFailed(at=self._clock(), case=error.case))
        finally:
            self._stamp = stamp
        attempt = self._store.attempt()
        case = attempt.case if attempt is not None and attempt.account_id == record.id else None
        event = loaded(stored, self._provider, at=self._clock(), case=case)
        return Seen(
            record=stored.record,
            event=event,
            noted=stored.health is not None,
            sign_out_unfinished=stored.revocation_pending or stored.left is not None,
        )

    def news(self, record: AccountRecord, context: Context, *, at_once: bool) -> Seen | None:
        """What changed, for the price of two stats; nothing within the same second unless `at_once`."""
        now = time.monotonic()
        if now < self.next_at and not at_once:
            return None
        self._looked = now
        if is_nobodys(record):
            return None if context.attempt else self._met(record)
        return None if self._store.stamp(record.id) == self._stamp else self._changed(record, context)

    @property
    def next_at(self) -> float:
        """When it is time to look again, in monotonic seconds."""
        return self._looked + LOOK_SECONDS

    def remember(self, stamp: object) -> None:
        """Take what lay in the store under this stamp as seen."""
        self._stamp = stamp

    def _met(self, nobodys: AccountRecord) -> Seen | None:
        """Somebody may have signed in elsewhere since this account was thought of: then it is theirs."""
        records = [
            record
            for record in self._store.records()
            if nobodys.label in ("", record.label) and record.created_at > self._began_at and self._may_be(record.id)
        ]
        met = selection.select(records, label=None, provider=nobodys.provider, default=None)
        return None if met is None else self.read(met)

    def _changed(self, record: AccountRecord, context: Context) -> Seen | None:
        stamp = self._store.stamp(record.id)
        try:
            stored = self._store.load(record.id)
        except UnknownAccount:
            stored = Stored(record=record, signed_out=True)  # another process removed it whole
        except SignedinError:
            stamp = None  # nobody has read it: the next look tries again
            return None  # what is in hand goes on working
        finally:
            self._stamp = stamp  # not before: whoever looks meanwhile must not take for seen what nobody has read
        if self._store.stamp(record.id) != stamp:
            return self._changed(record, context)  # under our eyes
        return Seen(record=stored.record, event=self._news_of(stored, context), noted=stored.health is not None)

    def _news_of(self, stored: Stored, context: Context) -> ev.Event | None:
        if stored.signed_out:
            return None if context.signed_out else ev.SignedOutElsewhere(at=self._clock())
        newer = newer_session(stored, than=context.generation)
        if newer is None:
            return None
        if context.exchange in _REFRESHING:
            self._stamp = None  # it may be our own, not yet proved whose it is: the outcome tells, or a later look
            return None
        if is_rebound(stored.record, self._provider):
            case, generation = "configuration-changed", newer.generation
            return ev.RefreshRefused(at=self._clock(), case=case, generation=generation)
        return ev.SessionReplaced(at=self._clock(), session=newer)


def is_nobodys(record: AccountRecord) -> bool:
    """Whether nobody signed in to the account yet, or was even registered: it lies on no disk."""
    return record.client_id is None and not record.created_at
