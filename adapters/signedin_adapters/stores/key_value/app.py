"""Owns what is an app's and no account's: the bucket `app`.

    accounts             the ids of all accounts that may be here: named before they are made, and until they are gone
    attempt              what became of the last sign-in
    host-id              this machine's own id
    preferences          what the user chose
    sign-in              who signs in where nobody ever did, as far as the lock is held
    ….corrupt            what nobody could read, when something took its place

Which accounts there are is written down here, so that no place has to list its buckets.
"""

import uuid
from collections.abc import Callable
from contextlib import suppress

from signedin.errors import StoreError
from signedin.record import AttemptNote, Preferences
from signedin_adapters.stores import host, records, sealing
from signedin_adapters.stores.fields import Fields
from signedin_adapters.stores.key_value.bucket import Bucket
from signedin_adapters.stores.key_value.buckets import Buckets

_ACCOUNTS, _ATTEMPT, _HOST_ID, _PREFERENCES = "accounts", "attempt", "host-id", "preferences"
_PROBE = "probe"

Ids = tuple[str, ...]


class AppBucket:
    """The items of the app itself. Every method raises StoreError."""

    def __init__(self, buckets: Buckets) -> None:
        self.bucket = Bucket(buckets, "app")

    def probe(self) -> None:
        """Write and remove an item as large as any session."""
        with self.bucket.transaction() as items:
            items[_PROBE] = bytes(sealing.SESSION_BYTES)
        with self.bucket.transaction() as items:
            items.pop(_PROBE, None)

    def account_ids(self) -> Ids:
        """Every account that may be here."""
        return _named(self._fields(_ACCOUNTS))

    def name_account(self, account_id: str) -> None:
        """Name an account that is about to be made. A damaged list is left as it is: others stand on it."""
        if account_id in self.account_ids():
            return
        with self.bucket.transaction() as items:
            items[_ACCOUNTS] = _ids((*_named(self.bucket.fields(items, _ACCOUNTS)), account_id))

    def unname_account(self, account_id: str) -> None:
        """Name an account that is gone no longer."""
        with self.bucket.transaction() as items:
            named = _named(self.bucket.fields(items, _ACCOUNTS))
            items[_ACCOUNTS] = _ids(tuple(id_ for id_ in named if id_ != account_id))

    def note_attempt(self, note: AttemptNote | None) -> None:
        """Keep what became of the last sign-in, or nothing."""
        with self.bucket.transaction() as items:
            items.pop(_ATTEMPT, None)
            if note is not None:
                items[_ATTEMPT] = records.dump_attempt(note)

    def attempt(self) -> AttemptNote | None:
        """What became of the last sign-in."""
        fields = self._fields(_ATTEMPT)
        return records.load_attempt(fields) if fields else None

    def preferences(self) -> Preferences:
        """What the user chose."""
        fields = self._fields(_PREFERENCES)
        return records.load_preferences(fields) if fields else Preferences()

    def save_preferences(self, preferences: Preferences) -> None:
        """Replace the choices."""
        self._replace(_PREFERENCES, lambda _: records.dump_preferences(preferences))

    def host_id(self) -> str:
        """This machine's id, minted on first use, and anew where the bucket was copied to another machine."""
        if known := self.known_host_id():
            return known
        minted = uuid.uuid4().urn
        self._replace(_HOST_ID, lambda _: records.dump({"host_id": minted, "machine": host.fingerprint()}))
        return minted

    def known_host_id(self) -> str | None:
        """The id that was minted on this machine, None where there is none, or none that can be read."""
        with suppress(StoreError):
            data = self.bucket.read().get(_HOST_ID)
            return None if data is None else host.parse(data, self.bucket.path(_HOST_ID))
        return None

    def _fields(self, name: str) -> Fields | None:
        return self.bucket.fields(self.bucket.read(), name)

    def _replace(self, name: str, made: Callable[[Fields | None], bytes]) -> None:
        """Put what is made of the item before in its place; a damaged one is set aside."""
        with self.bucket.transaction() as items:
            items[name] = made(self.bucket.fields_or_set_aside(items, name))


def _named(fields: Fields | None) -> Ids:
    return fields.texts("ids") if fields else ()


def _ids(ids: Ids) -> bytes:
    return records.dump({"ids": sorted(set(ids))})
