"""Owns the contract of `signedin.ports.Http` as a suite: subclass it, give it a client, and pytest runs it.

    class TestMyHttp(HttpContract):
        @pytest.fixture
        def http(self) -> Http:
            return MyHttp()

It asks servers on 127.0.0.1, by real sockets. It proves nothing about proxies, about a certificate that is trusted, or
about a machine that goes to sleep.
"""

import gzip
import socket
import threading
import time
from collections.abc import Generator
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest

from signedin.errors import TransportFailed
from signedin.oauth.messages import Request, Response
from signedin.ports import Http
from signedin.secret import Secret
from signedin.testing.certificates import certificate
from signedin.testing.event_loops import OnEachLoop, Run
from signedin.testing.free_ports import free_ports
from signedin.testing.network_settings import forget_network_settings
from signedin.testing.raw_server import Behaviour, hanging, read_request, replying, serving

CANARY = "canary-7f3a"
MIB = 1024 * 1024
_PATIENCE = 5.0


def answering(status: int = 200, *headers: str, body: bytes = b"{}", read: list[bytes] | None = None) -> Behaviour:
    """Answer one request like this; it is kept in `read`."""
    lines = (f"HTTP/1.1 {status} Such", *headers, f"Content-Length: {len(body)}", "Connection: close", "", "")
    return replying("\r\n".join(lines).encode() + body, read)


def dripping(stream: socket.socket, over: threading.Event) -> None:
    """Send a blank at a time, and never come to an end."""
    read_request(stream)
    stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(0.02):
        stream.sendall(b" ")


def refresh(url: str) -> Request:
    """A request that must not be sent twice."""
    form = (("grant_type", "refresh_token"), ("refresh_token", Secret(f"{CANARY}&a=b")))
    return Request(method="POST", url=f"{url}/token?tenant={CANARY}", form=form)


class Signed(httpx.Auth):
    """What a connection adds to a request of the API, more or less."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add a token."""
        request.headers["Authorization"] = "Bearer token-1"
        yield request


