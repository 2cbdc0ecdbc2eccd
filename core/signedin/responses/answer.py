"""Owns `Answer`: one answer as it is streamed, for the task that asked."""

from collections import deque
from contextlib import suppress
from typing import Self, cast

import anyio
import httpx

from signedin.account import Account
from signedin.responses.api_request import plain
from signedin.responses.ending import Ending
from signedin.responses.transcript import Status, Transcript


class Answer:
    """Iterate over it for the text, piece by piece; it ends without an error only if the answer is complete.

    `text` is what came so far, also after an error: AnswerRefused where the provider ended the answer early
    (`status` "incomplete" or "failed"), TransportFailed where it broke off. `model` is what the server says answered,
    else what was asked; `request_id` is what the provider calls the request, or None.
    """

    def __init__(self, response: httpx.Response, account: Account, *, model: str) -> None:
        self.request_id = plain(response).request_id
        self._asked = model
        stream = cast(httpx.AsyncByteStream, response.stream)
        self._chunks = aiter(stream)  # aiter_raw would be one more step for each of thousands of pieces
        self._transcript = Transcript()
        self._ending = Ending(response, account, self._transcript)
        self._waiting: deque[str] = deque()

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
        while not self._waiting:
            if self._ending.over:
                self._ending.require_whole()
                raise StopAsyncIteration
            try:
                self._waiting.extend(self._ending.feed(await anext(self._chunks)))
            except (StopAsyncIteration, httpx.HTTPError):
                self._ending.break_off()
        return self._waiting.popleft()

    async def aclose(self) -> None:
        """Take in no more. Called by itself when the block of `ask` is left."""
        self._ending.leave()
        with suppress(httpx.HTTPError), anyio.CancelScope() as leaving:
            leaving.cancel()  # from inside, so that httpx's nested generators are closed in order
            async for _ in self._chunks:
                pass
