"""Owns the board's page, its files, the list of the cases, and the endpoint that plays one. No secret is in any of it.

`static/board.html` has one place to fill: `{{diagram}}`, the overview of the states as an SVG.
"""

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from signedin import cases
from signedin.cases import Case
from signedin.errors import MisuseError
from signedin_adapters import diagram
from signedin_adapters.web.board.performance import perform
from signedin_adapters.web.board.plays import play_of
from signedin_adapters.web.board.reel import Reel
from signedin_adapters.web.body import read
from signedin_adapters.web.streamed import Streamed

STATIC = os.path.join(os.path.dirname(__file__), "static")
FILES = {"board.css": "text/css", "board.js": "text/javascript", "verdict.js": "text/javascript"}


class BoardRoutes:
    """`routes` are there for whoever knows the address, `inside` for who was let in."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self.routes = [Route("/", self._page), *(Route(f"/static/{name}", self._file) for name in FILES)]
        self.inside = [Route("/cases", self._cases), Route("/play", self._play, methods=["POST"])]

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(_page().replace("{{diagram}}", diagram.overview_svg(styled=False)))

    async def _file(self, request: Request) -> Response:
        name = os.path.basename(request.url.path)
        if name not in FILES:
            raise HTTPException(404)
        path, headers = os.path.join(STATIC, name), {"cache-control": "no-cache"}
        return FileResponse(path, media_type=FILES[name], headers=headers)

    async def _cases(self, _: Request) -> Response:
        headings = [
            {"heading": heading, "cases": [_listed(case) for case in group]}
            for heading, group in cases.HEADINGS.items()
        ]
        return JSONResponse({"headings": headings})

    async def _play(self, request: Request) -> Response:
        chosen = cases.CASES.get((await read(request)).text("case"))
        if chosen is None:
            raise MisuseError("There is no such case. Reload the page.")
        return Streamed(self._played(chosen), media_type="application/x-ndjson")

    async def _played(self, case: Case) -> AsyncGenerator[bytes]:
        """What happens, a line a piece, as it happens. One play at a time; whoever leaves ends theirs."""
        async with self._turn:
            reel = Reel()
            playing = asyncio.create_task(perform(case, reel))
            try:
                async for happening in reel.read():
                    yield _line(happening)
                await asyncio.wait({playing})
                if (error := playing.exception()) is not None:
                    yield _line({"kind": "failed", "error": type(error).__name__})
            finally:
                playing.cancel()
                await asyncio.wait({playing})


def _page() -> str:
    with open(os.path.join(STATIC, "board.html"), encoding="utf-8") as file:
        return file.read()


def _listed(case: Case) -> dict[str, str]:
    return {"id": case.id, "title": case.title, "kind": case.kind, "how": play_of(case).how}


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
