"""How an answer over OpenAI's SDK ends, in one piece or streamed: what the caller gets, what the connection learns."""

import json
from dataclasses import replace
from pathlib import Path

import anyio
import openai as sdk
import pytest
from tests.support.codex_api import RESPONSES, CodexApi, stream
from tests.support.connected import connected
from tests.support.openai_sdk import MODEL, asking, ended, message

from signedin import Connection, Flag, SignedinError, State
from signedin.connection import account_of
from signedin.errors import AnswerRefused, TransportFailed
from signedin.responses import event_stream
from signedin.testing.raw_server import serving
from signedin_adapters import openai
from signedin_adapters.openai import whole_answer
from signedin_adapters.sandbox import Sandbox

WAYS = ["whole", "streamed", "whole, sync", "streamed, sync"]
"""How one asks for an answer."""


async def ask(connection: Connection, way: str, model: str = MODEL) -> str:
    """Ask, and read to the end; the type of the last event, or how the whole ended."""

    def plainly() -> str:
        with openai.client(connection) as client:
            if way == "whole, sync":
                return str(client.responses.create(model=model, input="Why?").status)
            return [event.type for event in client.responses.create(model=model, input="Why?", stream=True)][-1]

    if way.endswith("sync"):
        return await anyio.to_thread.run_sync(plainly)
    async with openai.async_client(connection) as client:
        if way == "whole":
            return str((await client.responses.create(model=model, input="Why?")).status)
        return [event.type async for event in await client.responses.create(model=model, input="Why?", stream=True)][-1]


# What the caller gets.


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


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("body", "case", "kind"),
    [
        (stream("response.created"), "stream-incomplete", TransportFailed),
        (b"", "stream-incomplete", TransportFailed),
        (b"<html>", "ok-status-error-body", AnswerRefused),
    ],
)
async def test_half_an_answer_is_none(api: CodexApi, way: str, body: bytes, case: str, kind: type[Exception]) -> None:
    """Also streamed, where the SDK would end in silence; and a network's own page is none at all."""
    api.says(RESPONSES, 200, body)
    async with api.signed_in() as connection:
        with pytest.raises(SignedinError) as failed:
            await ask(connection, way)
    assert isinstance(failed.value, kind)
    assert failed.value.case == case


@pytest.mark.parametrize(
    ("body", "case"),
    [
        (b"data: " + b"x" * (1024 * 1024 + 1), "stream-incomplete"),
        (stream("response.completed"), "ok-status-error-body"),
        (stream("error", code="server_is_overloaded", message="m"), "provider-outage"),
        (stream("error", code="context_length_exceeded", message="m"), "unclassified"),
    ],
)
async def test_an_answer_in_one_piece_has_to_be_one(api: CodexApi, body: bytes, case: str) -> None:
    """What is too large for an event, or an error where the end was to be, is raised with its case."""
    api.says(RESPONSES, 200, body)
    async with api.signed_in() as connection:
        with pytest.raises(SignedinError) as failed:
            await ask(connection, "whole")
    assert failed.value.case == case


