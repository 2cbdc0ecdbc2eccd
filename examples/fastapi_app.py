"""A FastAPI app on its user's own machine: one connection for its whole life, and a dependency that hands it out.

    uvicorn --app-dir examples fastapi_app:app
    curl http://127.0.0.1:8000/ask --json '{"prompt": "Say hello in one line."}'

Whoever reaches it uses its user's plan: so it has this machine's names alone, and takes JSON, as no foreign page sends.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from email.utils import formatdate
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Request
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import JSONResponse, StreamingResponse

from signedin import Connection, InteractionRequired, SignedinError, TemporarilyUnavailable
from signedin.responses import Answer, ask
from signedin_adapters.web import create_app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, Any]]:
    async with Connection.open(app_name="Acme Notes") as connection, aclosing(create_app(connection)) as page:
        app.mount("/account", page)
        yield {"connection": connection, "page": page}


async def connected(request: Request) -> Connection:
    return request.state.connection  # type: ignore[no-any-return]  # Starlette's state is untyped


Connected = Annotated[Connection, Depends(connected)]


async def asked(connection: Connected, prompt: Annotated[str, Body(embed=True)]) -> AsyncGenerator[Answer]:
    async with ask(connection, prompt) as answer:
        yield answer


app = FastAPI(lifespan=lifespan)
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])


@app.post("/ask")
async def stream(answer: Annotated[Answer, Depends(asked)]) -> StreamingResponse:
    return StreamingResponse(answer, media_type="text/plain")


@app.exception_handler(SignedinError)
async def refuse(request: Request, error: SignedinError) -> JSONResponse:
    told = {"case": error.case, "message": error.message}
    if isinstance(error, InteractionRequired):
        return JSONResponse({**told, "sign_in": request.state.page.address(f"{request.base_url}account")}, 409)
    if isinstance(error, TemporarilyUnavailable):
        return JSONResponse(told, 503, {"Retry-After": formatdate(error.retry_at, usegmt=True)})
    return JSONResponse(told, 502)
