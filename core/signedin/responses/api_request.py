"""Owns one request to the provider's API on its way: sent with the connection's token, answered, or refused.

The connection recovers from a 401 by itself and raises its flags (`auth`); nothing is sent a second time here.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import httpx

from signedin import cases
from signedin.account import Account
from signedin.auth import ConnectionAuth
from signedin.connection import Connection, account_of
from signedin.errors import ConnectionFailed
from signedin.oauth.messages import Response
from signedin.oauth.strict_json import MAX_BYTES
from signedin.responses import refusal

SILENCE_SECONDS = 180.0
"""How long an answer that has begun may be silent."""


@asynccontextmanager
async def sent(
    connection: Connection,
    method: str,
    path: str,
    *,
    seconds: float,
    json: object = None,
    etag: str | None = None,
) -> AsyncGenerator[httpx.Response]:
    """Send, and give the answer as soon as its head is here; that takes at most `seconds`, a refresh included.

    Whoever reads it to its end says that it `auth.went_well`. With `etag` it may be a 304: what has this validator is
    what is there still (RFC 9110 §13.1.2).

    Raises what `Connection.get_access_token` raises; ConnectionFailed where plan use is off, and then nothing is sent;
    TransportFailed; AnswerRefused or UnknownModel for any other answer than a 200.
    """
    account = account_of(connection)
    require_plan_use(account)
    async with connection.client() as client:
        headers = {"Accept-Encoding": "identity"} | ({"If-None-Match": etag} if etag else {})
        request = client.build_request(method, path, json=json, headers=headers, timeout=SILENCE_SECONDS)
        response = await _answer_to(request, client, account, seconds)
        try:
            if response.status_code not in ((200, 304) if etag else (200,)):
                raise await _refused(response, account)
            yield response
        finally:
            await response.aclose()


async def body_of(response: httpx.Response, account: Account, *, seconds: float = SILENCE_SECONDS) -> bytes:
    """The answer's body, the first 1 MiB of it; that takes at most `seconds`. Raises TransportFailed."""
    body = bytearray()
    try:
        with anyio.fail_after(seconds), anyio.CancelScope() as reading:
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_BYTES:
                    reading.cancel()  # from inside, so that httpx's nested generators are closed in order
    except (httpx.HTTPError, TimeoutError) as error:
        raise account.http.failure(error, url=str(response.url)) from None
    return bytes(body)


def plain(response: httpx.Response, body: bytes = b"") -> Response:
    """The answer as plain data."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(status=response.status_code, headers=headers, body=body)


def require_plan_use(account: Account) -> None:
    """Raises ConnectionFailed where the user did not allow plan use."""
    account.look()
    session = account.context.session
    if session is not None and session.plan_enabled is False:
        case = cases.find("plan-use-off")
        raise ConnectionFailed(f"{case.title}.", case=case.id)


async def _answer_to(
    request: httpx.Request, client: httpx.AsyncClient, account: Account, seconds: float
) -> httpx.Response:
    try:
        with anyio.fail_after(seconds):
            return await client.send(request, auth=ConnectionAuth(account, read_on=True), stream=True)
    except (httpx.HTTPError, TimeoutError) as error:
        raise account.http.failure(error, url=str(request.url)) from None


async def _refused(response: httpx.Response, account: Account) -> Exception:
    """A token that stays refused is the account's own trouble; anything else is this request's."""
    body = await body_of(response, account)
    if response.status_code == 401 and account.troubled:
        return account.refusal()
    return refusal.of_answer(plain(response, body), account.provider.api)
