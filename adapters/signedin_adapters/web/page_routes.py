"""Owns the page itself, its files, and letting a browser in. Nothing here tells of the account.

`static/page.html` has two places to fill: `{{app}}`, the app's name as text, and `{{diagram}}`, the overview of the
states as an SVG. The page's policy takes no style from within it, so the picture's is a file: `static/diagram.css`.
"""

import hashlib
import os
from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from signedin_adapters import diagram
from signedin_adapters.web.body import read
from signedin_adapters.web.door import SESSION, cookie_name, cookies, refusal
from signedin_adapters.web.sessions import SESSION_SECONDS, Sessions

STATIC = os.path.join(os.path.dirname(__file__), "static")
PAGE = "page.html"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
"""What may be served. A system's own table is not asked: some call a module plain text, and browsers then refuse it."""


class PageRoutes:
    """What is there for whoever knows the address, before they are let in."""

    def __init__(self, app_name: str, sessions: Sessions, *, again: str) -> None:
        self._app_name, self._sessions, self._again = app_name, sessions, again
        self.routes = [
            Route("/", self._page),
            Route("/static/{name}", self._static),
            Route("/session", self._let_in, methods=["POST"]),
        ]
        self.inside = [Route("/session", self._token)]
        """What lies behind the door."""

    async def _page(self, _: Request) -> Response:
        html = _text(PAGE).decode().replace("{{diagram}}", diagram.overview_svg(styled=False))
        return HTMLResponse(html.replace("{{app}}", escape(self._app_name)))

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        kind = _TYPES.get(os.path.splitext(name)[1])
        if kind is None or os.path.basename(name) != name:
            raise HTTPException(404)
        data = diagram.STYLE.encode() if name == "diagram.css" else _text(name)
        validator = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        headers = {"cache-control": "no-cache", "etag": validator}
        if validator in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(data, media_type=kind, headers=headers)

    async def _token(self, request: Request) -> Response:
        return JSONResponse({"token": request.scope[SESSION].token})

    async def _let_in(self, request: Request) -> Response:
        """Trade the address's secret for a cookie (RFC 6265 §4.1.2) and the page's token."""
        admitted = self._sessions.admit((await read(request)).text("secret"))
        if admitted is None:
            return refusal(f"This address was used already, or waited too long. {self._again}")
        for before in cookies(request.scope, request.headers):
            self._sessions.dismiss(before)
        cookie, session = admitted
        answer = JSONResponse({"token": session.token})
        answer.set_cookie(
            cookie_name(request.scope),
            cookie,
            max_age=int(SESSION_SECONDS),
            path=request.scope.get("root_path") or "/",
            httponly=True,
            samesite="strict",
        )
        return answer


def _text(name: str) -> bytes:
    try:
        with open(os.path.join(STATIC, name), "rb") as file:
            return file.read()
    except (OSError, ValueError):
        raise HTTPException(404) from None
