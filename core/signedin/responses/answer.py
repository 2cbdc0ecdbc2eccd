"""Owns `Answer`: one answer as it is streamed, for the task that asked."""

from collections import deque
from contextlib import suppress
from typing import Self

import anyio
import httpx

from signedin.account import Account
from signedin.auth import went_well
from signedin.classify.api import code_finding
from signedin.errors import AnswerRefused, SignedinError, TransportFailed
from signedin.oauth.refusal import unreadable
from signedin.responses import refusal
from signedin.responses.api_request import plain
from signedin.responses.event_stream import EventParser, OversizedEvent
from signedin.responses.transcript import Status, Transcript
from signedin.states import Flag

CASE_CUT = "stream-incomplete"


class Answer:
    """Iterate over it for the text, piece by piece; it ends without an error only if the answer is complete.

    `text` is what came so far, also after an error: AnswerRefused where the provider ended the answer early
    (`status` "incomplete" or "failed"), TransportFailed where it broke off. `model` is what the server says answered,
    else what was asked; `request_id` is what the provider calls the request, or None.
    """

    def __init__(self, response: httpx.Response, account: Account, *, model: str) -> None:
        self.request_id = plain(response).request_id
        self._response, self._account, self._asked = response, account, model
        self._chunks = response.aiter_raw()
        self._parser, self._transcript = EventParser(), Transcript()
        self._waiting: deque[str] = deque()
        self._begun = False

    @property
    def text(self) -> str:
        """The whole text so far."""
        return self._transcript.text

    @property
    def status(self) -> Status:
        """How far it is: "in_progress", "completed", "incomplete" or "failed"."""
        return self._transcript.status

    @property
    def model(self) -> str:
        """The model that answers."""
        return self._transcript.model or self._asked

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        with self._account.failures.noted("api-post"):
            while not self._waiting:
                if self.status != "in_progress":
                    self._end()
                    raise StopAsyncIteration
                await self._read()
        return self._waiting.popleft()

    async def aclose(self) -> None:
        """Take in no more. Called by itself when the block of `ask` is left."""
        if self.status == "in_progress" and self.text:  # it was left for nothing that it said
            went_well(self._account, "POST")
        with suppress(httpx.HTTPError), anyio.CancelScope() as leaving:
            leaving.cancel()  # from inside, so that httpx's nested generators are closed in order
            async for _ in self._chunks:
                pass

    async def _read(self) -> None:
        """Take in the next piece of the stream."""
        try:
            chunk = await anext(self._chunks, None)
            if chunk is None:
                raise self._broken_off("reset")
            if not self._begun and chunk.lstrip()[:1] == b"<":
                self._transcript.break_off()
                raise unreadable(plain(self._response), "stream of events")
            self._begun = True
            for event in self._parser.feed(chunk):
                if text := self._transcript.take(event):
                    self._waiting.append(text)
        except (httpx.HTTPError, OversizedEvent) as error:
            raise self._broken_off("too-large" if isinstance(error, OversizedEvent) else "reset") from None

    def _broken_off(self, kind: str) -> TransportFailed:
        self._transcript.break_off()
        return TransportFailed("The answer broke off.", kind=kind, sent=True, case=CASE_CUT)

    def _end(self) -> None:
        """Tell the account what the end says of it. Raises where it is no success."""
        if self.status == "completed":
            went_well(self._account, "POST")
            self._account.lower_flag(Flag.MODELS_BLOCKED)
        elif self.status == "incomplete":
            message = "The provider ended the answer before it was complete."
            raise AnswerRefused(message, case=CASE_CUT, status=200, request_id=self.request_id)
        else:
            raise self._failed()

    def _failed(self) -> SignedinError:
        code = self._transcript.code
        finding = code_finding(code or "")
        if finding is not None and finding.flag is not None:
            self._account.raise_flag(finding.flag, finding.case)
        return refusal.of_code(code, plain(self._response))
