"""Servers that are functions."""

from collections.abc import Callable

import httpx
import pytest

from signedin.errors import TransportFailed
from signedin.oauth.messages import Request, Response
from signedin.ports import Http
from signedin.secret import Secret
from signedin.testing import FakeHttp

REQUEST = Request(method="POST", url="https://id.example/token", form=(("refresh_token", Secret("r-1")),))


async def test_a_function_answers() -> None:
    """And what was asked is known."""
    http: Http = FakeHttp(lambda request: Response(status=400, body=request.method.encode()))
    assert await http.send(REQUEST, seconds=1) == Response(status=400, body=b"POST")
    assert isinstance(http, FakeHttp)
    assert http.requests == [REQUEST]


async def test_without_a_function_there_is_no_server() -> None:
    """As on a machine that is offline: nothing was sent."""
    with pytest.raises(TransportFailed) as failed:
        await FakeHttp().send(REQUEST, seconds=1)
    assert (failed.value.kind, failed.value.sent, failed.value.case) == ("connect", False, "offline")


async def test_both_clients_ask_the_api() -> None:
    """With base URL and auth as given."""
    http = FakeHttp(api=lambda request: httpx.Response(200, text=request.headers["Authorization"]))
    ada = httpx.BasicAuth("ada", "secret")
    async with http.client(base_url="https://api.example/v1", auth=ada) as client:
        assert (await client.get("/models")).text.startswith("Basic ")
    with http.sync_client(base_url="https://api.example/v1", auth=ada) as plain:
        assert plain.get("/models").text.startswith("Basic ")
    assert [str(request.url) for request in http.api_requests] == ["https://api.example/v1/models"] * 2


@pytest.mark.parametrize(("error", "sent"), [(httpx.ConnectError, False), (httpx.ReadError, True)])
def test_a_clients_failure_says_whether_it_was_sent(error: Callable[[str], Exception], sent: bool) -> None:
    """Only a connection that was never made is certain."""
    assert FakeHttp().failure(error("no"), url="https://api.example").sent is sent
