"""Owns `Streamed`: an answer that goes on until its source, its reader or its server leaves, whichever does first.

It ends with its reader's session, too: a stream that was opened in time tells nothing afterwards.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from signedin_adapters.web.door import STILL_INSIDE
from signedin_adapters.web.serving import is_leaving

LOOK_SECONDS = 0.5
"""How often it is looked whether the session has ended, or the server is about to stop and waits for the stream."""
PARTING_SECONDS = 1.0
LINES = "application/x-ndjson"
"""The media type of an answer that is one `line` after the other."""


class Streamed(Response):
    """Sends what the generator gives as it comes, and closes the generator in the task that ran it."""

    def __init__(self, chunks: AsyncGenerator[bytes], *, media_type: str) -> None:
        super().__init__(media_type=media_type, headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_until_read_no_more, receive, tasks.cancel_scope)
            tasks.start_soon(_until_over, scope, tasks.cancel_scope)
            async with aclosing(self._chunks):
                if scope["method"] != "HEAD":
                    await self._tell(send)
            tasks.cancel_scope.cancel()
        with anyio.move_on_after(PARTING_SECONDS):
            await send({"type": "http.response.body", "body": b""})

    async def _tell(self, send: Send) -> None:
        async for chunk in self._chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


def line(told: dict[str, Any]) -> bytes:
    """One piece of an answer of lines: a JSON object."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


async def _until_read_no_more(receive: Receive, stream: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.cancel()


async def _until_over(scope: Scope, stream: anyio.CancelScope) -> None:
    while scope[STILL_INSIDE]() and not is_leaving():  # noqa: ASYNC110 - neither tells anybody
        await anyio.sleep(LOOK_SECONDS)
    stream.cancel()
