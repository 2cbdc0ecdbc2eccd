"""Owns `FakeHttp`: servers that are functions, for tests without a socket.

The sandbox (`signedin_adapters.testing`) is a real server that keeps every rule; this one knows none.
"""

from collections.abc import Callable

import httpx

from signedin.classify.transport import transport_case
from signedin.errors import TransportFailed
from signedin.oauth.messages import Request, Response


def nobody(request: Request) -> Response:
    """No server at all, as on a machine that is offline."""
    raise _unreachable()


def no_api(request: httpx.Request) -> httpx.Response:
    """The same for the API."""
    raise httpx.ConnectError("Nothing answers here.", request=request)


class FakeHttp:
    """An `Http` that asks functions: `oauth` for each OAuth request, `api` for whatever goes through a client.

    `oauth` may raise TransportFailed, and `api` what httpx raises; without either, that server is out of reach. Both
    are called on whatever thread asks. `requests` and `api_requests` are what came, in order.
    """

    def __init__(
        self,
        oauth: Callable[[Request], Response] = nobody,
        *,
        api: Callable[[httpx.Request], httpx.Response] = no_api,
    ) -> None:
        self.requests: list[Request] = []
        self.api_requests: list[httpx.Request] = []
        self._oauth, self._api = oauth, api

    async def send(self, request: Request, *, seconds: float) -> Response:
        """What `oauth` answers. Raises TransportFailed."""
        self.requests.append(request)
        return self._oauth(request)

    def client(self, *, base_url: str, auth: httpx.Auth | None) -> httpx.AsyncClient:
        """An `httpx.AsyncClient` whose requests go to `api`."""
        return httpx.AsyncClient(base_url=base_url, auth=auth, transport=httpx.MockTransport(self._answer))

    def sync_client(self, *, base_url: str, auth: httpx.Auth | None) -> httpx.Client:
        """The same as an `httpx.Client`."""
        return httpx.Client(base_url=base_url, auth=auth, transport=httpx.MockTransport(self._answer))

    def failure(self, error: Exception, *, url: str) -> TransportFailed:
        """A connection that was never made, or one that broke."""
        if isinstance(error, httpx.ConnectError):
            return _unreachable()
        return TransportFailed(
            "The answer broke off.", kind="reset", sent=True, case=transport_case("reset", sent=True)
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.api_requests.append(request)
        return self._api(request)


def _unreachable() -> TransportFailed:
    case = transport_case("connect", sent=False)
    return TransportFailed("Nothing answers here.", kind="connect", sent=False, case=case)
