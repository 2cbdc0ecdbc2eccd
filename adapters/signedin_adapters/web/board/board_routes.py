"""Owns the board's own endpoints: the list of the cases, and playing one. No secret is in any of it."""

import asyncio
from collections.abc import AsyncGenerator

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signedin import cases
from signedin.cases import Case
from signedin.errors import MisuseError
from signedin_adapters.web.board.performance import perform
from signedin_adapters.web.board.plays import play_of
from signedin_adapters.web.board.reel import Reel
from signedin_adapters.web.body import read
from signedin_adapters.web.streamed import LINES, Streamed, line


class BoardRoutes:
    """The endpoints of the plays; one play runs at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self.routes = [Route("/cases", self._cases), Route("/play", self._play, methods=["POST"])]

    async def aclose(self) -> None:
        """Wait until a play that was broken off has removed what it made."""
        async with self._turn:
            pass

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
        return Streamed(self._played(chosen), media_type=LINES)

    async def _played(self, case: Case) -> AsyncGenerator[bytes]:
        """What happens, a line a piece, as it happens. One play at a time; whoever leaves ends theirs."""
        async with self._turn:
            reel = Reel()
            playing = asyncio.create_task(perform(case, reel))
            try:
                async for happening in reel.read():
                    yield line(happening)
                await asyncio.wait({playing})
                if (error := playing.exception()) is not None:
                    yield line({"kind": "failed", "error": type(error).__name__})
            finally:
                playing.cancel()
                with anyio.CancelScope(shield=True):
                    await asyncio.wait({playing})


def _listed(case: Case) -> dict[str, str]:
    return {"id": case.id, "title": case.title, "kind": case.kind, "how": play_of(case).how}
