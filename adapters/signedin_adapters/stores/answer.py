"""Owns the mark of an answer that could not be saved: the intent stays locked by the process that holds it in memory.

A lock works on a full and on a read-only disk, needs no writing, and ends with the process that it speaks of.
"""

import os
import time
from contextlib import suppress

from signedin.errors import StoreError
from signedin_adapters.stores.lock import Lock

PATIENCE_SECONDS = 0.25
"""Nobody else locks an intent, but for those who ask whether it is locked: they hold it for a blink."""


class Answer:
    """The lock that says of an intent: its token is spent, and this process holds the answer in memory alone."""

    def __init__(self) -> None:
        self._lock: Lock | None = None

    def hold(self, intent: str) -> None:
        """Lock the intent, if there is one, until `drop` or the end of the process. Best effort: never raises."""
        if self.holds(intent) or not os.path.lexists(intent):
            return
        self.drop()
        with suppress(StoreError):
            self._lock = Lock(intent, deadline=time.monotonic() + PATIENCE_SECONDS).__enter__()

    def drop(self) -> None:
        """Nothing lies in memory alone any more, or it is being written."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.__exit__()

    def holds(self, intent: str) -> bool:
        """Whether the intent that lies there now is our own: not one that others left since, nor our parent's."""
        return self._lock is not None and self._lock.holds(intent)