@pytest.mark.parametrize("way", ["whole", "whole, sync"])
async def test_an_answer_in_one_piece_is_bounded(api: CodexApi, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """It lies in memory, item by item."""
    monkeypatch.setattr(whole_answer, "MAX_BYTES", 1000)
    item = stream("response.output_item.done", output_index=0, item=message("Hello."))
    api.says(RESPONSES, 200, item * 10 + ended("response.completed", status="completed"))
    async with api.signed_in() as connection:
        with pytest.raises(TransportFailed) as failed:
            await ask(connection, way)
    assert (failed.value.kind, failed.value.case) == ("too-large", "stream-incomplete")


@pytest.mark.parametrize("way", ["streamed", "streamed, sync"])
async def test_an_event_that_is_too_large_is_the_sdks_to_read(
    api: CodexApi, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """What it takes in and the connection does not is no failure."""
    monkeypatch.setattr(event_stream, "MAX_EVENT_BYTES", 1000)
    api.says(RESPONSES, 200, ended("response.created", instructions="x" * 1000) + ended("response.completed"))
    async with api.signed_in() as connection:
        assert await ask(connection, way) == "response.completed"


REFUSED = {
    "api-401": (sdk.AuthenticationError, State.ERROR, "api-401-loop"),
    "api-429-limit": (sdk.RateLimitError, State.CONNECTED, "app-usage-limit-hit"),
    "api-503": (sdk.InternalServerError, State.CONNECTED, None),
    "api-html": (sdk.InternalServerError, State.CONNECTED, None),
    "api-challenge": (sdk.PermissionDeniedError, State.CONNECTED, None),
    "stream-cut": (sdk.APIConnectionError, State.CONNECTED, None),
}
"""The SDK's own error, where the connection stands then, and with which case."""


@pytest.mark.parametrize("way", ["whole", "streamed, sync"])
@pytest.mark.parametrize("fault", REFUSED)
async def test_a_refusal_is_the_sdks_own_error(connection: Connection, sandbox: Sandbox, fault: str, way: str) -> None:
    """The connection has the state and the case; it stays connected wherever signing in would not help."""
    kind, state, case = REFUSED[fault]
    sandbox.faults.inject(fault, None)
    with pytest.raises(kind):
        await ask(connection, way)
    found = connection.case
    assert (connection.state, found.id if found else None) == (state, case)
    assert not connection.needs_sign_in


# What the connection learns.


@pytest.mark.parametrize("way", WAYS)
async def test_a_limit_in_the_middle_of_an_answer_raises_its_flag(
    connection: Connection, sandbox: Sandbox, way: str
) -> None:
    """As `ask` does; the caller gets the answer that failed, and the next one that does not lowers the flag."""
    sandbox.faults.inject("stream-failed-limit")
    assert (await ask(connection, way)).removeprefix("response.") == "failed"
    assert Flag.USAGE_PAUSED in connection.flags
    assert connection.state is State.CONNECTED
    assert connection.case is not None
    assert connection.case.id == "app-usage-limit-hit"
    assert (await ask(connection, way)).removeprefix("response.") == "completed"
    assert Flag.USAGE_PAUSED not in connection.flags
    assert connection.case is None


@pytest.mark.parametrize("way", WAYS)
async def test_a_good_head_alone_lowers_no_flag(connection: Connection, sandbox: Sandbox, way: str) -> None:
    """An answer that failed, was cut off or came incomplete proves nothing."""
    sandbox.faults.inject("stream-failed-limit")
    await ask(connection, way)
    for fault in ("stream-incomplete", "stream-cut"):
        sandbox.faults.inject(fault)
        try:
            await ask(connection, way)
        except sdk.APIConnectionError:
            assert fault == "stream-cut"
        assert Flag.USAGE_PAUSED in connection.flags


async def test_an_answer_that_is_left_was_an_answer(connection: Connection, sandbox: Sandbox) -> None:
    """Who has read some of the text and goes had no limit."""
    sandbox.faults.inject("stream-failed-limit")
    await ask(connection, "streamed")

    def leave() -> None:
        with (
            openai.client(connection) as client,
            client.responses.create(model=MODEL, input="Why?", stream=True) as read,
        ):
            next(event for event in read if event.type == "response.output_text.delta")

    await anyio.to_thread.run_sync(leave)
    assert Flag.USAGE_PAUSED not in connection.flags


async def test_an_answer_clears_a_refused_model(connection: Connection, sandbox: Sandbox) -> None:
    """Whatever the model was then."""
    with pytest.raises(sdk.APIStatusError):
        await ask(connection, "streamed", model="sandbox-none")
    assert Flag.MODELS_BLOCKED in connection.flags
    await ask(connection, "streamed")
    assert Flag.MODELS_BLOCKED not in connection.flags


async def test_what_failed_is_in_the_log(connection: Connection, sandbox: Sandbox, tmp_path: Path) -> None:
    """By its case, once, and once more that it is over: a report tells what the SDK's error did not."""
    sandbox.faults.inject("stream-cut", 2)
    for _ in range(2):
        with pytest.raises(sdk.APIConnectionError):
            await ask(connection, "streamed")
    await ask(connection, "streamed")
    assert calls_in_the_log(tmp_path) == [("call.failed", "stream-incomplete"), ("call.succeeded", None)]


@pytest.mark.parametrize("way", ["whole", "streamed, sync"])
async def test_no_answer_at_all_is_in_the_log(sandbox: Sandbox, tmp_path: Path, way: str) -> None:
    """The SDK says that there was no connection; the log says which case that is."""
    async with connected(sandbox, str(tmp_path)) as connection:
        account = account_of(connection)
        with serving(lambda stream, over: None) as gone:
            account.provider = replace(account.provider, api_base=f"{gone.url}/v1")
        with pytest.raises(sdk.APIConnectionError):
            await ask(connection, way)
    assert calls_in_the_log(tmp_path) == [("call.failed", "offline")]


def calls_in_the_log(home: Path) -> list[tuple[str, str | None]]:
    (log,) = home.rglob("*.jsonl")
    told = [json.loads(line) for line in log.read_text().splitlines()]
    return [(each["event"], each.get("case")) for each in told if each["event"].startswith("call.")]
