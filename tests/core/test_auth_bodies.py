"""Bodies and a 401: what can be sent twice is, once; what cannot is not, and the 401 is handed back whole."""

import io
import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import anyio
import httpx
import pytest
from tests.support.stage import Stage

from signedin import Connection, Flag, State
from signedin.connection import account_of
from signedin.testing.raw_server import RawServer, read_request, serving

QUESTION = {
    "model": "sandbox-large",
    "input": [{"role": "user", "content": "Hello"}],
    "instructions": "Answer.",
    "store": False,
    "stream": True,
}
CONTENT = json.dumps(QUESTION).encode()
JSON = {"content-type": "application/json"}
PLAIN = pytest.mark.parametrize("plain", [False, True], ids=["async", "sync"])
ONCE = {
    "async": ["async generator", "files"],
    "sync": ["generator", "file", "files"],
}
"""Bodies that are gone once they are sent."""


def pieces() -> Iterator[bytes]:
    yield CONTENT[:10]
    yield CONTENT[10:]


async def async_pieces() -> AsyncIterator[bytes]:
    for piece in pieces():
        yield piece


def body(kind: str) -> dict[str, Any]:
    """The body as httpx takes it."""
    bodies: dict[str, dict[str, Any]] = {
        "async generator": {"content": async_pieces(), "headers": JSON},
        "generator": {"content": pieces(), "headers": JSON},
        "file": {"content": io.BytesIO(CONTENT), "headers": JSON},
        "files": {"files": {"file": ("notes.txt", io.BytesIO(CONTENT), "text/plain")}, "data": {"purpose": "notes"}},
        "json": {"json": QUESTION},
        "bytes": {"content": CONTENT, "headers": JSON},
    }
    return bodies[kind]


async def posted(connection: Connection, kind: str, *, plain: bool) -> httpx.Response:
    """Streamed, and read by the caller, as whoever asks for much does."""

    def plainly() -> httpx.Response:
        with (
            httpx.Client(auth=connection.auth, base_url=connection.api_base, trust_env=False) as client,
            client.stream("POST", "/responses", **body(kind)) as answered,
        ):
            answered.read()
            return answered

    if plain:
        return await anyio.to_thread.run_sync(plainly)
    async with connection.client() as client, client.stream("POST", "/responses", **body(kind)) as streamed:
        await streamed.aread()
        answered: httpx.Response = streamed
        return answered


@pytest.mark.parametrize(
    ("kind", "plain"),
    [(kind, way == "sync") for way, kinds in ONCE.items() for kind in kinds],
)
async def test_a_body_that_is_gone_is_not_sent_again(stage: Stage, kind: str, plain: bool) -> None:
    """The token is refreshed for the next one, and the caller gets the refusal as it came."""
    async with stage.signed_in() as connection:
        stage.sandbox.expire_access_tokens()
        answered = await posted(connection, kind, plain=plain)
        assert answered.status_code == 401
        assert answered.json()["error"]["code"]
        assert connection.state is State.CONNECTED
        assert connection.snapshot.generation == 2
        assert (stage.refreshes, stage.asked("/v1/responses")) == (1, 1)
        if kind != "files":  # which is no question
            assert (await posted(connection, kind, plain=plain)).status_code == 200


@PLAIN
@pytest.mark.parametrize("kind", ["json", "bytes"])
async def test_a_body_that_is_kept_is_sent_again_whole(stage: Stage, kind: str, plain: bool) -> None:
    """The caller sees the answer to the second alone."""
    async with stage.signed_in() as connection:
        stage.sandbox.expire_access_tokens()
        answered = await posted(connection, kind, plain=plain)
        assert answered.status_code == 200
        assert "response.completed" in answered.text
    assert (stage.refreshes, stage.asked("/v1/responses")) == (1, 2)


@PLAIN
async def test_a_401_that_stays_is_handed_back_once(stage: Stage, plain: bool) -> None:
    """Streamed or not, after one refresh; and it is the API's own answer."""
    stage.sandbox.faults.inject("api-401", None)
    async with stage.signed_in() as connection:
        answered = await posted(connection, "json", plain=plain)
        assert answered.status_code == 401
        assert answered.json()["error"]["code"] == "invalid_token"
        assert connection.state is State.ERROR
    assert (stage.refreshes, stage.asked("/v1/responses")) == (1, 2)


async def test_threads_that_meet_a_401_share_one_refresh(stage: Stage) -> None:
    """Eight at once, each with a client of its own: all of them end well."""
    statuses: list[int] = []
    together = threading.Barrier(8)

    def ask(connection: Connection) -> None:
        with httpx.Client(auth=connection.auth, base_url=connection.api_base, trust_env=False) as client:
            together.wait(10)
            statuses.append(client.post("/responses", json=QUESTION).status_code)

    async with stage.signed_in() as connection:
        stage.sandbox.expire_access_tokens()
        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(anyio.to_thread.run_sync, ask, connection)
    assert statuses == [200] * 8
    assert stage.refreshes == 1


# Large refusals.

LARGE = json.dumps({"error": {"code": "usage_limit_reached", "message": "x" * 200_000}}).encode()


@pytest.fixture
def refusing() -> Iterator[RawServer]:
    """An API that refuses at length, in pieces."""

    def behave(stream: Any, over: threading.Event) -> None:
        read_request(stream)
        stream.sendall(b"HTTP/1.1 429 X\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n")
        for start in range(0, len(LARGE), 7000):
            piece = LARGE[start : start + 7000]
            stream.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        stream.sendall(b"0\r\n\r\n")

    with serving(behave) as server:
        yield server


@PLAIN
async def test_a_large_refusal_is_streamed_whole(stage: Stage, refusing: RawServer, plain: bool) -> None:
    """Over a real connection; what does not end within the 64 KiB that are looked at raises no flag."""
    async with stage.signed_in() as connection:
        account = account_of(connection)
        account.provider = replace(account.provider, api_base=f"{refusing.url}/v1")
        answered = await posted(connection, "json", plain=plain)
        assert (answered.status_code, answered.content) == (429, LARGE)
        assert Flag.USAGE_PAUSED not in connection.flags
