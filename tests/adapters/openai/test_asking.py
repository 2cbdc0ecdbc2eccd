"""OpenAI's SDK over a connection: it asks as the plan wants it, and what the plan does not allow is refused by name."""

import json
from pathlib import Path
from typing import Any

import anyio
import openai as sdk
import pytest
from tests.support.codex_api import RESPONSES, CodexApi
from tests.support.connected import connected
from tests.support.openai_sdk import MODEL, SAID, asked_paths, asking, ended, message

from signedin import (
    Connection,
    ConnectionFailed,
    ForbiddenOrigin,
    InteractionRequired,
    MisuseError,
    Provider,
    Secret,
    sync,
)
from signedin.testing.raw_server import RawServer
from signedin_adapters import openai
from signedin_adapters.openai.plan_request import FORBIDDEN_FIELDS, FORBIDDEN_TOOLS, applied
from signedin_adapters.sandbox import Sandbox, response_request
from signedin_adapters.stores.memory import MemoryStore

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


async def test_threads_share_one_client(connection: Connection, sandbox: Sandbox) -> None:
    """And one refresh, where all of them meet a token that is refused."""
    answers: list[str] = []
    with openai.client(connection) as client:
        sandbox.expire_access_tokens()

        def work() -> None:
            answers.append(client.responses.create(model=MODEL, input="Why?").output_text)

        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(anyio.to_thread.run_sync, work)
    assert answers == [SAID] * 6
    assert sum(path.endswith("/token") for path in asked_paths(sandbox)) == 1


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
