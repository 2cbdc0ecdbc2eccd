"""Owns how a streamed answer ends, as `signedin.responses.ask` has it: a limit raises its flag, half an answer is none.

It listens to a stream that others read: it changes nothing of it and holds nothing up. Where the SDK would end in
silence, because the stream broke off or was none, it raises.
"""

from collections.abc import Iterator
from typing import Self

import httpx

from signedin.account import Account
from signedin.auth import went_well
from signedin.classify.api import code_finding, stream_case
from signedin.errors import TransportFailed
from signedin.oauth.refusal import unreadable
from signedin.responses.answer import CASE_CUT
from signedin.responses.api_request import plain
from signedin.responses.event_stream import EventParser, OversizedEvent
from signedin.responses.transcript import Transcript
from signedin.states import Flag

CALL = "api-post"


class Ending:
    """Takes in the stream that `response` began, and tells the account how it ended, once."""

    def __init__(self, response: httpx.Response, account: Account) -> None:
        self._response, self._account = response, account
        self._parser, self._transcript = EventParser(), Transcript()
        self._begun = self._answering = self._told = self._page = False

    def feed(self, piece: bytes) -> None:
        """Take in the next piece."""
        if self._told:
            return
        self._page |= not self._begun and piece.lstrip()[:1] == b"<"
        self._begun = True
        try:
            for event in self._parser.feed(piece):
                self._answering |= bool(self._transcript.take(event))
        except OversizedEvent:
            self._told = True  # whatever follows, nothing in it can be made out
        if self._transcript.status != "in_progress":
            self._tell()

    def reached(self) -> None:
        """There is no more. Raises TransportFailed where the answer had no end, AnswerRefused where it was a page."""
        if self._told:
            return
        with self._account.failures.noted(CALL):
            if self._page:
                raise unreadable(plain(self._response), "stream of events")
            raise TransportFailed("The answer broke off.", kind="reset", sent=True, case=CASE_CUT)

    def left(self) -> None:
        """Nobody reads on: where it was answering, it was left for nothing that it said."""
        if self._answering and not self._told:
            went_well(self._account, "POST")
        self._told = True

    def cut(self) -> None:
        """The connection broke."""
        if not self._told:
            self._account.failures.note(CALL, CASE_CUT)
        self._told = True

    def _tell(self) -> None:
        self._told = True
        if self._transcript.status == "completed":
            went_well(self._account, "POST")
            self._account.lower_flag(Flag.MODELS_BLOCKED)
        elif self._transcript.status == "failed":
            self._failed(self._transcript.code)
        else:
            self._account.failures.note(CALL, CASE_CUT)

    def _failed(self, code: str | None) -> None:
        finding = code_finding(code or "")
        if finding is not None and finding.flag is not None:
            self._account.raise_flag(finding.flag, finding.case)
        self._account.failures.note(CALL, stream_case(code), code=code)


class Overheard(httpx.SyncByteStream):
    """A stream that is handed on as it comes, and listened to."""

    def __init__(self, stream: httpx.SyncByteStream, ending: Ending) -> None:
        self._stream, self._ending = stream, ending

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._stream:
                self._ending.feed(piece)
                yield piece
        except httpx.HTTPError:
            self._ending.cut()
            raise
        self._ending.reached()

    def close(self) -> None:
        """Close what it stands before."""
        self._ending.left()
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
            self._ending.reached()
            raise
        except httpx.HTTPError:
            self._ending.cut()
            raise
        self._ending.feed(piece)
        return piece

    async def aclose(self) -> None:
        """Close what it stands before."""
        self._ending.left()
        await self._stream.aclose()
