"""The token endpoint of a sandbox, where a test can hold a request back: before it is carried out, or before it is
answered. All other requests are served meanwhile."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

import anyio
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signedin_adapters.sandbox import Sandbox

TOKEN = "/api/accounts/oauth/token"
PATIENCE = 20.0
"""Seconds after which a request that waits goes on, and a test that waits has failed."""

Moment = Literal["arrived", "decided"]


class HeldRequest:
    """One request that waits at the desk."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self._here, self._free, self._done = threading.Event(), threading.Event(), threading.Event()
        self.dropped = False

    def wait_for(self) -> None:
        """Until the request is there, and waits."""
        assert self._here.wait(PATIENCE), "no request came to the token endpoint"

    def release(self) -> None:
        """Let it go on, if it is there, and wait until the server is done with it; harmless once it is."""
        self._free.set()
        assert not self._here.is_set() or self._done.wait(PATIENCE)

    def drop(self) -> None:
        """The server never carries it out."""
        self.dropped = True
        self.release()

    def over(self) -> None:
        """The server is done with it."""
        self._done.set()

    async def wait(self) -> None:
        """The server's side."""
        self._here.set()
        await anyio.to_thread.run_sync(self._free.wait, PATIENCE)


class TokenDesk:
    """Stands before the token endpoint of a sandbox that does not run yet."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._next: HeldRequest | None = None
        sandbox.app.user_middleware.insert(0, Middleware(_AtTheDesk, desk=self))

    @contextmanager
    def holding(self, moment: Moment) -> Generator[HeldRequest]:
        """The next request waits once it has arrived, or once the server has carried it out."""
        held = self._next = HeldRequest(moment)
        try:
            yield held
        finally:
            self._next = None
            held.release()

    def take(self) -> HeldRequest | None:
        """Whether the request that comes now is to be held."""
        held, self._next = self._next, None
        return held


class _AtTheDesk:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, desk: TokenDesk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = self._desk.take() if scope.get("path") == TOKEN else None
        if held is None:
            await self._app(scope, receive, send)
            return
        try:
            await self._serve(held, scope, receive, send)
        finally:
            held.over()

    async def _serve(self, held: HeldRequest, scope: Scope, receive: Receive, send: Send) -> None:
        request, answer = await _whole(receive), list[Message]()
        if held.moment == "arrived":
            await held.wait()
        if held.dropped:
            return

        async def read() -> Message:
            return {"type": "http.request", "body": request, "more_body": False}

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, read, keep)
        if held.moment == "decided":
            await held.wait()
        for message in answer:
            await send(message)


async def _whole(receive: Receive) -> bytes:
    """The body, read before anything else, so that the request is carried out though its sender dies."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body
