"""OpenAI's SDK over a connection, against the sandbox; a second server, which the environment names, sees nothing."""

import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import openai as sdk
import pytest
from tests.support.codex_api import RESPONSES, CodexApi, codex_api, stream
from tests.support.connected import connected
from tests.support.network_settings import forget_network_settings
from tests.support.raw_server import RawServer, replying, serving

from signedin import (
    Connection,
    ConnectionFailed,
    ForbiddenOrigin,
    InteractionRequired,
    MisuseError,
    Provider,
    Secret,
    SignedinError,
    sync,
)
from signedin.errors import TransportFailed
from signedin_adapters import openai
from signedin_adapters.openai.plan_request import FORBIDDEN_FIELDS, FORBIDDEN_TOOLS, applied
from signedin_adapters.sandbox import Sandbox, response_request
from signedin_adapters.stores.memory import MemoryStore

MODEL = "sandbox-large"
SAID = "You asked: “Why?” (1 word). This is sandbox-large in the signedin sandbox; nothing left this machine."
ELSEWHERE = ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY", "OPENAI_ADMIN_KEY")


@pytest.fixture(autouse=True)
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """A second server, which everything in the environment names. It sees nothing, whatever the test does."""
    with serving(replying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")) as server:
        forget_network_settings(monkeypatch)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        for name in ELSEWHERE:
            monkeypatch.setenv(name, "somebody-elses")
        headers = "OpenAI-Organization: somebody-elses\nOpenAI-Project: somebody-elses\nAuthorization: Bearer theirs"
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", headers)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, server.url)
        yield server
    assert server.connections == 0


@pytest.fixture(scope="module")
def started_sandbox() -> Iterator[Sandbox]:
    """The server behind `sandbox`."""
    with Sandbox(earliest_refresh_at="absent").running() as running:
        yield running


@pytest.fixture
def sandbox(started_sandbox: Sandbox) -> Iterator[Sandbox]:
    """With nothing armed."""
    yield started_sandbox
    started_sandbox.faults.clear()


@pytest.fixture
async def connection(sandbox: Sandbox, tmp_path: Path) -> AsyncGenerator[Connection]:
    """Signed in, plan use allowed."""
    async with connected(sandbox, str(tmp_path)) as opened:
        sandbox.requests.clear()
        yield opened


@pytest.fixture
def api() -> Iterator[CodexApi]:
    """An API like that of `codex`, which shows what came."""
    with codex_api() as api:
        yield api


@asynccontextmanager
async def asking(api: CodexApi) -> AsyncGenerator[sdk.AsyncOpenAI]:
    """The SDK over a connection to that API."""
    async with api.signed_in() as connection, openai.async_client(connection) as client:
        yield client


def message(text: str) -> dict[str, object]:
    """A finished item of a response."""
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


def ended(kind: str, **fields: object) -> bytes:
    """The last event of a stream."""
    response = {"id": "resp_1", "object": "response", "created_at": 1, "model": "model-a", "output": []} | fields
    return stream(kind, response=response)


def asked_paths(sandbox: Sandbox) -> list[str]:
    return [record.path for record in sandbox.requests]


# Asking.


async def test_a_response_is_streamed(connection: Connection) -> None:
    """Event by event, as the SDK has it."""
    async with openai.async_client(connection) as client:
        events = [event async for event in await client.responses.create(model=MODEL, input="Why?", stream=True)]
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert len(deltas) > 5
    assert "".join(deltas) == SAID
    assert events[-1].type == "response.completed"


async def test_a_response_in_one_piece_is_streamed_too(connection: Connection) -> None:
    """The plan wants a stream; who wants the whole gets the whole."""
    async with openai.async_client(connection) as client:
        response = await client.responses.create(model=MODEL, input=[{"role": "user", "content": "Why?"}])
    assert (response.output_text, response.status) == (SAID, "completed")
    assert response._request_id


async def test_threads_have_the_same(connection: Connection) -> None:
    """With the handle of either kind, also where a loop is running."""
    for handle in (connection, sync.Connection(connection)):
        with openai.client(handle) as client:
            assert client.responses.create(model=MODEL, input="Why?").output_text == SAID
            *_, last = client.responses.create(model=MODEL, input="Why?", stream=True)
            assert last.type == "response.completed"
            with client.responses.stream(model=MODEL, input="Why?") as streamed:
                assert streamed.get_final_response().output_text == SAID
    async with openai.async_client(sync.Connection(connection)) as client:
        assert (await client.responses.create(model=MODEL, input="Why?")).output_text == SAID


async def test_a_sync_connection_of_a_thread(connection: Connection) -> None:
    """Away from every loop."""

    def work() -> str:
        with openai.client(sync.Connection(connection)) as client:
            return client.responses.create(model=MODEL, input="Why?").output_text

    assert await anyio.to_thread.run_sync(work) == SAID


# What is sent.


async def test_what_the_plan_wants_is_said(api: CodexApi) -> None:
    """Nothing is kept, all is streamed, a text is a list; the rest is the caller's."""
    api.says(RESPONSES, 200, ended("response.completed"))
    async with asking(api) as client:
        await client.responses.create(model="model-a", input="Why?", tools=[], extra_body={"x": 1})
    body = json.loads(api.asked[-1].body)
    assert body == {
        "model": "model-a",
        "input": [{"type": "message", "role": "user", "content": "Why?"}],
        "store": False,
        "stream": True,
        "tools": [],
        "x": 1,
        "instructions": "Answer the user's question.",
    }


async def test_whose_request_it_is_says_the_connection_alone(api: CodexApi) -> None:
    """No organization, no project, no other key: neither from the environment nor in a copy of the client."""
    api.says(RESPONSES, 200, ended("response.completed"))
    async with asking(api) as client:
        for each in (client, client.with_options(timeout=5.0)):
            await each.responses.create(model="model-a", input="Why?")
    for asked in api.asked:
        assert asked.headers["authorization"] not in ("Bearer theirs", "Bearer somebody-elses", "Bearer signedin")
        assert asked.headers["chatgpt-account-id"] == "ws-0001"
        assert asked.headers["accept-encoding"] == "identity"
        assert not {name for name in asked.headers if name.startswith("openai-")}
    assert len(api.asked) == 2


async def test_the_base_url_is_the_connections(connection: Connection, other: RawServer) -> None:
    """Another one is refused, however it is set."""
    async with openai.async_client(connection) as client:
        assert str(client.base_url).rstrip("/") == connection.api_base
        with pytest.raises(ForbiddenOrigin):
            await client.with_options(base_url=other.url).responses.create(model=MODEL, input="Why?")
        with pytest.raises(ForbiddenOrigin):
            await client.get(f"{other.url}/models", cast_to=object)


async def test_a_key_of_ones_own_knows_no_plan(api: CodexApi) -> None:
    """Who pays by the request is asked for what they ask; organization and project are pinned all the same."""
    base = f"{api.url}/backend-api/codex"
    provider = Provider(name="own", title="Own", issuer=base, registration="api-key", scopes=(), api_base=base)
    api.says(RESPONSES, 200, {"id": "resp_1", "object": "response", "output": [message("Hello.")]})
    async with Connection.open(app_name="Acme Notes", provider=provider, store=MemoryStore()) as connection:
        await connection.sign_in_with_key(Secret("sk-own-0123456789-0123456789"))
        async with openai.async_client(connection) as client:
            response = await client.responses.create(model="model-a", input="Why?", temperature=0.5)
    assert response.output_text == "Hello."
    assert json.loads(api.asked[-1].body) == {"model": "model-a", "input": "Why?", "temperature": 0.5}
    assert api.asked[-1].headers["authorization"] == "Bearer sk-own-0123456789-0123456789"
    assert not {name for name in api.asked[-1].headers if name.startswith("openai-")}


async def test_nothing_is_sent_again(connection: Connection, sandbox: Sandbox) -> None:
    """The SDK would, twice; of a 401 alone the connection recovers, once."""
    async with openai.async_client(connection) as client:
        sandbox.faults.inject("api-503")
        with pytest.raises(sdk.InternalServerError):
            await client.responses.create(model=MODEL, input="Why?")
        assert len(asked_paths(sandbox)) == 1
        sandbox.requests.clear()
        sandbox.faults.inject("api-401")
        assert (await client.responses.create(model=MODEL, input="Why?")).output_text == SAID
        assert len([path for path in asked_paths(sandbox) if path.endswith("/responses")]) == 2


# What is refused.


@pytest.mark.parametrize("name", sorted(FORBIDDEN_FIELDS))
def test_a_forbidden_field_is_refused_by_name(name: str) -> None:
    """Whatever its value."""
    with pytest.raises(MisuseError, match=f"does not allow {name}\\."):
        applied({"model": MODEL, "input": "Why?", name: None})


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"store": True}, "store=True"),
        ({"tools": [{"type": "function"}, {"type": "file_search"}]}, "file_search"),
        ({"input": [{"role": "system", "content": "Be brief."}]}, "system"),
    ],
)
def test_what_else_the_plan_does_not_allow_is_refused_by_name(fields: dict[str, Any], named: str) -> None:
    """With what to do instead, where there is something."""
    with pytest.raises(MisuseError, match=named):
        applied({"model": MODEL, "input": "Why?"} | fields)


