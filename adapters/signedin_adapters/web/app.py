"""Owns the ASGI application: the page, its endpoints, and who is let in to each."""

import os
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from signedin import Connection
from signedin.errors import SignedinError
from signedin.ports import Store
from signedin_adapters.stores import home as places
from signedin_adapters.web import refusals, view
from signedin_adapters.web.account_routes import AccountRoutes
from signedin_adapters.web.desk import Desk, Remedy
from signedin_adapters.web.door import Door
from signedin_adapters.web.gate import Gate
from signedin_adapters.web.page_routes import PageRoutes
from signedin_adapters.web.report_route import ReportRoute
from signedin_adapters.web.sessions import Sessions
from signedin_adapters.web.use_routes import UseRoutes


class WebApp:
    """The page of one connection, as an ASGI application to mount anywhere on this machine. It needs no lifespan.

    Nobody is let in without `address`: open what it gives in the user's browser.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, desk: Desk) -> None:
        self._app, self._sessions, self._desk = app, sessions, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self._app(scope, receive, send)

    def address(self, base: str) -> str:
        """Where the page is to be opened: `base` is where it is mounted; the address works once, for a minute."""
        return self._sessions.address(base)

    async def aclose(self) -> None:
        """Give up a sign-in that runs, and let go of what the page opened; from the loop that served it.

        A server that ends takes all of that along; whoever goes on without the page calls this.
        """
        await self._desk.aclose()


def create_app(
    connection: Connection,
    *,
    home: str | os.PathLike[str] | None = None,
    store: str | Store | None = None,
    again: str | None = None,
    remedy: Remedy = view.ours,
    sessions: Sessions | None = None,
) -> WebApp:
    """The page of this connection. `home` and `store` are what `Connection.open` was given.

    `again` is a sentence that says how the page is opened again, with what is to be typed in `backquotes`; `remedy`
    puts your commands in the place of `signedin`'s in what the page says, as `Kit.remedy` does; `sessions` is for tests
    that move time. It answers this machine's own browsers alone, at 127.0.0.1, [::1] and localhost,
    whatever the server is bound to. The connection stays yours: close it when the server has ended. It needs an event
    loop of asyncio, as uvicorn has.
    """
    where = places.home() if home is None else os.fspath(home)
    desk = Desk(connection, home=where, store=store, state=view.state, remedy=remedy)
    sessions = sessions or Sessions()
    again = again or f"Open the page again from {desk.app_name}."
    page = PageRoutes(desk.app_name, sessions, again=again)
    inside = [*page.inside, *AccountRoutes(desk).routes, *UseRoutes(desk).routes, *ReportRoute(desk).routes]
    return WebApp(guarded(page.routes, inside, sessions, again=again, remedy=remedy), sessions, desk)


def guarded(
    routes: Sequence[BaseRoute],
    inside: Sequence[BaseRoute],
    sessions: Sessions,
    *,
    again: str,
    remedy: Remedy = view.ours,
) -> ASGIApp:
    """An application behind the gate. What is `inside` is behind the door, too; errors are told as pages read them."""
    door = Middleware(Door, sessions=sessions, again=again)
    app = Starlette(
        routes=[*routes, Mount("/", routes=inside, middleware=[door])],
        exception_handlers={SignedinError: _refused, HTTPException: _no_such_thing, Exception: _failed},
    )
    app.state.remedy = remedy
    return Gate(app)


async def _refused(request: Request, raised: Exception) -> Response:
    assert isinstance(raised, SignedinError)  # noqa: S101 - Starlette chooses by type
    return JSONResponse(refusals.error(raised, request.app.state.remedy), status_code=refusals.status(raised))


async def _no_such_thing(_: Request, raised: Exception) -> Response:
    assert isinstance(raised, HTTPException)  # noqa: S101 - Starlette chooses by type
    words = "There is nothing here." if raised.status_code == 404 else "This cannot be asked here."
    return JSONResponse(refusals.plain(words), status_code=raised.status_code, headers=raised.headers)


async def _failed(_: Request, raised: Exception) -> Response:
    """A fault of ours: the server's log has it, and the page is told its kind alone."""
    words = f"Something went wrong inside ({type(raised).__name__})."
    return JSONResponse(refusals.plain(words, case="unexpected"), status_code=500)
