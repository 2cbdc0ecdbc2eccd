"""The gate before every endpoint: whom it lets in, what every answer carries, and the record of it.

Only the sandbox's own host names are served, against DNS rebinding. Every answer has a request id, the date by the
sandbox's clock, and is stored by nobody. There is no CORS: no other site may read an answer.
"""

import secrets
from email.utils import formatdate

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.request_log import RequestRecord

AHEAD = 600
"""Seconds that a date is ahead where the fault for it strikes."""


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, realm: Realm) -> None:
        self._app = app
        self._realm = realm

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or refuse its host name (RFC 9110 §15.5.20)."""
        answered = False

        async def record_and_send(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                self._mark(MutableHeaders(raw=message["headers"]))
                self._record(scope, message["status"])
            await send(message)

        scope.setdefault("state", {})["note"] = ""
        known = Headers(scope=scope).get("host") in self._hosts()
        app = self._app if known else PlainTextResponse("This host name is not served here.", status_code=421)
        await app(scope, receive, record_and_send)
        if not answered:
            self._record(scope, None)

    def _hosts(self) -> tuple[str, str]:
        return f"127.0.0.1:{self._realm.port}", f"localhost:{self._realm.port}"

    def _mark(self, headers: MutableHeaders) -> None:
        headers["x-request-id"] = "req_" + secrets.token_hex(16)
        ahead = AHEAD if self._realm.faults.take("date") else 0
        headers["date"] = formatdate(self._realm.clock() + ahead, usegmt=True)
        headers["cache-control"] = "no-store"

    def _record(self, scope: Scope, status: int | None) -> None:
        record = RequestRecord(
            at=self._realm.clock(),
            method=scope["method"],
            path=scope["path"],
            status=status,
            note=scope["state"]["note"],
        )
        self._realm.requests.add(record)
        if self._realm.on_request is not None:
            self._realm.on_request(record)
