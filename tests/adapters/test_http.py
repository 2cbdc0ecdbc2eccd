"""Carrying one OAuth request, against a real server that misbehaves in every way."""

import gzip
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from signedin.errors import TransportFailed
from signedin.oauth.messages import Request
from signedin.secret import Secret
from signedin.testing.certificates import certificate
from signedin.testing.free_ports import free_ports
from signedin.testing.network_settings import forget_network_settings
from signedin.testing.raw_server import Behaviour, hanging, read_request, replying, serving
from signedin_adapters import http as http_module
from signedin_adapters.http import MAX_BODY_BYTES, HttpxClient

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Request-Id: req-1\r\n\r\n{}"
SECRETS = (("grant_type", "refresh_token"), ("refresh_token", Secret("refresh&secret=1")))


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_network_settings(monkeypatch)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's context and the file that makes a client trust it."""
    return certificate(tmp_path_factory.mktemp("tls"))


def post(url: str) -> Request:
    """A refresh, more or less."""
    return Request(method="POST", url=f"{url}/token?tenant=query-secret", form=SECRETS)


async def failing(client: HttpxClient, url: str, *, seconds: float = 5) -> TransportFailed:
    """The failure of one request; its words show the host and nothing else."""
    with pytest.raises(TransportFailed) as caught:
        await client.send(post(url), seconds=seconds)
    words = str(caught.value)
    assert len(words) < 120
    assert "secret" not in words
    assert "token" not in words
    assert caught.value.__cause__ is None
    return caught.value


async def failure_of(behaviour: Behaviour, *, seconds: float = 5) -> TransportFailed:
    """The failure of one request to a server that behaves like this; it is asked exactly once."""
    with serving(behaviour) as server:
        failed = await failing(HttpxClient(), server.url, seconds=seconds)
        assert server.connections == 1
    return failed


async def test_a_request_is_sent_as_built_and_the_answer_comes_whole() -> None:
    """Form-encoded, uncompressed, under our own name; any status is an answer."""
    requests: list[bytes] = []
    with serving(
        replying(b"HTTP/1.1 400 Bad\r\nX-Request-Id: req-1\r\ncontent-length: 3\r\n\r\nabc", requests)
    ) as server:
        response = await HttpxClient().send(post(server.url), seconds=5)
    assert (response.status, response.body, response.request_id) == (400, b"abc", "req-1")
    head, _, body = requests[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0] == b"post /token?tenant=query-secret http/1.1"
    assert b"accept-encoding: identity" in lines
    assert b"content-type: application/x-www-form-urlencoded" in lines
    assert any(line.startswith(b"user-agent: signedin") for line in lines)
    assert not any(line.startswith((b"cookie", b"authorization")) for line in lines)
    assert body == b"grant_type=refresh_token&refresh_token=refresh%26secret%3D1"


async def test_a_bearer_and_headers_are_sent() -> None:
    """Only where they are asked for."""
    requests: list[bytes] = []
    with serving(replying(OK, requests)) as server:
        request = Request(method="GET", url=server.url, bearer=Secret("access-1"), headers=(("X-Extra", "1"),))
        await HttpxClient().send(request, seconds=5)
    assert b"\r\nAuthorization: Bearer access-1\r\n" in requests[0]
    assert b"\r\nX-Extra: 1\r\n" in requests[0]


async def test_every_request_has_a_connection_of_its_own() -> None:
    """A kept connection that the server closed would be a hidden second try."""
    with serving(replying(OK)) as server:
        client = HttpxClient()
        for _ in range(3):
            await client.send(post(server.url), seconds=5)
        assert server.connections == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status: int) -> None:
    """A 307 would carry the refresh token to the other host."""
    with serving(replying(OK)) as other:
        location = f"HTTP/1.1 {status} Moved\r\nlocation: {other.url}/\r\ncontent-length: 0\r\n\r\n"
        failed = await failure_of(replying(location.encode()))
        assert (failed.kind, failed.sent, other.connections) == ("redirect", True, 0)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "x-unknown", "identity, gzip"])
async def test_no_content_coding_is_accepted(coding: str) -> None:
    """It was not asked for, and may be a bomb."""
    body = gzip.compress(b"{}")
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {len(body)}\r\n\r\n"
    failed = await failure_of(replying(head.encode() + body))
    assert (failed.kind, failed.case, failed.sent) == ("encoding", "ok-status-error-body", True)


async def test_an_endless_body_is_cut_at_one_mebibyte() -> None:
    """1 GiB is announced, little more than 1 MiB is taken."""
    taken = 0

    def flood(stream: socket.socket, over: threading.Event) -> None:
        nonlocal taken
        read_request(stream)
        stream.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
        for _ in range(16384):
            stream.sendall(b" " * 65536)
            taken += 65536

    assert (await failure_of(flood)).kind == "too-large"
    assert taken < 32 * MAX_BODY_BYTES


