"""Owns carrying one OAuth request with httpx: once, whole, within a deadline, or TransportFailed.

It never retries, follows a redirect, decodes a content coding or turns verification off, and keeps no connection: a
refresh token that is sent twice ends the sign-in (RFC 9700 §4.12, §4.14). httpx is imported when it is first needed.
"""

import json
from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import anyio

from signedin.errors import TransportFailed
from signedin.oauth.messages import Field, Request, Response
from signedin.secret import Secret
from signedin_adapters.route import Route

if TYPE_CHECKING:
    import httpcore
    import httpx

MAX_BODY_BYTES = 1024 * 1024
CONNECT_SECONDS = 10.0
READ_SECONDS = 180.0
"""How long the API may be silent within a streamed answer; the deadline of a `send` is its caller's."""

LATE_SECONDS = 1.0
GRACE_SECONDS = 2.0


class HttpxClient:
    """The `Http` port over httpx. Usable from any thread, asyncio and trio.

    `proxy` and `ca_file` are the `[network]` settings; see `Route` for what holds without them, and for the
    ConfigurationError that a mistake in either raises here.
    """

    def __init__(self, *, proxy: str | None = None, ca_file: str | None = None) -> None:
        self._route = Route(proxy=proxy, ca_file=ca_file)

    def __eq__(self, other: object) -> bool:
        """Whether the other one goes the same way: this one keeps nothing that tells them apart."""
        return isinstance(other, HttpxClient) and type(other) is type(self) and self._route == other._route

    def __hash__(self) -> int:
        return hash(self._route)

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Send once on a new connection and give the whole answer, whatever its status. Raises TransportFailed alone.

        A deadline that is met late, because the process was stopped meanwhile, is put off once, briefly: the answer may
        be waiting already.
        """
        exchange = _Exchange(self._route, request)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_cancel_after, seconds, tasks.cancel_scope)
            await exchange.run()
            tasks.cancel_scope.cancel()
        if exchange.answer is None:
            raise exchange.failed or exchange.failure("deadline")
        return exchange.answer

    def client(self, *, base_url: str, auth: Any) -> Any:
        """A new `httpx.AsyncClient` for the API, with the same TLS and proxy, no redirects. The caller closes it."""
        import httpx

        return httpx.AsyncClient(**_settings(self._route, base_url), base_url=base_url, auth=auth, timeout=_patience())

    def sync_client(self, *, base_url: str, auth: Any) -> Any:
        """The same as an `httpx.Client`, for threads."""
        import httpx

        return httpx.Client(**_settings(self._route, base_url), base_url=base_url, auth=auth, timeout=_patience())

    def failure(self, error: Exception, *, url: str) -> TransportFailed:
        """What an exception of such a client means for a request to `url`."""
        from signedin_adapters.transport_failures import failure, kind_of, numbers_in, was_sent

        host = urlsplit(url).hostname or ""
        sent, proxied = was_sent(error), self._route.proxy_for(host) is not None
        kind, numbers = kind_of(error, sent=sent, proxied=proxied), numbers_in(error)
        return failure(kind, host=host, sent=sent, proxied=proxied, numbers=numbers)


class _Exchange:
    """One request on its way. `sent` turns True when its first byte may have left for the server.

    `answer` is there as soon as it is whole: whatever happens while the connection is closed cannot lose it.
    """

    def __init__(self, route: Route, request: Request) -> None:
        self._route, self._request = route, request
        self._host = urlsplit(request.url).hostname or ""
        self._proxied = route.proxy_for(self._host) is not None
        self._stream: httpcore.AsyncNetworkStream | None = None
        self.sent = False
        self.answer: Response | None = None
        self.failed: TransportFailed | None = None

    async def run(self) -> None:
        """Come to the answer or the failure, which is kept, not raised: no traceback shall hold httpx's own request."""
        from signedin_adapters.transport_failures import kind_of, numbers_in

        try:
            await self._attempt()
        except TransportFailed as failed:
            self.failed = failed
        except Exception as error:  # noqa: BLE001 - the port promises TransportFailed, whatever a library raises
            kind = kind_of(error, sent=self.sent, proxied=self._proxied)
            self.failed = self.failure(kind, numbers=numbers_in(error))
        finally:
            await self._close()

    def failure(self, kind: str, *, numbers: Collection[int] = ()) -> TransportFailed:
        """The error for what became of this exchange; `numbers` are the errno of what the system said."""
        from signedin_adapters.transport_failures import failure

        return failure(kind, host=self._host, sent=self.sent, proxied=self._proxied, numbers=numbers)

    async def _attempt(self) -> None:
        import httpx

        request = self._request
        timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
        async with (
            httpx.AsyncClient(**_settings(self._route, request.url), timeout=timeout) as client,
            client.stream(
                request.method,
                request.url,
                headers=_headers(request),
                content=_content(request),
                extensions={"trace": self._trace},
            ) as response,
        ):
            self._check(response)
            body = await self._body(response)
            self.answer = Response(status=response.status_code, headers=_plain(response), body=body)

    def _check(self, response: "httpx.Response") -> None:
        if 300 <= response.status_code < 400:
            raise self.failure("redirect")
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise self.failure("encoding")

    async def _body(self, response: "httpx.Response") -> bytes:
        body = bytearray()
        with anyio.CancelScope() as reading:
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    reading.cancel()  # and not raise: httpx's nested generators are closed in order only from inside
        if len(body) > MAX_BODY_BYTES:
            raise self.failure("too-large")
        return bytes(body)

    async def _trace(self, name: str, info: dict[str, Any]) -> None:
        """httpcore's trace: the request's own headers, not those of a proxy's CONNECT, are the point of no return."""
        if name.endswith("connect_tcp.complete"):
            self._stream = info["return_value"]
        if name.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            self.sent = True

    async def _close(self) -> None:
        """Close the socket, which httpcore forgets if TLS or a proxy fails before the connection is its own."""
        if self._stream is not None:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()


