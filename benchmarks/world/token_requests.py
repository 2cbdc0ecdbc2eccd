"""Owns the server's record of its token requests: when each came, was decided and was answered, and how slowly.

A request that has arrived is carried out though its sender died: the body is read before anything else, as a server
behind a proxy does. All times are `time.monotonic()`, which all processes of a machine share.
"""

import random
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/api/accounts/oauth/token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long the server takes, in seconds, each time anew between the two: before its commit and after it."""

    before: tuple[float, float]
    after: tuple[float, float]


@dataclass(slots=True, kw_only=True)
class TokenRequest:
    """One request; `decided_at` and `answered_at` are None until then."""

    arrived_at: float
    decided_at: float | None = None
    answered_at: float | None = None


class TokenRequests:
    """The newest request, and how many are under way. Written by the server's thread alone."""

    def __init__(self, pauses: Pauses, *, seed: int) -> None:
        self.newest: TokenRequest | None = None
        self.under_way = 0
        self._pauses, self._chance = pauses, random.Random(seed)

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry one request out, with the pauses around it."""
        body = await _whole_body(receive)
        if body is None:
            return
        self.newest = request = TokenRequest(arrived_at=time.monotonic())
        self.under_way += 1
        try:
            await anyio.sleep(self._chance.uniform(*self._pauses.before))
            answer = await _decide(app, scope, body)
            request.decided_at = time.monotonic()
            await anyio.sleep(self._chance.uniform(*self._pauses.after))
            request.answered_at = time.monotonic()
            for message in answer:
                await send(message)
        finally:
            self.under_way -= 1


class Recorded:
    """ASGI middleware: token requests are recorded, all others pass."""

    def __init__(self, app: ASGIApp, requests: TokenRequests) -> None:
        self._app, self._requests = app, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope.get("path") == PATH:
            await self._requests.serve(self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _whole_body(receive: Receive) -> bytes | None:
    """None where the sender was gone before all of it had come."""
    body = bytearray()
    while (message := await receive())["type"] != "http.disconnect":
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)
    return None


async def _decide(app: ASGIApp, scope: Scope, body: bytes) -> list[Message]:
    answer: list[MutableMapping[str, Any]] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def keep(message: Message) -> None:
        answer.append(message)

    await app(scope, receive, keep)
    return answer
