"""Owns the mark of an answer that could not be saved: `answered` is locked by the process that holds it in memory.

A lock works on a full and on a read-only disk, needs no writing, and ends with the process that it speaks of. It has a
file of its own: Windows lets nobody read or rename a file that is locked.
"""

import os
import time
from contextlib import suppress

from signedin.errors import StoreError
from signedin_adapters.stores import durable, trust
from signedin_adapters.stores.home import AccountPaths
from signedin_adapters.stores.lock import Lock

PATIENCE_SECONDS = 0.25
"""Nobody else locks it, but for those who ask whether it is locked: they hold it for a blink."""


class AnswerMark:
    """The lock that says of the intent: its token is spent, and this process holds the answer in memory alone."""

    def __init__(self, paths: AccountPaths) -> None:
        self._paths = paths
        self._held = dict[Lock, trust.Stamp]()  # one at most; whoever takes it out frees it

    def prepare(self) -> None:
        """Make the file, before it is needed: it has to be there on a disk that turns read-only. Raises StoreError."""
        if not os.path.lexists(self._paths.answered):
            durable.write(self._paths.answered, b"")

    def hold(self) -> None:
        """Mark the intent, if there is one, until `drop` or the end of the process. Best effort: never raises."""
        self.drop()
        stamp = trust.stamp(self._paths.intent)
        if stamp is None:
            return
        with suppress(StoreError):
            lock = Lock(self._paths.answered, deadline=time.monotonic() + PATIENCE_SECONDS).__enter__()
            self._held[lock] = stamp

    def drop(self) -> None:
        """Nothing lies in memory alone any more, or it is being written."""
        for lock in tuple(self._held):
            self._free(lock)

    def holds(self) -> bool:
        """Whether the intent that lies there now is our own. Where it is another's, or our parent's, ours is over."""
        for lock, stamp in tuple(self._held.items()):
            if lock.holds(self._paths.answered) and stamp == trust.stamp(self._paths.intent):
                return True
            self._free(lock)
        return False

    def _free(self, lock: Lock) -> None:
        if self._held.pop(lock, None) is not None:
            lock.__exit__()
