"""Owns the ASGI application of the board: its page, its endpoints, and who is let in to each."""

from starlette.types import Receive, Scope, Send

from signedin_adapters.web.app import guarded
from signedin_adapters.web.board.board_routes import BoardRoutes
from signedin_adapters.web.page_routes import PageRoutes
from signedin_adapters.web.sessions import Sessions


class Board:
    """The board, as an ASGI application. Nobody is let in without `address`: open what it gives in a browser."""

    def __init__(self, *, again: str) -> None:
        self._sessions, board = Sessions(), BoardRoutes()
        page = PageRoutes("Fault board", self._sessions, again=again)
        # The first route that fits is taken: the board's page and files come before those of the account's page.
        routes = [*board.routes, *page.routes]
        self._app = guarded(routes, [*page.inside, *board.inside], self._sessions, again=again)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self._app(scope, receive, send)

    def address(self, base: str) -> str:
        """Where the board is to be opened: `base` is where it is served; the address works once, for a minute."""
        return f"{base.rstrip('/')}/#{self._sessions.invite()}"


def create_board(*, again: str) -> Board:
    """The board. `again` is a sentence that says how it is opened again. It needs an event loop of asyncio."""
    return Board(again=again)
