"""The connection's `httpx.Auth` and other servers: nothing is sent to them, and a redirect takes no token along.

Real servers all of them. What httpx does with the other headers of a request that it redirects by itself is its own.
"""

import ssl
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from tests.support.codex_api import MODELS, RESPONSES, CodexApi, codex_api

from signedin import Connection, ForbiddenOrigin, State
from signedin.testing.certificates import certificate
from signedin.testing.raw_server import replying, serving

PLAIN = pytest.mark.parametrize("plain", [False, True], ids=["async", "sync"])
Elsewhere = tuple[str, list[bytes], ssl.SSLContext | bool]
"""Another origin: where it is, what came there, and how a client trusts it."""


@pytest.fixture
def api() -> Iterator[CodexApi]:
    """An API that wants the account's id with each request."""
    with codex_api() as api:
        yield api


@pytest.fixture
async def connection(api: CodexApi) -> AsyncGenerator[Connection]:
    """Signed in there."""
    async with api.signed_in() as opened:
        yield opened


async def sent(
    connection: Connection, plain: bool, method: str, url: str, *, client: dict[str, Any] | None = None, **request: Any
) -> httpx.Response:
    """One request by a client of the app's own, which follows redirects; `client` is what else is said of that."""
    usual: dict[str, Any] = {"auth": connection.auth, "trust_env": False, "follow_redirects": True}
    settings = usual | {"base_url": connection.api_base} | (client or {})

    def plainly() -> httpx.Response:
        with httpx.Client(**settings) as client:
            return client.request(method, url, **request)

    if plain:
        return await anyio.to_thread.run_sync(plainly)
    async with httpx.AsyncClient(**settings) as opened:
        return await opened.request(method, url, **request)


# Redirects.


@pytest.fixture(params=["host", "port", "scheme"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    """For another host, port or scheme."""
    refusing = b"HTTP/1.1 401 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    requests: list[bytes] = []
    secret, trusted = certificate(tmp_path)
    tls = secret if request.param == "scheme" else None
    with serving(replying(refusing, requests), tls=tls) as server:
        host = "localhost" if request.param == "host" else "127.0.0.1"
        url = f"{'https' if tls else 'http'}://{host}:{server.port}/v1/models"
        yield url, requests, ssl.create_default_context(cafile=str(trusted)) if tls else True


@PLAIN
@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_takes_no_token_along(
    api: CodexApi,
    connection: Connection,
    elsewhere: Elsewhere,
    plain: bool,
    status: int,
) -> None:
    """To another host, port or scheme; what that server says of the token is nobody's business."""
    url, requests, verify = elsewhere
    token = (await connection.get_access_token()).reveal()
    api.says(RESPONSES, status, b"", location=url)
    answered = await sent(connection, plain, "POST", "/responses", json={}, client={"verify": verify})
    assert (answered.status_code, str(answered.url)) == (401, url)
    (redirected,) = requests
    assert token.encode() not in redirected
    assert b"authorization" not in redirected.lower()
    assert b"cookie" not in redirected.lower()
    assert connection.state is State.CONNECTED
    assert connection.case is None
    assert api.asked[0].headers["authorization"] == f"Bearer {token}"


@PLAIN
async def test_a_redirect_within_the_api_takes_it_along(api: CodexApi, connection: Connection, plain: bool) -> None:
    """The same origin is the same API."""
    api.says(RESPONSES, 307, b"", location=MODELS)
    assert (await sent(connection, plain, "POST", "/responses", json={})).status_code == 200
    assert [asked.headers["authorization"] for asked in api.asked] == [api.asked[0].headers["authorization"]] * 2


# Addresses.


@PLAIN
@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/v1/models",
        "http://127.0.0.1/v1/models",
        "http://localhost:{port}/v1/models",
        "http://127.0.0.1:{port}@localhost:{port}/v1/models",
        "http://[::1]:{port}/v1/models",
    ],
)
async def test_another_origin_is_refused(api: CodexApi, connection: Connection, plain: bool, url: str) -> None:
    """Before anything is sent: by https too, and where the API's own address is but a name before the @."""
    with pytest.raises(ForbiddenOrigin):
        await sent(connection, plain, "GET", url.format(port=httpx.URL(api.url).port))
    assert api.asked == []


@PLAIN
async def test_a_name_in_the_address_is_no_credential(api: CodexApi, connection: Connection, plain: bool) -> None:
    """The token is."""
    port = httpx.URL(api.url).port
    assert (await sent(connection, plain, "GET", f"http://ada:secret@127.0.0.1:{port}{MODELS}")).status_code == 200
    token = await connection.get_access_token()
    assert api.asked[0].headers["authorization"] == f"Bearer {token.reveal()}"


# Other credentials.


@PLAIN
async def test_an_authorization_of_ones_own_gives_way(api: CodexApi, connection: Connection, plain: bool) -> None:
    """Whether the client has it or the request; and so does another account's id."""
    own = {"Authorization": "Bearer mine", "ChatGPT-Account-ID": "ws-other", "X-Own": "kept"}
    token = await connection.get_access_token()
    await sent(connection, plain, "GET", "/models", headers=own)
    await sent(connection, plain, "GET", "/models", client={"headers": own})
    assert len(api.asked) == 2
    for asked in api.asked:
        assert asked.headers.get_list("authorization") == [f"Bearer {token.reveal()}"]
        assert asked.headers.get_list("chatgpt-account-id") == ["ws-0001"]
        assert asked.headers["x-own"] == "kept"


@PLAIN
async def test_auth_of_one_request_takes_the_place_of_the_clients(
    api: CodexApi, connection: Connection, plain: bool
) -> None:
    """Then the token is not sent, and what the API says is not said of the account."""
    api.says(MODELS, 401, {"error": {"code": "token_revoked"}})
    await sent(connection, plain, "GET", "/models", auth=("ada", "secret"))
    await sent(connection, plain, "GET", "/models", auth=None)
    basic, none = api.asked
    assert basic.headers["authorization"].startswith("Basic ")
    assert "authorization" not in none.headers
    assert "chatgpt-account-id" not in none.headers
    assert connection.state is State.CONNECTED


@PLAIN
async def test_it_can_be_the_auth_of_one_request(api: CodexApi, connection: Connection, plain: bool) -> None:
    """Of a client that has another one."""
    api.says(MODELS, 401, {"error": {"code": "token_revoked"}})
    await sent(connection, plain, "GET", "/models", client={"auth": ("ada", "secret")}, auth=connection.auth)
    assert api.asked[0].headers["authorization"].startswith("Bearer at-")
    assert connection.state is State.EXPIRED
