"""Owns the mark of an answer that could not be saved: a lock that the process holds which has it in memory.

A lock needs no room, and ends with the process that it speaks of.
"""

import os
import time
from collections import deque
from contextlib import AbstractContextManager, suppress

from signedin.errors import StoreError
from signedin_adapters.stores.answer_mark import PATIENCE_SECONDS
from signedin_adapters.stores.key_value.buckets import Locks

Mark = tuple[AbstractContextManager[object], bytes, int]
"""The lock, the intent that it marks, and the process that holds it."""


class AnswerMark:
    """The lock that says of an intent: its token is spent, and this process holds the answer in memory alone."""

    def __init__(self, locks: Locks, name: str) -> None:
        self._locks, self._name = locks, name
        self._held = deque[Mark]()  # one; whoever takes it out frees it

    def prepare(self) -> None:
        """Have all that the lock needs be there before it is needed: the disk may turn read-only. Never raises."""
        with suppress(StoreError), self._locks.lock(self._name, deadline=time.monotonic()):
            pass

    def hold(self, intent: bytes | None) -> None:
        """Mark the intent, if there is one, until `drop` or the end of the process. Best effort: never raises."""
        self.drop()
        if intent is None:
            return
        with suppress(StoreError):
            lock = self._locks.lock(self._name, deadline=time.monotonic() + PATIENCE_SECONDS)
            lock.__enter__()
            self._held.append((lock, intent, os.getpid()))

    def drop(self) -> None:
        """Nothing lies in memory alone any more."""
        with suppress(IndexError):
            while True:
                self._held.pop()[0].__exit__(None, None, None)

    def marks(self) -> tuple[Mark, ...]:
        """What is marked now: to be taken before an intent is read that it is held against."""
        return tuple(self._held)

    def holds(self, intent: bytes | None, marks: tuple[Mark, ...]) -> bool:
        """Whether the intent is one of these, and our own. Those of another intent, or our parent's, are over."""
        if any((intent, os.getpid()) == (marked, pid) for _, marked, pid in marks):
            return True
        for mark in marks:
            with suppress(ValueError):  # whoever takes it out frees it
                self._held.remove(mark)
                mark[0].__exit__(None, None, None)
        return False

    def is_held(self) -> bool:
        """Whether any process holds such an answer now."""
        return self._locks.held(self._name)