def test_the_sandbox_refuses_the_same() -> None:
    """One list, which adapters cannot share."""
    assert set(response_request.FORBIDDEN_FIELDS) == FORBIDDEN_FIELDS
    assert response_request.FORBIDDEN_TOOLS == FORBIDDEN_TOOLS


async def test_nothing_is_sent_of_what_is_refused(connection: Connection, sandbox: Sandbox) -> None:
    """Not even for a token that is due; and the error is ours, not the SDK's."""
    async with openai.async_client(connection) as client:
        with pytest.raises(MisuseError, match="temperature"):
            await client.responses.create(model=MODEL, input="Why?", temperature=0.5)
        with pytest.raises(MisuseError, match="user"):
            await client.responses.create(model=MODEL, input="Why?", extra_body={"user": "ada"})
    with openai.client(connection) as plain, pytest.raises(MisuseError, match="top_p"):
        plain.responses.create(model=MODEL, input="Why?", top_p=0.5, stream=True)
    assert asked_paths(sandbox) == []


async def test_without_plan_use_nothing_is_asked(sandbox: Sandbox, tmp_path: Path) -> None:
    """The user said no."""
    async with connected(sandbox, str(tmp_path), allow_plan=False) as connection:
        sandbox.requests.clear()
        async with openai.async_client(connection) as client:
            with pytest.raises(ConnectionFailed) as failed:
                await client.responses.create(model=MODEL, input="Why?")
        assert failed.value.case == "plan-use-off"
        assert asked_paths(sandbox) == []


