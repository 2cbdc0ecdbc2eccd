"""A token endpoint that does its worst during a refresh: nobody is signed out for it, and nothing is spent twice.

What was sent may have been spent, whatever came back. So the access token serves as long as it lives, nothing more is
sent meanwhile, and then the same refresh token is tried again: it works, or it says that the refresh was interrupted.
"""

import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from tests.support.stage import TOKEN, Stage, case_of

from signedin import Connection, Flag, InteractionRequired, State, TemporarilyUnavailable
from signedin.errors import TransportFailed
from signedin.oauth.messages import Request, Response
from signedin.ports import Http
from signedin.testing.raw_server import Behaviour, RawServer, hanging, read_request, replying, serving

LIFE = 3600.0
HALF = 1800.0
NEARLY = 3595.0
"""Within the last seconds of the token, where a caller waits for a refresh if there may be one."""
BACK_OFF = 15.0
SOON = 5.0
"""Seconds within which everything here is over, deadlines included."""
GIBIBYTE = 1024**3
MEBIBYTE = 1024**2
TOKENS = b'{"access_token": "new", "refresh_token": "next", "token_type": "Bearer", "expires_in": 3600}'


class Diverted:
    """The stage's HTTP; requests to the token endpoint end up elsewhere while `to` is set."""

    def __init__(self, http: Http) -> None:
        self._http, self.to = http, ""

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Send, perhaps elsewhere."""
        if self.to and request.url.endswith(TOKEN):
            request = replace(request, url=f"{self.to}{TOKEN}")
        return await self._http.send(request, seconds=seconds)

    def client(self, *, base_url: str, auth: Any) -> Any:
        """A client for the API."""
        return self._http.client(base_url=base_url, auth=auth)

    def sync_client(self, *, base_url: str, auth: Any) -> Any:
        """The same for threads."""
        return self._http.sync_client(base_url=base_url, auth=auth)

    def failure(self, error: Exception, *, url: str) -> TransportFailed:
        """What its errors mean."""
        return self._http.failure(error, url=url)


# What a server may do.


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """A whole answer, unless `length` says otherwise of its body."""
    lines = f"HTTP/1.1 {status}", f"content-length: {len(body) if length is None else length}", *headers
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def dropping(stream: socket.socket, over: threading.Event) -> None:
    """Read one request and close."""
    read_request(stream)


def pouring(headers: bytes, chunk: bytes) -> Behaviour:
    """Read one request and send a gibibyte in chunks, or as much of it as is taken."""

    def behave(stream: socket.socket, over: threading.Event) -> None:
        read_request(stream)
        stream.sendall(headers)
        with suppress(OSError):
            for _ in range(GIBIBYTE // len(chunk)):
                stream.sendall(chunk)

    return behave


def dripping(stream: socket.socket, over: threading.Event) -> None:
    """Read one request and answer a byte at a time, never silent for long and never done."""
    read_request(stream)
    stream.sendall(answer(b"", length=MEBIBYTE))
    with suppress(OSError):
        while not over.wait(0.02):
            stream.sendall(b" ")


def dripping_head(stream: socket.socket, over: threading.Event) -> None:
    """The same with the head."""
    read_request(stream)
    stream.sendall(b"HTTP/1.1 200 OK\r\nx-drip: ")
    with suppress(OSError):
        while not over.wait(0.02):
            stream.sendall(b"x")


def chunk_of(data: bytes) -> bytes:
    """A chunk of a chunked body (RFC 9112 §7.1)."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


