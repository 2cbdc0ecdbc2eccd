"""Owns `Gate`: who gets through to the page at all, and what every answer says to the browser.

Everything is checked before any routing, on each request, event streams included:

    the server's and the client's address   loopback, or 403
    what is checked below                   each header once, or 400: of two, another program may have read the other
    Host                                    127.0.0.1, [::1] or localhost with the server's own port, or 421
    Sec-Fetch-Site                          this origin's own, or a person's (none); a link from elsewhere to the page
    a change                                POST, JSON, with this origin's Origin, or 403; the token is the door's part

A name that is made to lead here (DNS rebinding) fails at Host, another site's form at Origin, another local program's
page at the cookie. No CORS header is ever sent, no preflight granted, and no page may frame this one.
"""

import ipaddress
import json
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""The page runs its own files alone, and nothing that stands in its text."""
HEADERS = (
    ("content-security-policy", POLICY),
    ("cross-origin-opener-policy", "same-origin-allow-popups"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
)
READING = frozenset({"GET", "HEAD"})
"""The methods that change nothing."""
_NAMES = ("127.0.0.1", "[::1]", "localhost")
_READ_HERE = ("host", "origin", "content-type", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest")
_ELSEWHERE = "Open the page under the address that it was started with: 127.0.0.1 and its port, on this machine."
_FOREIGN = "This came from another page. Reload the page itself, and try again there."


class Gate:
    """Pure ASGI middleware around the whole page. It reads no body and asks nothing of what it guards."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through with the headers of every answer."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_headers(message.get("headers", ()))]
            await send(message)

        refusal = refused(scope)
        if refusal is None:
            await self._app(scope, receive, dressed)
        else:
            await _answer(*refusal, wants_json=_is_fetched(scope), send=dressed)


def refused(scope: Scope) -> tuple[int, str] | None:
    """Status and words where the request must not come through. Pure."""
    headers = Headers(scope=scope)
    port = _port(scope)
    if port is None or not _is_loopback((scope.get("client") or ("", 0))[0]):
        return 403, "This page is for the machine that it runs on. Open it there."
    if any(len(headers.getlist(name)) > 1 for name in _READ_HERE):
        return 400, "A header came twice. Reload the page, and try again there."
    if headers.get("host") not in _hosts(port):
        return 421, _ELSEWHERE
    own = f"http://{headers['host']}"
    if scope["method"] in READING:
        is_ours = is_our_own(headers) and headers.get("origin", own) == own
        return None if is_ours or _is_followed(headers) else (403, _FOREIGN)
    if not is_our_own(headers):
        return 403, _FOREIGN
    if scope["method"] != "POST":
        return 405, "GET and POST alone."
    if headers.get("origin") != own:
        return 403, _FOREIGN
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return 403, "The page sends JSON alone. Reload it, and try again there."
    return None


def is_our_own(headers: Headers) -> bool:
    """Whether the page itself asks, or a person who typed the address; browsers say which (older ones say nothing)."""
    return headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def _is_followed(headers: Headers) -> bool:
    """Whether somebody follows a link to the page from elsewhere: that is no more than opening it."""
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def _hosts(port: int) -> list[str]:
    """What a browser says; of HTTP's own port it says nothing (RFC 9110 §4.2.3)."""
    return [*(f"{name}:{port}" for name in _NAMES), *(_NAMES if port == 80 else ())]


def _port(scope: Scope) -> int | None:
    """The port that the server listens on; None where that is not on this machine alone."""
    host, port = scope.get("server") or ("", None)
    return port if port is not None and _is_loopback(host) else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_fetched(scope: Scope) -> bool:
    """Whether a program reads the answer, not a person."""
    return scope["method"] not in READING or Headers(scope=scope).get("sec-fetch-dest") == "empty"


def _headers(there: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Ours, and that nothing is kept unless the answer says otherwise."""
    names = {name.lower() for name, _ in there}
    ours = [*HEADERS, ("cache-control", "no-store")]
    return [(name.encode(), value.encode()) for name, value in ours if name.encode() not in names]


async def _answer(status: int, words: str, *, wants_json: bool, send: Send) -> None:
    body = json.dumps({"error": {"case": "bad-usage", "message": words}}) if wants_json else words + "\n"
    kind = "application/json" if wants_json else "text/plain; charset=utf-8"
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body.encode())).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
