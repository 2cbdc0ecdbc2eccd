"""Owns the streams that the SDK reads: each is handed on as it comes, and listened to for how the answer ends.

Nothing in it is changed or held up. Where the SDK would end in silence, because the stream broke off or was none, it
raises, as `signedin.responses.ask` does.
"""

from collections.abc import Iterator
from typing import Self

import httpx

from signedin.responses.ending import Ending


class Overheard(httpx.SyncByteStream):
    """A stream for threads."""

    def __init__(self, stream: httpx.SyncByteStream, ending: Ending) -> None:
        self._stream, self._ending = stream, ending

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._stream:
                self._ending.feed(piece)
                yield piece
        except httpx.HTTPError:
            self._ending.break_off()
            raise
        _require_end(self._ending)

    def close(self) -> None:
        """Close what it stands before."""
        self._ending.leave()
        self._stream.close()


class AsyncOverheard(httpx.AsyncByteStream):
    """The same for async clients. No generator: one that is left half read wants to be closed in the right order."""

    def __init__(self, stream: httpx.AsyncByteStream, ending: Ending) -> None:
        self._stream, self._ending = stream, ending
        self._pieces = aiter(stream)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            _require_end(self._ending)
            raise
        except httpx.HTTPError:
            self._ending.break_off()
            raise
        self._ending.feed(piece)
        return piece

    async def aclose(self) -> None:
        """Close what it stands before."""
        self._ending.leave()
        await self._stream.aclose()


def _require_end(ending: Ending) -> None:
    """Raises TransportFailed where there is no more and the answer did not end; how it ended is the SDK's to tell."""
    if not ending.over:
        ending.break_off()
        ending.require_whole()
