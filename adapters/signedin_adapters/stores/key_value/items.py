"""Owns what the items of an account mean, and how each is written. It opens no seal, takes no lock and reads no clock.

    account              who it is
    session              line 1: the header; line 2: the tokens, sealed
    health, models       how it fares, and the list of models of the grant that is held; best effort
    intent               a refresh token is about to be spent; or, sealed, the last secret, whose key is still to be
                         deleted
    signed-out           ends every session whose sign-in is not later; never removed, a later sign-in outranks it
    revocation-pending   what waits for its revocation, oldest first: two lines each, as a session has
    sign-in              who signs in, as far as its lock is held
    ….corrupt            what nobody could read, when something took its place

All lie in one bucket, so that what is changed together is changed at once.
"""

import json
import os
from contextlib import suppress
from secrets import token_hex

from signedin.errors import StoreError, UnknownAccount
from signedin.facts import SessionFacts
from signedin.record import AccountRecord, Health, LeftBehind
from signedin.version import VERSION
from signedin_adapters.stores import header, marker, records, sealing
from signedin_adapters.stores.fields import SCHEMA, Fields
from signedin_adapters.stores.intent import Intent
from signedin_adapters.stores.key_value.bucket import Bucket, set_aside
from signedin_adapters.stores.marker import Marker

RECORD, SESSION, HEALTH, MODELS, INTENT = "account", "session", "health", "models", "intent"
SIGNED_OUT, REVOCATIONS = "signed-out", "revocation-pending"


class Items:
    """The items of one account as they lay there at one time, or as a transaction changes them."""

    def __init__(self, account_id: str, data: dict[str, bytes], bucket: Bucket) -> None:
        self.account_id, self.data, self._bucket = account_id, data, bucket

    def fields(self, name: str) -> Fields | None:
        """The fields of an item, None where there is none. Raises StoreError."""
        return self._bucket.fields(self.data, name)

    def path(self, name: str) -> str:
        """What errors call an item."""
        return self._bucket.path(name)

    def record(self) -> AccountRecord:
        """Who it is. Raises StoreError; UnknownAccount where there is no record."""
        fields = self.fields(RECORD)
        if fields is None:
            raise UnknownAccount("There is no such account here")
        return records.load_account(fields, self.account_id)

    def facts(self) -> SessionFacts | None:
        """The session's first line, None where there is none. Raises StoreError."""
        data = self.data.get(SESSION)
        return None if data is None else header.read(data, self.path(SESSION), holds=sealing.SESSION)

    def stored(self) -> SessionFacts | None:
        """The same, None for a damaged one too, which nobody can open. Raises StoreError for a newer one."""
        try:
            return self.facts()
        except StoreError as error:
            if error.case != "file-corrupt-truncated":
                raise
            return None

    def marker(self) -> Marker | None:
        """The sign-out's marker, None where there is none. Raises StoreError for a newer one."""
        data = self.data.get(SIGNED_OUT)
        return None if data is None else marker.parse(data, self.path(SIGNED_OUT))

    def health(self) -> Health | None:
        """How it fares, None where that cannot be read."""
        with suppress(StoreError):
            fields = self.fields(HEALTH)
            return records.load_health(fields) if fields else None
        return None

    def is_in_doubt(self) -> bool:
        """Whether an intent lies there that no commit answered. The caller knows that nobody works on it."""
        data = self.data.get(INTENT)
        return data is not None and Intent(data, self.path(INTENT)).is_doubt(self.stored())

    def is_signed_out(self) -> bool:
        """Whether a sign-out ended what lies there."""
        found = self.marker()
        return found is not None and found.ends(self.stored())

    def is_ended(self, generation: int) -> bool:
        """Whether what lies there is what the marker of `generation` ended; see `Store.clear`."""
        session, found = self.stored(), self.marker()
        return found is not None and found.ends(session) and (session is None or found.generation <= generation)

    def left_behind(self) -> LeftBehind | None:
        """What a sign-out ended and did not remove: whatever lies there beside its marker."""
        found = self.marker()
        if found is None or not self.is_signed_out() or not self.data.keys() & {SESSION, INTENT}:
            return None
        session = self.stored()
        return LeftBehind(generation=max(found.generation, session.generation if session else 0), revoke=found.revoke)

    def latest(self, *, unsaved: bool) -> int:
        """The last generation that anybody gave away: stored, ended, or `unsaved` in the memory of some process."""
        session, found = self.stored(), self.marker()
        there = session.generation if session else 0
        held = 0
        if unsaved and self.is_in_doubt():
            held = Intent(self.data[INTENT], self.path(INTENT)).unsaved(there)
        return max(there, found.generation if found else 0, held)

    def refuse_signed_out(self) -> None:
        """An account that was removed is signed out as well. Raises StoreError."""
        if self.is_signed_out() or RECORD not in self.data:
            raise StoreError(
                "This account was signed out or removed meanwhile; nothing was saved", case="signed-out-elsewhere"
            )

    def intend(self, *, at: float) -> bytes:
        """Write the intent, with the room that its answer will take: a full disk is met before anything is sent."""
        session = self.stored()
        line = _line(generation=session.generation if session else 0, pid=os.getpid(), id=token_hex(8), at=at)
        self.data[INTENT] = line + b" " * sealing.SESSION_BYTES
        return self.data[INTENT]

    def mark_signed_out(self, *, generation: int, revoke: bool, at: float) -> None:
        """Write the marker that ends all up to `generation`. A wish to revoke what still lies there is kept."""
        before = self.left_behind()
        wish = revoke or (before is not None and before.revoke)
        self.data[SIGNED_OUT] = _line(generation=generation, revoke=wish, at=at)

    def replace_record(self, record: AccountRecord) -> None:
        """Write who it is, over the fields that a later version added; a damaged record is set aside."""
        before = self._bucket.fields_or_set_aside(self.data, RECORD)
        self.data[RECORD] = records.dump_account(record, before)

    def replace_session(self, sealed: bytes, *, broken: bool) -> None:
        """Write the session, which ends the intent. One that nobody can open is set aside."""
        if broken:
            set_aside(self.data, SESSION)
        self.data[SESSION] = sealed
        self.drop(INTENT)

    def drop(self, *names: str) -> None:
        """Remove items; one that is not there is fine."""
        for name in names:
            self.data.pop(name, None)

    def end_session(self) -> bool:
        """Remove the session, and say whether it was the last secret; then an intent stays, until the key is gone."""
        session = self.data.pop(SESSION, None)
        if self.revocations:
            self.drop(INTENT)
            return False
        if session is not None:
            self.data[INTENT] = session
        return True

    def end_revocation(self, waiting: bytes) -> bool:
        """Remove what waits no longer, and say whether it was the last secret; then too an intent stays."""
        if waiting not in self.revocations:
            return False
        self.revocations = [data for data in self.revocations if data != waiting]
        if self.revocations or SESSION in self.data:
            return False
        self.data[INTENT] = waiting
        return True

    @property
    def revocations(self) -> list[bytes]:
        """What waits for its revocation, oldest first: a refresh token sealed, or a whole session."""
        lines = self.data.get(REVOCATIONS, b"").splitlines(keepends=True)
        return [b"".join(lines[first : first + 2]) for first in range(0, len(lines), 2)]

    @revocations.setter
    def revocations(self, waiting: list[bytes]) -> None:
        self.drop(REVOCATIONS)
        if waiting:
            self.data[REVOCATIONS] = b"".join(waiting)


def _line(**values: object) -> bytes:
    return json.dumps({"schema": SCHEMA, "writer": VERSION} | values).encode() + b"\n"