async def test_a_body_of_just_one_mebibyte_is_an_answer() -> None:
    """The bound itself is allowed."""
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {MAX_BODY_BYTES}\r\n\r\n"
    with serving(replying(head.encode() + b" " * MAX_BODY_BYTES)) as server:
        assert len((await HttpxClient().send(post(server.url), seconds=5)).body) == MAX_BODY_BYTES


async def test_a_slow_drip_meets_the_deadline() -> None:
    """The deadline is for the whole, not for each byte."""

    def drip(stream: socket.socket, over: threading.Event) -> None:
        read_request(stream)
        stream.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while not over.wait(0.02):
            stream.sendall(b" ")

    began = time.monotonic()
    failed = await failure_of(drip, seconds=0.3)
    assert time.monotonic() - began < 2
    assert (failed.kind, failed.sent, failed.case) == ("deadline", True, "request-timeout-ambiguous")


async def test_a_server_that_never_answers_meets_the_deadline() -> None:
    """The request was sent, so what became of it is open."""
    failed = await failure_of(hanging, seconds=0.2)
    assert (failed.kind, failed.sent) == ("deadline", True)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"not HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 200_000,
        b"\x16\x03\x01\x00\x00",
    ],
    ids=["nothing", "short", "cut chunks", "no HTTP", "endless header", "TLS"],
)
async def test_an_answer_that_breaks_off_leaves_it_open(raw: bytes) -> None:
    """One request reached the server, and no second one."""
    failed = await failure_of(replying(raw))
    assert (failed.kind, failed.sent, failed.case) == ("reset", True, "request-timeout-ambiguous")


async def test_a_caller_can_cancel() -> None:
    """Cancellation is the caller's and is not turned into a failure."""
    with serving(hanging) as server, anyio.move_on_after(0.1) as scope:
        await HttpxClient().send(post(server.url), seconds=5)
    assert scope.cancelled_caught


async def test_a_refused_connection_was_certainly_not_sent() -> None:
    """Nothing listens there."""
    (port,) = free_ports(1)
    failed = await failing(HttpxClient(), f"http://127.0.0.1:{port}")
    assert (failed.kind, failed.sent, failed.case) == ("connect", False, "offline")


async def test_a_name_that_cannot_be_resolved_was_certainly_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host is named."""

    def fail(*arguments: object, **more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "query-secret")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    failed = await failing(HttpxClient(), "https://id.example")
    assert (failed.kind, failed.sent, failed.case) == ("dns", False, "dns-failure")
    assert "id.example" in str(failed)


async def test_a_handshake_that_hangs_was_certainly_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the time for connecting, or by the whole deadline where that comes first."""
    monkeypatch.setattr(http_module, "CONNECT_SECONDS", 0.1)
    with serving(lambda stream, over: over.wait(10)) as server:
        url = server.url.replace("http:", "https:")
        failed = await failing(HttpxClient(), url)
        assert (failed.kind, failed.sent, failed.case) == ("timeout", False, "proxy-not-used")
        assert "proxy: none" in str(failed)
        monkeypatch.setattr(http_module, "CONNECT_SECONDS", 5)
        failed = await failing(HttpxClient(), url, seconds=0.1)
        assert (failed.kind, failed.sent, failed.case) == ("deadline", False, "proxy-not-used")


