"""The answers of faults that stand in for the endpoint's own: nothing has been done when one of them is given.

`ANSWERS` maps the name of a fault to a maker of its answer. A fault that only spoils an endpoint's own answer is not
here but where that answer is made.
"""

from collections.abc import Callable

import anyio
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from signedin_adapters.sandbox.refusals import ApiRefusal

BLANK_EVERY = 0.05
"""Seconds between two blanks of the slow drip."""

FOREIGN_ORIGIN = "http://127.0.0.1:9"
"""An origin that is not the issuer's; its port is the discard service's, where nobody listens."""

HUGE = 4 * 1024 * 1024
"""Bytes of the answer that is far too large."""


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


def detail(status: int, text: str) -> Response:
    """The shape ``{"detail": …}``."""
    return JSONResponse(ApiRefusal.detail(status, text).body, status_code=status)


def coded(status: int, code: str, message: str) -> Response:
    """The shape ``{"error": {"code", "message", …}}``."""
    return JSONResponse(ApiRefusal.coded(status, code, message).body, status_code=status)


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
    "workspace-deactivated": lambda: JSONResponse({"detail": {"code": "deactivated_workspace"}}, status_code=402),
    "usage-not-included": lambda: JSONResponse(
        {"error": {"type": "usage_not_included", "message": "The plan does not include this."}}, status_code=403
    ),
    "models-empty": lambda: JSONResponse({"models": []}),
    "models-520": lambda: html_error(520),
}
