"""Owns `Reel`: what happens in one play, in order. Told from any thread, read by one reader as it comes."""

import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import Any

import anyio

from signedin.waiting import waker

Happening = dict[str, Any]
"""One thing that happened; `kind` says what: step request line transition refusal verdict."""


class Reel:
    """It ends once, with the play; what is told after that is nobody's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: deque[Happening] = deque()
        self._ended = False
        self._wake: Callable[[], None] = lambda: None

    def tell(self, kind: str, **fields: object) -> None:
        """Something happened."""
        with self._lock:
            if not self._ended:
                self._told.append({"kind": kind} | fields)
        self._wake()

    def end(self) -> None:
        """Nothing more is to come."""
        with self._lock:
            self._ended = True
        self._wake()

    async def read(self) -> AsyncGenerator[Happening]:
        """Everything, from the beginning to the end."""
        ended = False
        while not ended:
            come = anyio.Event()
            self._wake = waker(come)
            told, ended = self._take()
            for happening in told:
                yield happening
            if not told and not ended:
                await come.wait()

    def _take(self) -> tuple[tuple[Happening, ...], bool]:
        with self._lock:
            told = tuple(self._told)
            self._told.clear()
            return told, self._ended
