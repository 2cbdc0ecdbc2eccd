"""Owns the store that keeps nothing: accounts live in this object and end with it. No file, and no key elsewhere."""

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock
from weakref import WeakSet

from signedin.errors import StoreError
from signedin.secret import Secret
from signedin_adapters.stores.key_value import KeyValueStore
from signedin_adapters.stores.key_value.items import RECORD, SIGNED_OUT

_PAUSE_SECONDS = 0.02


class MemoryStore(KeyValueStore):
    """`signedin.ports.Store` in this process' memory, for tests and for those who want nothing on disk.

    A forked child has the accounts and is signed out of them: a copy of the refresh token would be spent twice, and
    the provider would end both.
    """

    def __init__(self) -> None:
        self._threads, self._keys = ThreadLocks(), MemoryKeys()
        super().__init__(MemoryBuckets(), locks=self._threads, keys=self._keys, app_name="signedin", kind="memory")
        _stores.add(self)

    def begin_again(self) -> None:
        """In a forked child: the accounts stay, and what was secret in them is the parent's."""
        self._threads.begin_again()
        for record in self.records():
            self.mark_signed_out(record.id)
            with self._account(record.id).transaction() as items:
                items.drop(*items.data.keys() - {RECORD, SIGNED_OUT})
            self._keys.delete(record.id)


class MemoryBuckets:
    """`Buckets` in a dict."""

    def __init__(self) -> None:
        self.place = f"memory:{id(self)}"
        self._buckets = dict[str, dict[str, bytes]]()

    def read(self, bucket: str) -> dict[str, bytes]:
        """A copy."""
        return dict(self._buckets.get(bucket, {}))

    @contextmanager
    def transaction(self, bucket: str) -> Generator[dict[str, bytes]]:
        """A copy, which takes the bucket's place at the end."""
        items = self.read(bucket)
        yield items
        self._buckets[bucket] = items


class ThreadLocks:
    """`Locks` among this process' threads."""

    def __init__(self) -> None:
        self._locks = dict[str, Lock]()

    @contextmanager
    def lock(self, name: str, *, deadline: float, meanwhile: Callable[[], None] = lambda: None) -> Generator[None]:
        """A lock that any thread may free."""
        lock = self._locks.setdefault(name, Lock())
        while not lock.acquire(timeout=_PAUSE_SECONDS):
            if time.monotonic() >= deadline:
                raise StoreError("Another thread holds this account and has not finished", case="lock-timeout")
            meanwhile()
        try:
            yield
        finally:
            lock.release()

    def held(self, name: str) -> bool:
        """Whether a thread holds it."""
        return (lock := self._locks.get(name)) is not None and lock.locked()

    def begin_again(self) -> None:
        """In a forked child: the threads that held them are the parent's."""
        self._locks.clear()


class MemoryKeys:
    """`KeyHolder` in a dict."""

    kind = "memory"

    def __init__(self) -> None:
        self.place = f"memory:{id(self)}"
        self._keys = dict[str, Secret]()

    def probe(self) -> None:
        """There is always room."""

    def fetch(self, account_id: str) -> Secret | None:
        """The key that was kept."""
        return self._keys.get(account_id)

    def keep(self, account_id: str, key: Secret) -> None:
        """Keep it."""
        self._keys[account_id] = key

    def delete(self, account_id: str) -> None:
        """Forget it."""
        self._keys.pop(account_id, None)


_stores: "WeakSet[MemoryStore]" = WeakSet()


def _begin_again() -> None:
    for store in tuple(_stores):
        store.begin_again()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_again)
