"""Owns the ASGI application of the board: its page, its endpoints, and who is let in to each."""

import os

from starlette.types import Receive, Scope, Send

from signedin_adapters.web.app import guarded
from signedin_adapters.web.board.board_routes import BoardRoutes
from signedin_adapters.web.page_routes import STATIC, PageRoutes
from signedin_adapters.web.sessions import Sessions

NAME = "Fault board"
PLACES = (os.path.join(os.path.dirname(__file__), "static"), STATIC)
"""Where its files lie: what it does not have itself is the page's."""


class Board:
    """The board, as an ASGI application. Nobody is let in without `address`: open what it gives in a browser."""

    def __init__(self, *, again: str) -> None:
        self._sessions, self._plays = Sessions(), BoardRoutes()
        page = PageRoutes(NAME, self._sessions, again=again, page="board.html", places=PLACES)
        inside = [*page.inside, *self._plays.routes]
        self._app = guarded(page.routes, inside, self._sessions, again=again)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self._app(scope, receive, send)

    def address(self, base: str) -> str:
        """Where the board is to be opened: `base` is where it is served; the address works once, for a minute."""
        return self._sessions.address(base)

    async def aclose(self) -> None:
        """When its server has ended, from the loop that it ran on: nothing is left of the last play then."""
        await self._plays.aclose()


def create_board(*, again: str) -> Board:
    """The board. `again` is a sentence that says how it is opened again. It needs an event loop of asyncio."""
    return Board(again=again)
