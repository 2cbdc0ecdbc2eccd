"""The Starlette application: all endpoints of a realm, behind the gate, and refusals turned into answers."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from signedin_adapters.sandbox.api import Api
from signedin_adapters.sandbox.authorize import AuthorizationEndpoint
from signedin_adapters.sandbox.discovery import DiscoveryEndpoint
from signedin_adapters.sandbox.gate import Gate
from signedin_adapters.sandbox.index_page import IndexPage
from signedin_adapters.sandbox.page import refusal_page
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import ApiRefusal, OAuthRefusal, PageRefusal, RedirectRefusal
from signedin_adapters.sandbox.revoke import RevocationEndpoint
from signedin_adapters.sandbox.token import TokenEndpoint

# In the nested shape these have been seen as 401, where RFC 6749's own shape says 400.
_NESTED_401 = frozenset({"refresh_token_expired", "refresh_token_invalidated", "refresh_token_reused"})


def application(realm: Realm) -> Starlette:
    """The ASGI application of a realm."""

    async def refuse(request: Request, error: Exception) -> Response:
        return _refusal(realm, request, error)

    endpoints = (
        IndexPage(realm),
        DiscoveryEndpoint(realm),
        AuthorizationEndpoint(realm),
        TokenEndpoint(realm),
        RevocationEndpoint(realm),
        Api(realm),
    )
    return Starlette(
        routes=[route for endpoint in endpoints for route in endpoint.routes],
        middleware=[Middleware(Gate, realm=realm)],
        exception_handlers=dict.fromkeys((OAuthRefusal, ApiRefusal, PageRefusal, RedirectRefusal), refuse),
    )


def _refusal(realm: Realm, request: Request, error: Exception) -> Response:
    """The answer to a refused request; its code is the note in the log."""
    match error:
        case OAuthRefusal():
            request.state.note = error.code
            status = 401 if realm.error_shape == "object" and error.code in _NESTED_401 else error.status
            return JSONResponse(error.body(realm.error_shape), status_code=status)
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