async def _cancel_after(seconds: float, scope: anyio.CancelScope) -> None:
    due = anyio.current_time() + seconds
    await anyio.sleep(seconds)
    if anyio.current_time() - due > LATE_SECONDS:
        await anyio.sleep(GRACE_SECONDS)
    scope.cancel()


def _settings(route: Route, url: str) -> dict[str, Any]:
    """What holds for every client, sync and async: TLS, proxy, no redirects, nothing from the environment."""
    import httpx

    tls = route.tls()
    proxy = route.proxy_for(urlsplit(url).hostname or "")
    through = httpx.Proxy(proxy, ssl_context=tls if urlsplit(proxy).scheme == "https" else None) if proxy else None
    headers = {"User-Agent": _user_agent(), "Accept-Encoding": "identity"}
    return {"verify": tls, "proxy": through, "trust_env": False, "follow_redirects": False, "headers": headers}


def _patience() -> "httpx.Timeout":
    import httpx

    return httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)


def _headers(request: Request) -> dict[str, str]:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", **dict(request.headers)}
    if request.form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if request.json is not None:
        headers["Content-Type"] = "application/json"
    if request.bearer is not None:
        headers["Authorization"] = f"Bearer {request.bearer.reveal()}"
    return headers


def _content(request: Request) -> bytes | None:
    if request.form is not None:
        return urlencode(_revealed(request.form)).encode("ascii")
    return None if request.json is None else json.dumps(dict(_revealed(request.json))).encode("ascii")


def _revealed(fields: tuple[tuple[str, Field], ...]) -> list[tuple[str, str]]:
    return [(name, value.reveal() if isinstance(value, Secret) else value) for name, value in fields]


def _plain(response: "httpx.Response") -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _user_agent() -> str:
    try:
        return f"signedin/{version('signedin')}"
    except PackageNotFoundError:
        return "signedin"
