"""The answers of faults that stand in for the endpoint's own: nothing has been done when one of them is given.

`ANSWERS` maps the name of a fault to a maker of its answer. A fault that only spoils an endpoint's own answer is not
here but where that answer is made: `strike` tells the endpoint its name.
"""

from collections.abc import Callable

import anyio
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from signedin_adapters.sandbox.faults import Endpoint
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import ApiRefusal

BLANK_EVERY = 0.05
"""Seconds between two blanks of the slow drip."""

FOREIGN_ORIGIN = "http://127.0.0.1:9"
"""An origin that is not the issuer's; its port is the discard service's, where nobody listens."""

HUGE = 4 * 1024 * 1024
"""Bytes of the answer that is far too large."""


class Struck(Exception):
    """A fault answers in the endpoint's place."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def strike(request: Request, realm: Realm, *places: Endpoint, note: str = "") -> str | None:
    """The fault that is armed for one of these places; the log's note names it, or says ``note`` where there is none.

    Raises Struck where the fault has an answer of its own.
    """
    fault = realm.faults.take(*places)
    request.state.note = fault or note
    if fault in ANSWERS:
        raise Struck(ANSWERS[fault]())
    return fault


class Hang(Response):
    """No answer: waits until the connection ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer nothing."""
        while (await receive())["type"] != "http.disconnect":
            pass


class Drop(Hang):
    """No answer: closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close, and wait for the server to notice."""
        close_connection(scope)
        await super().__call__(scope, receive, send)


class Drip(Hang):
    """A 200 whose JSON body begins with blanks, one at a time, for as long as somebody listens."""

    media_type = "application/json"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send blanks until the connection ends."""
        del self.headers["content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        gone = False
        while not gone:
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            with anyio.move_on_after(BLANK_EVERY):
                await super().__call__(scope, receive, send)
                gone = True


def close_connection(scope: Scope) -> None:
    """Close the connection of a request once what was written has gone out."""
    HTTPConnection(scope).state.transport.close()


def html_error(status: int) -> Response:
    """A page as proxies and gateways send it."""
    page = f"<!doctype html><title>{status}</title><h1>{status}</h1><p>The gateway could not reach the server.</p>"
    return HTMLResponse(page, status_code=status)


def challenge() -> Response:
    """A bot check as a content delivery network sends it: the header says what the page is."""
    page = "<!doctype html><title>Just a moment...</title><p>Enable JavaScript and cookies to continue.</p>"
    return HTMLResponse(page, status_code=403, headers={"cf-mitigated": "challenge"})


def portal() -> Response:
    """The page with which a network answers everything until its own terms are accepted."""
    return HTMLResponse("<!doctype html><title>Welcome</title><h1>Welcome</h1><p>Accept our terms to go online.</p>")


def detail(status: int, text: str) -> Response:
    """The shape ``{"detail": …}``."""
    return JSONResponse(ApiRefusal.detail(status, text).body, status_code=status)


def coded(status: int, code: str | None, message: str, *, param: str | None = None) -> Response:
    """The shape ``{"error": {"code", "message", …}}``."""
    return JSONResponse(ApiRefusal.coded(status, code, message, param=param).body, status_code=status)


def _detail_code(status: int, code: str) -> Response:
    return JSONResponse({"detail": {"code": code}}, status_code=status)


def _unavailable() -> Response:
    return JSONResponse({"error": "temporarily_unavailable"}, status_code=503)


def _slow_down() -> Response:
    return JSONResponse({"error": "slow_down"}, status_code=429, headers={"retry-after": "2"})


ANSWERS: dict[str | None, Callable[[], Response]] = {
    "next-503": _unavailable,
    "discovery-503": _unavailable,
    "jwks-503": _unavailable,
    "jwks-empty": lambda: JSONResponse({"keys": []}),
    "token-503": _unavailable,
    "token-429": _slow_down,
    "token-html": lambda: html_error(502),
    "token-challenge": challenge,
    "token-portal": portal,
    "token-200-error": lambda: JSONResponse({"error": "server_error", "error_description": "Something went wrong."}),
    "token-close": Drop,
    "token-hang": Hang,
    "token-slow-drip": Drip,
    "token-huge": lambda: JSONResponse({"access_token": "x" * HUGE, "token_type": "Bearer"}),
    "token-redirect-307": lambda: Response(
        status_code=307, headers={"location": f"{FOREIGN_ORIGIN}/api/accounts/oauth/token"}
    ),
    "token-no-code": lambda: JSONResponse({"message": "Something went wrong."}, status_code=400),
    "device-disabled": lambda: detail(404, "Not Found"),
    "device-start-429": _slow_down,
    "device-429": _slow_down,
    "device-503": _unavailable,
    "device-html": lambda: html_error(502),
    "revoke-503": _unavailable,
    "api-401": lambda: coded(401, "invalid_token", "The access token was not accepted."),
    "api-403-detail": lambda: detail(403, "This request is refused by policy."),
    "api-429-limit": lambda: coded(
        429, "subscription_sharing_usage_limit_exceeded", "The plan's limit for this app is reached."
    ),
    "api-503": lambda: detail(503, "Direct routing is unavailable."),
    "api-html": lambda: html_error(502),
    "api-challenge": challenge,
    "api-portal": portal,
    "api-scopes-missing": lambda: coded(401, None, "Missing scopes: api.responses.write"),
    "api-deactivated": lambda: coded(401, "account_deactivated", "The account was deactivated."),
    "api-no-consent": lambda: coded(403, "chatpass_v2_scope_not_authorized", "Plan use was not allowed."),
    "api-not-eligible": lambda: coded(403, "subscription_sharing_user_not_eligible", "The user is not eligible."),
    "api-usage-unavailable": lambda: coded(
        503, "subscription_sharing_usage_unavailable", "The plan's usage cannot be checked."
    ),
    "api-key-rejected": lambda: coded(401, "invalid_api_key", "Incorrect API key provided."),
    "workspace-deactivated": lambda: _detail_code(402, "deactivated_workspace"),
    "workspace-invalid": lambda: _detail_code(403, "invalid_workspace_selected"),
    "originator-refused": lambda: detail(403, "Forbidden"),
    "model-not-found": lambda: coded(404, "model_not_found", "The model does not exist.", param="model"),
    "model-refused": lambda: detail(
        400, "The 'sandbox-codex' model is not supported when using Codex with a ChatGPT account."
    ),
    "capability-unsupported": lambda: coded(
        400,
        "subscription_sharing_unsupported_capability",
        "reasoning.effort is not supported with plan usage.",
        param="reasoning.effort",
    ),
    "usage-not-included": lambda: JSONResponse(
        {"error": {"type": "usage_not_included", "message": "The plan does not include this."}}, status_code=403
    ),
    "models-empty": lambda: JSONResponse({"models": []}),
    "models-520": lambda: html_error(520),
}