@pytest.mark.parametrize("setting", ["option", "variable"])
async def test_a_companys_certificate_is_believed_where_it_is_named(
    setting: str, tls: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `[network] ca_file` or by SSL_CERT_FILE."""
    context, path = tls
    if setting == "variable":
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with serving(replying(OK), tls=context) as server:
        client = HttpxClient(ca_file=str(path) if setting == "option" else None)
        assert (await client.send(post(server.url.replace("http:", "https:")), seconds=5)).status == 200


async def test_a_certificate_nobody_vouches_for_is_refused(tls: tuple[ssl.SSLContext, Path]) -> None:
    """By the system's trust store; nothing was sent."""
    with serving(replying(OK), tls=tls[0]) as server:
        failed = await failing(HttpxClient(), server.url.replace("http:", "https:"))
    assert (failed.kind, failed.sent, failed.case) == ("tls", False, "tls-interception")


@pytest.mark.parametrize(("host", "days"), [("127.0.0.2", 1), ("127.0.0.1", -1)], ids=["wrong host", "expired"])
async def test_a_certificate_must_fit(host: str, days: int, tmp_path: Path) -> None:
    """Trusted is not enough: the address and the date must fit as well."""
    context, path = certificate(tmp_path, host=host, days=days)
    with serving(replying(OK), tls=context) as server:
        failed = await failing(HttpxClient(ca_file=str(path)), server.url.replace("http:", "https:"))
    assert (failed.kind, failed.sent) == ("tls", False)


@pytest.fixture
def refusing_proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that wants a password."""
    requests: list[bytes] = []
    answer = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"
    with serving(replying(answer, requests)) as server:
        yield f"http://ada:pass-secret@127.0.0.1:{server.port}", requests


@pytest.mark.parametrize("setting", ["option", "HTTPS_PROXY", "all_proxy"])
async def test_a_proxy_is_used_and_may_want_a_password(
    setting: str, refusing_proxy: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the setting or by a variable; the request itself never left."""
    url, requests = refusing_proxy
    if setting != "option":
        monkeypatch.setenv(setting, url)
    client = HttpxClient(proxy=url if setting == "option" else None)
    failed = await failing(client, "https://id.example")
    assert (failed.kind, failed.sent, failed.case) == ("proxy-auth", False, "proxy-auth-required")
    assert requests[0].startswith(b"CONNECT id.example:443 ")
    assert b"proxy-authorization: basic " in requests[0].lower()
    assert b"refresh" not in requests[0]


async def test_a_proxy_that_says_no_or_is_not_there_is_named() -> None:
    """Nothing was sent to the server."""
    with serving(replying(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")) as server:
        failed = await failing(HttpxClient(proxy=server.url), "https://id.example")
        assert (failed.kind, failed.sent, failed.case) == ("proxy", False, "proxy-not-used")
    failed = await failing(HttpxClient(proxy=server.url), "https://id.example")
    assert (failed.kind, failed.sent) == ("proxy", False)


async def test_socks_is_spoken() -> None:
    """The proxy sees a SOCKS 5 greeting."""
    greetings: list[bytes] = []

    def greet(stream: socket.socket, over: threading.Event) -> None:
        greetings.append(stream.recv(16))

    with serving(greet) as server:
        failed = await failing(HttpxClient(proxy=f"socks5://127.0.0.1:{server.port}"), "https://id.example")
    assert (failed.kind, failed.sent) == ("proxy", False)
    assert greetings[0][:1] == b"\x05"


async def test_loopback_never_goes_through_a_proxy(
    refusing_proxy: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the setting and the variables say."""
    monkeypatch.setenv("HTTP_PROXY", refusing_proxy[0])
    monkeypatch.setenv("ALL_PROXY", refusing_proxy[0])
    with serving(replying(OK)) as server:
        for client in (HttpxClient(), HttpxClient(proxy=refusing_proxy[0])):
            assert (await client.send(post(server.url), seconds=5)).status == 200
    assert not refusing_proxy[1]


async def test_the_apis_clients_have_the_same_rules() -> None:
    """No redirects, our own trust and proxy; base URL and auth as given; for tasks and for threads."""
    moved = b"HTTP/1.1 307 Moved\r\nlocation: https://evil.example/\r\ncontent-length: 0\r\n\r\n"
    requests: list[bytes] = []

    def auth(request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = "Bearer access-1"
        return request

    with serving(replying(moved, requests)) as server:
        async with HttpxClient().client(base_url=f"{server.url}/v1", auth=auth) as client:
            assert (await client.get("/models")).status_code == 307
            assert client.timeout.connect == http_module.CONNECT_SECONDS
        with HttpxClient().sync_client(base_url=f"{server.url}/v1", auth=auth) as plain:
            assert plain.get("/models").status_code == 307
            assert plain.timeout == client.timeout
    for request in requests:
        assert request.startswith(b"GET /v1/models ")
        assert b"Authorization: Bearer access-1" in request


def test_httpx_is_not_loaded_before_it_is_needed() -> None:
    """Making the client is cheap."""
    program = (
        "import sys; from signedin_adapters.http import HttpxClient; HttpxClient();"
        "print([name for name in ('httpx', 'truststore', 'trio', 'cryptography') if name in sys.modules])"
    )
    assert _run(program).communicate(timeout=20)[0] == "[]\n"


STOPPED = """
import sys, anyio
from signedin.oauth.messages import Request
from signedin_adapters.http import HttpxClient
request = Request(method="GET", url=sys.argv[1])
response = anyio.run(lambda: HttpxClient().send(request, seconds=1), backend=sys.argv[2])
print(response.status)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a system with SIGSTOP")
def test_an_answer_that_came_while_the_process_was_stopped_is_taken() -> None:
    """A deadline that fires late is put off once: the answer lies in the socket already."""
    asked, answer = threading.Semaphore(0), threading.Event()

    def wait(stream: socket.socket, over: threading.Event) -> None:
        read_request(stream)
        asked.release()
        answer.wait(10)
        stream.sendall(OK)

    with serving(wait) as server:
        children: list[subprocess.Popen[str]] = []
        for backend in ("asyncio", "trio"):
            children.append(_run(STOPPED, server.url, backend))
            assert asked.acquire(timeout=20)
            children[-1].send_signal(signal.SIGSTOP)
        answer.set()
        time.sleep(2.2)  # past the deadline and what still counts as in time
        for child in children:
            child.send_signal(signal.SIGCONT)
        assert [child.communicate(timeout=20)[0] for child in children] == ["200\n", "200\n"]


def _run(program: str, *arguments: str) -> subprocess.Popen[str]:
    roots = [str(Path(path).resolve()) for path in ("core", "adapters")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(roots)}
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True, env=environment
    )
