"""Owns the endpoints that use the connection: models, one question, what is left of the limits."""

from collections.abc import AsyncGenerator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signedin import cases
from signedin.errors import SignedinError
from signedin.responses import ask, models, usage
from signedin_adapters.web import refusals, view
from signedin_adapters.web.body import read
from signedin_adapters.web.desk import Desk
from signedin_adapters.web.streamed import LINES, Streamed, line


class UseRoutes:
    """The endpoints that speak to the provider's API, each with the connection that the page is about."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.routes = [
            Route("/models", self._models),
            Route("/model", self._use, methods=["POST"]),
            Route("/usage", self._usage),
            Route("/ask", self._ask, methods=["POST"]),
        ]

    async def _models(self, request: Request) -> Response:
        listed = await models(self._desk.connection, refresh=request.query_params.get("refresh") == "1")
        found = [{"id": each.id, "name": each.name, "selected": each.selected} for each in listed.models]
        case = view.told(cases.find(listed.case), self._desk.remedy) if listed.case else None
        return JSONResponse({"models": found, "stale": listed.stale, "case": case})

    async def _use(self, request: Request) -> Response:
        connection, wanted = self._desk.connection, (await read(request)).text("id")
        connection.use_model((await models(connection)).find(wanted).id)
        self._desk.feed.changed()
        return JSONResponse({})

    async def _usage(self, _: Request) -> Response:
        told = await usage(self._desk.connection)
        if told is None:
            return JSONResponse(None)
        names = ("name", "used_percent", "window_seconds", "resets_at")
        return JSONResponse({"windows": [{name: getattr(each, name) for name in names} for each in told.windows]})

    async def _ask(self, request: Request) -> Response:
        body = await read(request)
        answer = _answered(self._desk, body.text("prompt"), body.word("model"))
        return Streamed(answer, media_type=LINES)


async def _answered(desk: Desk, prompt: str, model: str | None) -> AsyncGenerator[bytes]:
    """The answer, a line a piece; the last line says that it is whole, or what broke it off."""
    try:
        async with ask(desk.connection, prompt, model=model) as answer:
            async for piece in answer:
                yield line({"text": piece})
            yield line({"done": True, "model": answer.model})
    except SignedinError as error:
        yield line(refusals.error(error, desk.remedy))
