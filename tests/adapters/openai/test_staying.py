"""OpenAI's SDK over a connection stays with it: no other server, no other credential, no other way than HTTP.

What the environment names is a second server, which sees nothing in any test here.
"""

import inspect
import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openai as sdk
import pytest
from tests.support import no_websockets
from tests.support.codex_api import MODELS, RESPONSES, CodexApi
from tests.support.openai_sdk import MODEL, SAID, asked_paths, asking, ended

from signedin import Connection, ForbiddenOrigin, MisuseError
from signedin.testing.raw_server import RawServer
from signedin_adapters import openai
from signedin_adapters.openai.clients import LEAVING
from signedin_adapters.sandbox import Sandbox


def connects(client: object, path: str = "", depth: int = 0) -> Iterator[str]:
    """Every resource of the SDK that can connect, by its path from the client."""
    if inspect.ismethod(getattr(client, "connect", None)):
        yield path
    for name in dir(type(client)):
        if name.startswith(("_", "with_")) or depth == 3:
            continue
        with_what = inspect.getattr_static(type(client), name)
        if hasattr(with_what, "func") or type(with_what).__name__ == "cached_property":
            yield from connects(getattr(client, name), f"{path}.{name}".lstrip("."), depth + 1)


def at(client: Any, path: str) -> Any:
    """The resource there."""
    for name in path.split("."):
        client = getattr(client, name)
    return client


# Other ways than HTTP.


async def test_every_websocket_is_refused_by_name(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be opened with the stand-in for a key, and not by the connection."""
    no_websockets.stand_in(monkeypatch)
    with openai.client(connection) as client:
        found = set(connects(client))
        assert {"responses", "realtime"} <= found
        for path in sorted(found):
            resource = at(client, path)
            with pytest.raises(MisuseError, match=r"no WebSocket.*realtime, live and responses\.connect"):
                resource.connect(**wanted(resource.connect)).__enter__()


async def test_every_async_websocket_is_refused_by_name(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same; also of a copy."""
    no_websockets.stand_in(monkeypatch)
    async with openai.async_client(connection) as client:
        for path in sorted(connects(client)):
            resource = at(client.with_options(timeout=5.0), path)
            with pytest.raises(MisuseError, match="no WebSocket"):
                await resource.connect(**wanted(resource.connect)).__aenter__()


def wanted(connect: Callable[..., Any]) -> dict[str, str]:
    """A value for everything that it wants."""
    parameters = inspect.signature(connect).parameters.values()
    return {each.name: "some" for each in parameters if each.default is inspect.Parameter.empty}


# Copies.


@pytest.mark.parametrize("name", sorted(LEAVING))
async def test_a_copy_cannot_be_given_what_leaves_the_connection(connection: Connection, name: str) -> None:
    """Refused by name, by both clients and both methods."""
    async with openai.async_client(connection) as client:
        with openai.client(connection) as plain:
            copies: list[Any] = [client.copy, client.with_options, plain.copy, plain.with_options]
            for copy in copies:
                with pytest.raises(MisuseError, match=name):
                    copy(**{name: "eu"})


async def test_a_copy_may_be_given_the_rest(api: CodexApi) -> None:
    """Time-outs, headers, a query; whose request it is says the connection all the same."""
    api.says(RESPONSES, 200, ended("response.completed"))
    async with asking(api) as client:
        copy = client.with_options(
            api_key="theirs",
            admin_api_key="theirs",
            organization="theirs",
            project="theirs",
            webhook_secret="theirs",
            default_headers={"OpenAI-Organization": "theirs", "Authorization": "Bearer theirs", "X-Own": "kept"},
            default_query={"own": "kept"},
            timeout=5.0,
        )
        await copy.responses.create(model="model-a", input="Why?", extra_headers={"OpenAI-Project": "theirs"})
    (asked,) = api.asked
    assert (asked.headers["x-own"], asked.url.query) == ("kept", b"own=kept")
    assert "theirs" not in str(dict(asked.headers))
    assert asked.headers["chatgpt-account-id"] == "ws-0001"


async def test_only_who_asks_for_it_has_a_request_sent_again(connection: Connection, sandbox: Sandbox) -> None:
    """A copy with `max_retries` is the caller's own decision."""
    sandbox.faults.inject("api-503")
    async with openai.async_client(connection) as client:
        response = await client.copy(max_retries=1).responses.create(model=MODEL, input="Why?")
    assert response.output_text == SAID
    assert len(asked_paths(sandbox)) == 2


# Other servers.


async def test_a_redirect_is_not_followed_anywhere_else(api: CodexApi, other: RawServer) -> None:
    """Nor by those who tell the SDK to follow: the token is for the provider's API alone."""
    api.says(MODELS, 307, b"", location=f"{other.url}/v1/models")
    async with asking(api) as client:
        with pytest.raises(sdk.APIStatusError):
            await client.models.list()
        with pytest.raises(ForbiddenOrigin):
            await client.get("/models", cast_to=object, options={"follow_redirects": True})
        with pytest.raises(ForbiddenOrigin):
            await client.get("/models", cast_to=object, options={"follow_redirects": True, "max_retries": 1})
    with openai.client(await signed_in(api)) as plain, pytest.raises(ForbiddenOrigin):
        plain.get("/models", cast_to=object, options={"follow_redirects": True})


async def signed_in(api: CodexApi) -> Connection:
    """A connection that stays open after the block."""
    async with api.signed_in() as connection:
        return connection


async def test_the_environment_says_nothing(api: CodexApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that the SDK reads there is set to somebody else's; of that nothing is sent to the API either."""
    monkeypatch.setenv(
        "OPENAI_CUSTOM_HEADERS", "Authorization: Bearer theirs\nOpenAI-Project: somebody-elses\nX-Gateway: theirs"
    )
    api.says(RESPONSES, 200, ended("response.completed"))
    async with asking(api) as client:
        await client.responses.create(model="model-a", input="Why?")
        await client.with_options(timeout=5).models.list()
    sent = str([(asked.url, dict(asked.headers), asked.body) for asked in api.asked])
    assert len(api.asked) == 2
    assert "somebody-elses" not in sent
    assert "theirs" not in sent
    assert "Bearer signedin" not in sent


async def test_a_webhook_is_read_here(connection: Connection, sandbox: Sandbox) -> None:
    """With the secret of the environment, and without asking anybody."""
    async with openai.async_client(connection) as client:
        with pytest.raises((ValueError, sdk.OpenAIError)):
            client.webhooks.unwrap("{}", {})
    assert asked_paths(sandbox) == []


async def test_the_sdks_log_has_no_token(connection: Connection, caplog: pytest.LogCaptureFixture) -> None:
    """At its most talkative, as `OPENAI_LOG=debug` has it: the SDK never holds the token."""
    caplog.set_level(logging.DEBUG)
    async with openai.async_client(connection) as client:
        response = await client.responses.with_raw_response.create(model=MODEL, input="Why?")
        assert isinstance(response.http_response, httpx.Response)
        token = (await connection.get_access_token()).reveal()
        shown = caplog.text + str(response.http_request.headers) + repr(vars(client))
    assert "/responses" in caplog.text
    assert token not in shown