async def test_signed_out_it_says_so(connection: Connection) -> None:
    """The connection's own errors come as they are."""
    await connection.sign_out()
    async with openai.async_client(connection) as client:
        with pytest.raises(InteractionRequired):
            await client.responses.create(model=MODEL, input="Why?")


# An answer in one piece.


async def test_an_output_that_comes_in_items_alone_is_put_together(api: CodexApi) -> None:
    """The last event's own may be empty."""
    item = stream("response.output_item.done", output_index=0, item=message("Hello."))
    api.says(RESPONSES, 200, item + ended("response.completed", status="completed") + b"data: [DONE]\n\n")
    async with asking(api) as client:
        assert (await client.responses.create(model="model-a", input="Why?")).output_text == "Hello."


@pytest.mark.parametrize("status", ["failed", "incomplete"])
async def test_a_response_says_how_it_ended(api: CodexApi, status: str) -> None:
    """As the API says it to those who ask for one piece."""
    api.says(RESPONSES, 200, ended(f"response.{status}", status=status))
    async with asking(api) as client:
        assert (await client.responses.create(model="model-a", input="Why?")).status == status


@pytest.mark.parametrize(
    ("body", "case"),
    [
        (stream("response.created"), "stream-incomplete"),
        (b"<html>", "stream-incomplete"),
        (b"data: " + b"x" * (1024 * 1024 + 1), "stream-incomplete"),
        (stream("error", code="server_is_overloaded", message="m"), None),
    ],
)
async def test_a_stream_without_an_end_is_an_error(api: CodexApi, body: bytes, case: str | None) -> None:
    """With its case; half an answer is none."""
    api.says(RESPONSES, 200, body)
    async with asking(api) as client:
        with pytest.raises(SignedinError) as failed:
            await client.responses.create(model="model-a", input="Why?")
    assert isinstance(failed.value, TransportFailed) == (case is not None)
    assert case in (None, failed.value.case)


async def test_flags_are_raised_by_what_the_api_says(connection: Connection, sandbox: Sandbox) -> None:
    """A limit is the SDK's error, and the connection's flag."""
    sandbox.faults.inject("api-429-limit")
    async with openai.async_client(connection) as client:
        with pytest.raises(sdk.RateLimitError):
            await client.responses.create(model=MODEL, input="Why?")
    assert connection.case is not None
    assert connection.case.id == "app-usage-limit-hit"