ZEROS = bytes(MEBIBYTE // 16)
GARBAGE = b'{"access_token": "new", \xff\x00'
PAGE = b"<!doctype html><title>Welcome</title><p>Sign in to the hotel's network."


@dataclass(frozen=True, kw_only=True)
class Hostility:
    """What a server does, and the case that is made of it; a short `deadline` where nothing else would end it."""

    name: str
    behaviour: Behaviour
    case: str
    deadline: float = 20.0


AMBIGUOUS, UNREADABLE = "request-timeout-ambiguous", "ok-status-error-body"
DROPPING = Hostility(name="drops the connection", behaviour=dropping, case=AMBIGUOUS)
POURING = Hostility(name="sends a gibibyte", behaviour=pouring(answer(b"", length=GIBIBYTE), ZEROS), case=UNREADABLE)
HOSTILITIES = [
    Hostility(name="never answers", behaviour=hanging, case=AMBIGUOUS, deadline=0.3),
    DROPPING,
    Hostility(name="drips its body", behaviour=dripping, case=AMBIGUOUS, deadline=0.3),
    Hostility(name="drips its head", behaviour=dripping_head, case=AMBIGUOUS, deadline=0.3),
    Hostility(name="cuts its body", behaviour=replying(answer(TOKENS[:40], length=len(TOKENS))), case=AMBIGUOUS),
    Hostility(name="cuts its head", behaviour=replying(b"HTTP/1.1 200 OK\r\ncontent-le"), case=AMBIGUOUS),
    Hostility(name="speaks no HTTP", behaviour=replying(b"220 mail.example ESMTP\r\n"), case=AMBIGUOUS),
    Hostility(
        name="sends huge headers", behaviour=replying(answer(TOKENS, f"x-huge: {'x' * MEBIBYTE}")), case=AMBIGUOUS
    ),
    POURING,
    Hostility(
        name="sends a gibibyte in chunks",
        behaviour=pouring(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk_of(ZEROS)),
        case=UNREADABLE,
    ),
    Hostility(name="sends garbage", behaviour=replying(answer(GARBAGE)), case=UNREADABLE),
    Hostility(name="sends a page", behaviour=replying(answer(PAGE, "content-type: text/html")), case=UNREADABLE),
    Hostility(name="leaves out the token", behaviour=replying(answer(b'{"token_type": "Bearer"}')), case=UNREADABLE),
    Hostility(name="answers null", behaviour=replying(answer(b"null")), case=UNREADABLE),
    Hostility(name="answers nothing", behaviour=replying(answer(b"")), case=UNREADABLE),
    Hostility(name="compresses", behaviour=replying(answer(TOKENS, "content-encoding: gzip")), case=UNREADABLE),
]
Strike = Callable[[Hostility], AbstractContextManager[RawServer]]
every_hostility = pytest.mark.parametrize("hostile", HOSTILITIES, ids=lambda hostile: hostile.name.replace(" ", "-"))


@pytest.fixture
def diverted(stage: Stage) -> Diverted:
    """The stage's, to be diverted."""
    return Diverted(stage.http)


@pytest.fixture
def strike(diverted: Diverted, monkeypatch: pytest.MonkeyPatch) -> Strike:
    """Puts a hostile server in the place of the honest one, which is back at the end of the block."""

    @contextmanager
    def striking(hostile: Hostility) -> Generator[RawServer]:
        with monkeypatch.context() as patch, serving(hostile.behaviour) as server:
            patch.setattr("signedin.authorization_server.EXCHANGE_SECONDS", hostile.deadline)
            diverted.to = server.url
            yield server
            diverted.to = ""

    return striking


async def refused(connection: Connection, stage: Stage, case: str) -> float:
    """A caller is told to wait; for how many seconds."""
    with pytest.raises(TemporarilyUnavailable) as failed:
        await connection.get_access_token()
    assert failed.value.case == case
    assert failed.value.retry_at is not None
    return failed.value.retry_at - stage.clock()


# Nothing was spent, which nobody can know.


@every_hostility
async def test_while_the_token_lives_one_try_is_all(
    stage: Stage, diverted: Diverted, strike: Strike, hostile: Hostility
) -> None:
    """Connected, in doubt, served by the old token to its end without another request; then the next one works."""
    async with stage.signed_in(http=diverted) as connection:
        token = await connection.get_access_token()
        with strike(hostile) as server:
            stage.clock.advance(HALF)
            begun = time.monotonic()
            with pytest.raises(TemporarilyUnavailable) as failed:
                await connection.refresh()
            assert time.monotonic() - begun < SOON
            assert (failed.value.case, connection.state) == (hostile.case, State.CONNECTED)
            assert Flag.IN_DOUBT in connection.flags
            stage.clock.advance(NEARLY - HALF)
            assert await connection.get_access_token() == token
            async with stage.elsewhere() as other:
                assert await other.get_access_token() == token
            assert server.connections == 1
        stage.clock.advance(LIFE - NEARLY)
        assert await connection.get_access_token() != token
        assert (connection.snapshot.generation, case_of(connection)) == (2, None)
        assert connection.flags == {Flag.PLAN_ENABLED}
    assert stage.refreshes == 1


@every_hostility
async def test_once_the_token_ran_out_it_is_tried_again_after_a_wait(
    stage: Stage, diverted: Diverted, strike: Strike, hostile: Hostility
) -> None:
    """Error, in doubt, and nobody asks before the time; the credential is kept, and then works."""
    async with stage.signed_in(http=diverted) as connection:
        stage.clock.advance(LIFE)
        with strike(hostile) as server:
            wait = await refused(connection, stage, hostile.case)
            assert connection.state is State.ERROR
            assert Flag.IN_DOUBT in connection.flags
            assert not connection.needs_sign_in
            await refused(connection, stage, hostile.case)
            assert server.connections == 1
            stage.clock.advance(wait)
            longer = await refused(connection, stage, hostile.case)
            assert server.connections == 2
            assert longer > wait + 10
        stage.clock.advance(longer)
        await connection.get_access_token()
        assert (connection.state, case_of(connection)) == (State.CONNECTED, None)
        assert connection.flags == {Flag.PLAN_ENABLED}
    assert stage.refreshes == 1


async def test_a_token_in_doubt_is_tried_at_once_where_the_api_refuses_the_old_one(
    stage: Stage, diverted: Diverted, strike: Strike
) -> None:
    """There is nothing left to wait for."""
    async with stage.signed_in(http=diverted) as connection, connection.client() as client:
        with strike(DROPPING), pytest.raises(TemporarilyUnavailable):
            await connection.refresh()
        stage.sandbox.expire_access_tokens()
        assert (await client.get("/models")).status_code == 200
        assert connection.flags == {Flag.PLAN_ENABLED}
    assert stage.refreshes == 1


# The server spent it, and the answer was lost.


def passing_on(stage: Stage, spoil: Callable[[bytes], bytes]) -> Behaviour:
    """Hand the request to the sandbox, and spoil what it says."""

    def behave(stream: socket.socket, over: threading.Event) -> None:
        head, _, body = read_request(stream).partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"host:", b"connection:"))]
        lines += [f"host: 127.0.0.1:{stage.sandbox.port}".encode(), b"connection: close"]
        with socket.create_connection(("127.0.0.1", stage.sandbox.port), timeout=SOON) as behind:
            behind.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
            stream.sendall(spoil(b"".join(iter(partial(behind.recv, MEBIBYTE), b""))))

    return behave


