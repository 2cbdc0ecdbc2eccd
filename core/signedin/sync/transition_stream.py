"""Owns `TransitionStream` for threads: the async one, waited for."""

from signedin import transition_stream
from signedin.sync.event_loop import run
from signedin.transition import Transition


class TransitionStream:
    """An iterator over the transitions of one account, from its making on, for one reader; `next` waits.

    `missed` counts what a reader that fell more than 256 behind has lost. Close it from any thread, or let
    `Connection.close` do so: then the iteration ends after what was still buffered.
    """

    def __init__(self, stream: transition_stream.TransitionStream) -> None:
        self._stream = stream

    @property
    def missed(self) -> int:
        """How many were lost: the oldest go first."""
        return self._stream.missed

    @property
    def closed(self) -> bool:
        """Whether it listens no more."""
        return self._stream.closed

    def __iter__(self) -> "TransitionStream":
        return self

    def __next__(self) -> Transition:
        transition = run(self._next)
        if transition is None:
            raise StopIteration
        return transition

    def close(self) -> None:
        """Listen no more; from any thread, more than once."""
        self._stream.close()

    async def _next(self) -> Transition | None:
        return await anext(self._stream, None)