class HttpContract(OnEachLoop):
    """What every HTTP client must do. A subclass overrides the fixture `http`."""

    @pytest.fixture
    def http(self) -> Http:
        """A client with its usual settings."""
        raise NotImplementedError("override the fixture `http`")

    @pytest.fixture(autouse=True)
    def no_network_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What this machine says about proxies and certificates is forgotten."""
        forget_network_settings(monkeypatch)

    @pytest.mark.parametrize("status", [200, 204, 400, 401, 404, 429, 500, 503])
    def test_any_status_is_an_answer(self, http: Http, run: Run, status: int) -> None:
        """With its whole body, and its headers by lower-case names."""
        body = b"" if status == 204 else b'{"error": "such"}'
        with serving(answering(status, "X-Request-Id: req-1", body=body)) as server:
            response: Response = run(partial(http.send, refresh(server.url), seconds=_PATIENCE))
        assert (response.status, response.body, response.header("x-request-id")) == (status, body, "req-1")

    def test_a_form_is_sent_as_it_was_built(self, http: Http, run: Run) -> None:
        """Once, form-encoded, with its secrets as they are, and without asking for a content coding."""
        head, body = self._sent(http, run, refresh(""))
        assert head[0] == f"POST /token?tenant={CANARY} HTTP/1.1"
        assert "content-type: application/x-www-form-urlencoded" in head[1:]
        assert not any(line.startswith("accept-encoding:") and line != "accept-encoding: identity" for line in head)
        assert body == f"grant_type=refresh_token&refresh_token={CANARY}%26a%3Db".encode()

    def test_json_is_sent_as_one_object(self, http: Http, run: Run) -> None:
        """With its secrets as they are."""
        head, body = self._sent(http, run, Request(method="POST", url="/token", json=(("token", Secret(CANARY)),)))
        assert "content-type: application/json" in head
        assert body.replace(b" ", b"") == b'{"token":"%s"}' % CANARY.encode()

    def test_a_bearer_and_headers_are_sent(self, http: Http, run: Run) -> None:
        """And no body where there is none."""
        request = Request(method="GET", url="/me", bearer=Secret(CANARY), headers=(("X-Extra", "1"),))
        head, body = self._sent(http, run, request)
        assert head[0] == "GET /me HTTP/1.1"
        assert {f"authorization: Bearer {CANARY}", "x-extra: 1"} <= set(head)
        assert body == b""

    @pytest.mark.parametrize("status", [302, 307])
    def test_no_redirect_is_followed(self, http: Http, run: Run, status: int) -> None:
        """A 307 would carry the refresh token to another host."""
        with serving(answering()) as other:
            failed = self._failure(http, run, answering(status, f"Location: {other.url}/"))
            assert other.connections == 0
        assert (failed.kind, failed.sent) == ("redirect", True)

    @pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"], ids=["nothing", "short"])
    def test_nothing_is_sent_twice(self, http: Http, run: Run, raw: bytes) -> None:
        """Where the connection breaks, it is open what the server did: that is for the caller to find out."""
        failed = self._failure(http, run, replying(raw))
        assert (failed.kind, failed.sent) == ("reset", True)

    def test_no_content_coding_is_accepted(self, http: Http, run: Run) -> None:
        """It was not asked for, and may be a bomb."""
        failed = self._failure(http, run, answering(200, "Content-Encoding: gzip", body=gzip.compress(b"{}")))
        assert (failed.kind, failed.sent) == ("encoding", True)

    def test_one_mebibyte_comes_back_and_no_more(self, http: Http, run: Run) -> None:
        """The bound itself is allowed."""
        with serving(answering(body=b" " * MIB)) as server:
            response: Response = run(partial(http.send, refresh(server.url), seconds=_PATIENCE))
            assert len(response.body) == MIB
        assert self._failure(http, run, answering(body=b" " * (MIB + 1))).kind == "too-large"

    @pytest.mark.parametrize("behaviour", [hanging, dripping], ids=["silent", "slow"])
    def test_the_deadline_is_for_the_whole(self, http: Http, run: Run, behaviour: Behaviour) -> None:
        """Not for each byte."""
        began = time.monotonic()
        failed = self._failure(http, run, behaviour, seconds=0.2)
        assert time.monotonic() - began < _PATIENCE
        assert (failed.kind, failed.sent) == ("deadline", True)

    def test_what_was_certainly_not_sent_is_said_to_be(self, http: Http, run: Run) -> None:
        """Nobody listens there: the refresh token is as good as before."""
        (port,) = free_ports(1)
        with pytest.raises(TransportFailed) as caught:
            run(partial(http.send, refresh(f"http://127.0.0.1:{port}"), seconds=_PATIENCE))
        assert (caught.value.kind, caught.value.sent) == ("connect", False)

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, http: Http, run: Run, tmp_path: Path) -> None:
        """TLS is verified, and nothing is sent before it is; for the clients of the API as well."""
        read: list[bytes] = []
        with serving(answering(read=read), tls=certificate(tmp_path)[0]) as server:
            url = server.url.replace("http:", "https:")
            with pytest.raises(TransportFailed) as caught:
                run(partial(http.send, refresh(url), seconds=_PATIENCE))
            with http.sync_client(base_url=url, auth=Signed()) as client, pytest.raises(httpx.ConnectError) as refused:
                client.get("/models")
        assert (caught.value.kind, caught.value.sent, read) == ("tls", False, [])
        assert http.failure(refused.value, url=url).kind == "tls"

    def test_the_clients_of_the_api_have_its_address_and_auth(self, http: Http, run: Run) -> None:
        """For tasks and for threads; they follow no redirect, either."""
        read: list[bytes] = []

        async def ask(url: str) -> int:
            async with http.client(base_url=url, auth=Signed()) as client:
                return int((await client.get("/models")).status_code)

        with serving(answering(307, "Location: http://127.0.0.1:9/", read=read)) as server:
            url = f"{server.url}/v1"
            assert run(partial(ask, url)) == 307
            with http.sync_client(base_url=url, auth=Signed()) as client:
                assert client.get("/models").status_code == 307
        for request in read:
            assert request.startswith(b"GET /v1/models HTTP/1.1\r\n")
            assert b"authorization: bearer token-1\r\n" in request.lower()

    def test_a_failure_of_such_a_client_can_be_told(self, http: Http) -> None:
        """As an error to raise, which shows no more than the host."""
        for error, sent in ((httpx.ConnectError(CANARY), False), (httpx.ReadError(CANARY), True)):
            failed = http.failure(error, url=f"https://id.example/{CANARY}")
            assert (type(failed), failed.sent) == (TransportFailed, sent)
            assert CANARY not in str(failed)

    def test_it_may_be_used_on_any_thread(self, http: Http, run: Run) -> None:
        """Several at once: each exchange runs on a thread of its own, in a loop of its own."""
        answers: list[Response] = []
        with serving(answering()) as server:
            send = partial(http.send, refresh(server.url), seconds=_PATIENCE)
            threads = [threading.Thread(target=lambda: answers.append(run(send))) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert server.connections == 3
        assert [answer.status for answer in answers] == [200] * 3

    def _sent(self, http: Http, run: Run, request: Request) -> tuple[list[str], bytes]:
        """What arrives at the server: the lines of the head, header names in lower case, and the body."""
        read: list[bytes] = []
        with serving(answering(read=read)) as server:
            at = replace(request, url=server.url + request.url)
            run(partial(http.send, at, seconds=_PATIENCE))
        (raw,) = read
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        return [first, *(f"{name.lower()}:{value}" for name, _, value in (line.partition(":") for line in lines))], body

    def _failure(self, http: Http, run: Run, behaviour: Behaviour, *, seconds: float = _PATIENCE) -> TransportFailed:
        """How a request to such a server fails: asked exactly once, and without a word of what was in it."""
        with serving(behaviour) as server:
            with pytest.raises(TransportFailed) as caught:
                run(partial(http.send, refresh(server.url), seconds=seconds))
            assert server.connections == 1
        assert CANARY not in str(caught.value)
        return caught.value
