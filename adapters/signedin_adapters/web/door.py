"""Owns `Door`: who is inside. Whatever tells of the account or changes it lies behind it.

A cookie says which browser was let in; what changes something also carries the token that only the page itself can
read. A link from elsewhere leads to the page at most, never behind the door: browsers send the cookie along where both
are on this machine, for to them a port makes no other site.
"""

import secrets
from functools import partial

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from signedin_adapters.web import refusals
from signedin_adapters.web.gate import READING, is_our_own
from signedin_adapters.web.sessions import PageSession, Sessions

TOKEN_HEADER = "x-signedin-token"  # noqa: S105 - its name
SESSION = "signedin_session"
"""Where the scope of whoever came in has the `PageSession`."""
STILL_INSIDE = "signedin_still_inside"
"""Where it has what tells whether that session goes on: asked by whatever lasts longer than one answer."""


class Door:
    """Pure ASGI middleware. `again` says how the page is opened again."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions, again: str) -> None:
        self._app, self._sessions, self._again = app, sessions, again

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in who belongs here; anybody else gets a 403 that says what to do."""
        headers = Headers(scope=scope)
        cookie = next(filter(self._sessions.find, cookies(scope, headers)), None)
        session = self._sessions.find(cookie)
        if session is None:
            await refusal(f"This browser is not let in, or no longer. {self._again}")(scope, receive, send)
        elif not is_our_own(headers) or not (scope["method"] in READING or _has_token(headers, session)):
            await refusal("This did not come from the page itself. Reload the page, and try again.")(
                scope, receive, send
            )
        else:
            goes_on = partial(self._sessions.find, cookie)
            await self._app({**scope, SESSION: session, STILL_INSIDE: goes_on}, receive, send)


def cookie_name(scope: Scope) -> str:
    """Cookies know no port, so that its name has it: the pages of two servers do not take each other's."""
    return f"signedin_{scope['server'][1]}"


def cookies(scope: Scope, headers: Headers) -> list[str]:
    """The values of our cookie: more than one where pages are mounted below each other."""
    pairs = (pair.strip().partition("=") for pair in headers.get("cookie", "").split(";"))
    return [value for name, _, value in pairs if name == cookie_name(scope)]


def refusal(words: str) -> JSONResponse:
    """A 403."""
    return JSONResponse(refusals.plain(words), status_code=403)


def _has_token(headers: Headers, session: PageSession) -> bool:
    return secrets.compare_digest(headers.get(TOKEN_HEADER, "").encode(), session.token.encode())