SPOILERS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "drops it": (lambda _: b"", AMBIGUOUS),
    "cuts it": (lambda whole: whole[: len(whole) // 2], AMBIGUOUS),
    "makes it a 500": (lambda _: answer(b"{}", status="500 Internal Server Error"), "provider-outage"),
    "makes it a 504": (lambda _: answer(PAGE, status="504 Gateway Timeout"), "provider-outage"),
    "garbles it": (lambda whole: whole.replace(b'"access_token"', b'"access_taken"'), UNREADABLE),
}
every_spoiler = pytest.mark.parametrize("spoiler", SPOILERS, ids=lambda name: name.replace(" ", "-"))


@every_spoiler
async def test_an_answer_lost_after_the_commit_is_told_when_the_token_ran_out(
    stage: Stage, diverted: Diverted, strike: Strike, spoiler: str
) -> None:
    """The old token serves to its end; then one more try says that a refresh was interrupted."""
    spoil, case = SPOILERS[spoiler]
    async with stage.signed_in(http=diverted) as connection:
        token = await connection.get_access_token()
        with strike(Hostility(name=spoiler, behaviour=passing_on(stage, spoil), case=case)) as server:
            stage.clock.advance(NEARLY)
            assert await connection.get_access_token() == token
            assert (connection.state, case_of(connection)) == (State.CONNECTED, case)
            assert Flag.IN_DOUBT in connection.flags
            assert await connection.get_access_token() == token
            assert (server.connections, stage.refreshes) == (1, 1)
        stage.clock.advance(LIFE - NEARLY + BACK_OFF)
        with pytest.raises(InteractionRequired) as ended:
            await connection.get_access_token()
        assert (ended.value.case, connection.state) == ("refresh-interrupted", State.EXPIRED)
        async with stage.elsewhere() as other:
            assert (other.state, case_of(other)) == (State.EXPIRED, "refresh-interrupted")
    assert stage.refreshes == 2


# What is never done.


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Moved"])
async def test_no_credential_follows_a_redirect(stage: Stage, diverted: Diverted, strike: Strike, status: str) -> None:
    """Whatever kind it is; the token is in doubt and stays in use."""
    async with stage.signed_in(http=diverted) as connection:
        with serving(replying(answer(TOKENS))) as trap:
            elsewhere = replying(answer(b"", f"location: {trap.url}{TOKEN}", status=status))
            with strike(Hostility(name=status, behaviour=elsewhere, case=UNREADABLE)) as server:
                with pytest.raises(TemporarilyUnavailable) as failed:
                    await connection.refresh()
                assert (failed.value.case, server.connections) == (UNREADABLE, 1)
            assert trap.connections == 0
        assert connection.state is State.CONNECTED
        assert Flag.IN_DOUBT in connection.flags


async def test_a_gibibyte_is_not_kept(stage: Stage, diverted: Diverted, strike: Strike) -> None:
    """No more than a few mebibytes are in memory at any time."""
    async with stage.signed_in(http=diverted) as connection:
        with strike(POURING):
            tracemalloc.start()
            try:
                with pytest.raises(TemporarilyUnavailable):
                    await connection.refresh()
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
    assert peak < 8 * MEBIBYTE
