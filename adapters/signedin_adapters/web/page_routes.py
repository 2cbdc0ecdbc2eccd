"""Owns the page itself, its files, and letting a browser in. Nothing here tells of the account.

The HTML has places to fill: `{{app}}`, the app's name, and `{{again}}`, how the page is opened again, as texts, and
`{{diagram}}`, the overview of the states as an SVG. The page's policy takes no style from within it, so the picture's
is a file: `static/diagram.css`.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
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
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
"""What may be served. A system's own table is not asked: some call a module plain text, and browsers then refuse it."""


class PageRoutes:
    """`routes` are there for whoever knows the address, before they are let in; `inside` lies behind the door.

    `page` is the HTML file. It and all others lie in `places`; the first that has one is asked.
    """

    def __init__(
        self,
        app_name: str,
        sessions: Sessions,
        *,
        again: str,
        page: str = "page.html",
        places: Sequence[str] = (STATIC,),
    ) -> None:
        self._app_name, self._sessions, self._again = app_name, sessions, again
        self._html, self._places = page, places
        self.routes = [
            Route("/", self._page),
            Route("/static/{name}", self._static),
            Route("/session", self._let_in, methods=["POST"]),
        ]
        self.inside = [Route("/session", self._token)]

    async def _page(self, _: Request) -> Response:
        html = self._file(self._html).decode().replace("{{diagram}}", diagram.overview_svg(styled=False))
        return HTMLResponse(html.replace("{{again}}", escape(self._again)).replace("{{app}}", escape(self._app_name)))

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        kind = _TYPES.get(os.path.splitext(name)[1])
        if kind is None or os.path.basename(name) != name:
            raise HTTPException(404)
        data = diagram.STYLE.encode() if name == "diagram.css" else self._file(name)
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

    def _file(self, name: str) -> bytes:
        for place in self._places:
            with suppress(OSError, ValueError), open(os.path.join(place, name), "rb") as file:
                return file.read()
        raise HTTPException(404)
