"""The Starlette application: all endpoints of a realm, behind the gate, and refusals turned into answers."""

from typing import Protocol

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox.api import Api
from signedin_adapters.sandbox.authorize import AuthorizationEndpoint
from signedin_adapters.sandbox.codex.backend import Backend
from signedin_adapters.sandbox.codex.device import DeviceEndpoint
from signedin_adapters.sandbox.device_page import DevicePage
from signedin_adapters.sandbox.discovery import DiscoveryEndpoint
from signedin_adapters.sandbox.fault_answers import Struck
from signedin_adapters.sandbox.gate import Gate
from signedin_adapters.sandbox.index_page import IndexPage
from signedin_adapters.sandbox.native.device import DeviceAuthorizationEndpoint
from signedin_adapters.sandbox.page import refusal_page
from signedin_adapters.sandbox.parts import AGENTS, CODEX, NATIVE
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import ApiRefusal, OAuthRefusal, PageRefusal, RedirectRefusal
from signedin_adapters.sandbox.revoke import RevocationEndpoint
from signedin_adapters.sandbox.token import TokenEndpoint
from signedin_adapters.sandbox.visits import Visits


class Endpoint(Protocol):
    """Something that serves routes of its own."""

    routes: list[Route]


def application(realm: Realm) -> Starlette:
    """The ASGI application of a realm."""

    async def refuse(request: Request, error: Exception) -> Response:
        return _refusal(realm, request, error)

    endpoints: tuple[Endpoint, ...] = (
        IndexPage(realm),
        *(DiscoveryEndpoint(realm, part) for part in (AGENTS, NATIVE)),
        *(AuthorizationEndpoint(realm, part) for part in (AGENTS, CODEX, NATIVE)),
        Visits(realm),
        *(TokenEndpoint(realm, part) for part in (AGENTS, CODEX, NATIVE)),
        *(RevocationEndpoint(realm, part) for part in (AGENTS, CODEX, NATIVE)),
        DeviceEndpoint(realm),
        DeviceAuthorizationEndpoint(realm),
        *(DevicePage(realm, part) for part in (CODEX, NATIVE)),
        *(Api(realm, part) for part in (AGENTS, NATIVE)),
        Backend(realm),
    )
    return Starlette(
        routes=[route for endpoint in endpoints for route in endpoint.routes],
        middleware=[Middleware(Gate, realm=realm)],
        exception_handlers=dict.fromkeys((OAuthRefusal, ApiRefusal, PageRefusal, RedirectRefusal, Struck), refuse),
    )


def _refusal(realm: Realm, request: Request, error: Exception) -> Response:
    """The answer to a refused request; its code is the note in the log, unless a fault has left its own."""
    match error:
        case Struck():
            return error.answer
        case OAuthRefusal():
            request.state.note = error.code
            return _oauth_answer(realm, request.url.path, error)
        case ApiRefusal():
            request.state.note = error.note
            return JSONResponse(error.body, status_code=error.status, headers=error.headers)
        case PageRefusal():
            request.state.note = error.code
            return refusal_page(error)
        case RedirectRefusal():
            request.state.note = error.code
            return RedirectResponse(error.location, status_code=303)
        case _:
            raise error


def _oauth_answer(realm: Realm, path: str, refusal: OAuthRefusal) -> Response:
    """In the realm's shape; a dead refresh token's own codes are nested at the codex endpoint whatever is chosen.

    Nested, they have been seen as 401, where RFC 6749's own shape says 400.
    """
    ending = refusal.code in CODEX.ending_codes
    shape = "object" if ending and path == CODEX.token_endpoint else realm.error_shape
    status = 401 if ending and shape == "object" else refusal.status
    return JSONResponse(refusal.body(shape), status_code=status)
