"""Owns `TransitionStream`: transitions for an async reader, bounded, on asyncio and trio."""

from collections import deque
from collections.abc import Callable

import anyio

from signedin.listeners import Listener, Subscription
from signedin.transition import Transition
from signedin.waiting import waker

BUFFERED = 256


class TransitionStream:
    """An async iterator over the transitions of one account, from its making on, for one reader.

    `missed` counts what a reader that fell more than 256 behind has lost: the oldest go first. Close it, or let
    `Connection.aclose` do so: then the iteration ends after what was still buffered.
    """

    def __init__(self, subscribe: Callable[[Listener], Subscription]) -> None:
        self.missed = 0
        self.closed = False
        self._waiting: deque[Transition] = deque()
        self._wake: Callable[[], None] = _nobody
        self._subscription = subscribe(self._take)

    def __aiter__(self) -> "TransitionStream":
        return self

    async def __anext__(self) -> Transition:
        while not self._waiting:
            if self.closed:
                raise StopAsyncIteration
            come = anyio.Event()
            self._wake = waker(come)
            if not self._waiting and not self.closed:
                await come.wait()
        return self._waiting.popleft()

    def close(self) -> None:
        """Listen no more; from any thread, more than once."""
        self._subscription.close()
        self.closed = True
        self._wake()

    async def aclose(self) -> None:
        """Listen no more."""
        self.close()

    def _take(self, transition: Transition) -> None:
        if len(self._waiting) >= BUFFERED:
            self._waiting.popleft()
            self.missed += 1
        self._waiting.append(transition)
        self._wake()


def _nobody() -> None:
    return
