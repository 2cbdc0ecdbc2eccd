"""Owns access to one bucket: read whole, or changed in a transaction, by one thread at a time and never across a fork.

A child that began in the middle of another thread's transaction would find the backend's own locks held for good.
"""

import os
from _thread import RLock
from collections.abc import Generator
from contextlib import contextmanager

from signedin.errors import StoreError
from signedin_adapters.stores.fields import Fields, refuse_newer
from signedin_adapters.stores.key_value.buckets import Buckets

_turn = RLock()


class Bucket:
    """One bucket of a place, by its name."""

    def __init__(self, buckets: Buckets, name: str) -> None:
        self._buckets, self.name = buckets, name

    def read(self) -> dict[str, bytes]:
        """What lies there now. Raises StoreError."""
        with _turn:
            return self._buckets.read(self.name)

    @contextmanager
    def transaction(self) -> Generator[dict[str, bytes]]:
        """What lies there, to be changed. Raises StoreError; also where a later version wrote any of it."""
        with _turn, self._buckets.transaction(self.name) as items:
            for name, data in items.items():
                refuse_newer(data, self.path(name))
            yield items

    def fields(self, items: dict[str, bytes], name: str) -> Fields | None:
        """The fields of an item, None where there is none. Raises StoreError."""
        data = items.get(name)
        return None if data is None else Fields(data, self.path(name))

    def fields_or_set_aside(self, items: dict[str, bytes], name: str) -> Fields | None:
        """The same in a transaction, which lets no newer item pass: a damaged one is kept under another name."""
        try:
            return self.fields(items, name)
        except StoreError:
            set_aside(items, name)
            return None

    def path(self, name: str) -> str:
        """What errors call an item."""
        return f"{self._buckets.place}:{self.name}/{name}"


def set_aside(items: dict[str, bytes], name: str) -> None:
    """Keep what nobody can read under another name; one that is not there is fine."""
    if name in items:
        items[f"{name}.corrupt"] = items.pop(name)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_turn.acquire, after_in_parent=_turn.release, after_in_child=_turn.release)
