"""Owns the account's endpoints: looking, signing in and out, switching. Each takes JSON and answers with JSON."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signedin.errors import MisuseError
from signedin.secret import Secret
from signedin.states import State
from signedin_adapters.web import view
from signedin_adapters.web.body import Body, read
from signedin_adapters.web.desk import Desk
from signedin_adapters.web.streamed import Streamed


class AccountRoutes:
    """The endpoints that are about who is signed in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.routes = [
            Route("/state", self._state),
            Route("/events", self._events),
            *(Route(path, self._doing(does), methods=["POST"]) for path, does in self._changes().items()),
        ]

    def _changes(self) -> dict[str, Callable[[Body], Awaitable[Any]]]:
        return {
            "/sign-in": self._sign_in,
            "/sign-in/cancel": self._cancel,
            "/sign-in/paste": self._paste,
            "/sign-in/key": self._sign_in_with_key,
            "/sign-out": self._sign_out,
            "/switch": self._switch,
            "/refresh": self._refresh,
            "/retry": self._retry,
            "/notice": self._notice,
        }

    def _doing(self, does: Callable[[Body], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return JSONResponse(await does(await read(request)))

        return endpoint

    async def _state(self, _: Request) -> Response:
        return JSONResponse(view.state(self._desk))

    async def _events(self, request: Request) -> Response:
        self._desk.begin_to_follow()
        stream = self._desk.feed.stream(request.headers.get("last-event-id"))
        return Streamed(stream, media_type="text/event-stream")

    async def _sign_in(self, body: Body) -> Any:
        begun = await self._desk.sign_in(
            device=body.choice("way", "browser", "device") == "device",
            consent=body.flag("consent"),
            provider=body.word("provider"),
            new=body.flag("new"),
            label=body.word("label"),
        )
        return view.attempt(begun)

    async def _cancel(self, _: Body) -> Any:
        await self._desk.cancel()
        return {}

    async def _paste(self, body: Body) -> Any:
        await self._desk.paste(body.text("url"))
        return {}

    async def _sign_in_with_key(self, body: Body) -> Any:
        await self._desk.sign_in_with_key(
            Secret(body.text("key")), provider=body.word("provider"), new=body.flag("new"), label=body.word("label")
        )
        return {}

    async def _sign_out(self, body: Body) -> Any:
        return {"revoked": await self._desk.sign_out(revoke=body.flag("revoke", otherwise=True))}

    async def _switch(self, body: Body) -> Any:
        account = body.word("account")
        if account is None:
            raise MisuseError("Say which account: its id.")
        await self._desk.switch(account)
        return {}

    async def _refresh(self, _: Body) -> Any:
        await self._desk.connection.refresh()
        return {}

    async def _retry(self, _: Body) -> Any:
        connection = self._desk.connection
        await (connection.retry() if connection.state is State.ERROR else connection.refresh())
        return {}

    async def _notice(self, _: Body) -> Any:
        self._desk.connection.acknowledge_notice()
        self._desk.feed.changed()
        return {}
