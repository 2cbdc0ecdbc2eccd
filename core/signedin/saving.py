"""Owns saving, by itself, a session that lies in memory alone. A refresh saves it first as well (`rotation`).

It spends nothing and waits for nobody long: the account asks again while the session is in hand.
"""

import time

from signedin import commands as cmd
from signedin import events as ev
from signedin.context import Unsaved
from signedin.errors import StoreError
from signedin.ports import Clock, Store
from signedin.record import AccountRecord, Stored
from signedin.session import Session
from signedin.stored_state import newer_session

PATIENCE_SECONDS = 3.0
"""How long somebody else's claim is waited for."""


def save(command: cmd.SaveSession, *, store: Store, record: AccountRecord, clock: Clock) -> ev.Event:
    """Commit the session, or take what other processes made of the account meanwhile. Raises StoreError."""
    signs_in = command.unsaved is Unsaved.SIGN_IN
    if signs_in:
        store.save_record(record)
    with store.claim(record.id, deadline=time.monotonic() + PATIENCE_SECONDS) as claim:
        stored = claim.read()
        if made := _made_elsewhere(stored, command, clock):
            return made
        try:
            if (later := of_the_same_number(stored.session, command.session)) is not None:
                return ev.SessionReplaced(at=clock(), session=claim.commit(later))
            return ev.SessionSaved(at=clock(), session=claim.commit(command.session, sign_in=signs_in))
        except StoreError as error:
            if error.case != "signed-out-elsewhere":
                raise
            return ev.SignedOutElsewhere(at=clock())


def _made_elsewhere(stored: Stored, command: cmd.SaveSession, clock: Clock) -> ev.Event | None:
    """A sign-out ends what was refreshed before it; a newer session takes the place of this one."""
    if stored.signed_out and command.unsaved is not Unsaved.SIGN_IN:
        return ev.SignedOutElsewhere(at=clock())
    newer = newer_session(stored, than=command.session.generation)
    return None if newer is None else ev.SessionReplaced(at=clock(), session=newer)


def of_the_same_number(stored: Session | None, session: Session) -> Session | None:
    """Another session that the store holds under the generation that this one was to have: it came after it.

    It stays, under a number that no process has in hand, so that all of them take it up.
    """
    if stored is None or stored.generation != session.generation or stored.another_users:
        return None
    return None if stored.access_token == session.access_token else stored
