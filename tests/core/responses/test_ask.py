"""Asking, against the sandbox with everything that can go wrong in a stream."""

import dataclasses
import json
import socket
import threading

import anyio
import pytest
from tests.support.codex_api import RESPONSES, CodexApi, stream

from signedin import Connection, Flag, SignedinError, State, UnknownModel
from signedin.connection import account_of
from signedin.errors import AnswerRefused, TransportFailed
from signedin.responses import Answer, api_request, ask, asking, transcript
from signedin.testing.free_ports import free_ports
from signedin.testing.raw_server import Behaviour, read_request, serving
from signedin_adapters.sandbox import Sandbox

HALF = "You asked: “Why?” (1 word). "


async def read(answer: Answer) -> list[str]:
    return [piece async for piece in answer]


async def test_the_answer_comes_in_pieces_and_is_whole_at_the_end(connection: Connection) -> None:
    """Text, status, model and request id."""
    async with ask(connection, "Why?") as answer:
        pieces = await read(answer)
    assert len(pieces) > 5
    assert (
        "".join(pieces)
        == answer.text
        == HALF + "This is sandbox-large in the signedin sandbox; nothing left this machine."
    )
    assert (answer.status, answer.model) == ("completed", "sandbox-large")
    assert answer.request_id is not None
    assert answer.request_id.startswith("req_")


async def test_awaited_it_is_the_whole_text(connection: Connection, sandbox: Sandbox) -> None:
    """Or an error, never half of it."""
    assert (await ask(connection, "Why?")).startswith(HALF)
    sandbox.faults.inject("stream-cut")
    with pytest.raises(TransportFailed):
        await ask(connection, "Why?", model="sandbox-small")


async def test_the_model_is_the_one_named_else_the_chosen_one(connection: Connection) -> None:
    """A model that is not listed is sent all the same: it may answer."""
    connection.use_model("sandbox-small")
    async with ask(connection, "Why?") as answer:
        assert answer.model == "sandbox-small"
    async with ask(connection, "Why?", model="sandbox-reserve") as answer:
        await read(answer)
    assert answer.model == "sandbox-reserve"


@pytest.mark.parametrize("fault", ["stream-empty-output", "stream-no-content-type"])
async def test_what_is_only_odd_is_taken(connection: Connection, sandbox: Sandbox, fault: str) -> None:
    """Both were seen live."""
    sandbox.faults.inject(fault)
    async with ask(connection, "Why?") as answer:
        await read(answer)
    assert answer.status == "completed"
    assert answer.text.startswith(HALF)


@pytest.mark.parametrize(
    ("fault", "error", "case", "status"),
    [
        ("stream-cut", TransportFailed, "stream-incomplete", "incomplete"),
        ("stream-incomplete", AnswerRefused, "stream-incomplete", "incomplete"),
        ("stream-error-event", AnswerRefused, "provider-outage", "failed"),
        ("stream-failed-limit", AnswerRefused, "app-usage-limit-hit", "failed"),
    ],
)
async def test_what_is_not_complete_ends_in_an_error_and_keeps_what_came(
    connection: Connection, sandbox: Sandbox, fault: str, error: type[SignedinError], case: str, status: str
) -> None:
    """Nobody can take half an answer for a whole one."""
    sandbox.faults.inject(fault)
    async with ask(connection, "Why?") as answer:
        with pytest.raises(error) as raised:
            await read(answer)
    assert (raised.value.case, answer.status) == (case, status)
    assert answer.text.startswith(HALF)


async def test_a_limit_met_in_mid_stream_raises_the_flag_and_a_good_answer_lowers_it(
    connection: Connection, sandbox: Sandbox
) -> None:
    """The state stays: signing in again would not help."""
    sandbox.faults.inject("stream-failed-limit")
    async with ask(connection, "Why?", model="sandbox-small") as answer:
        with pytest.raises(AnswerRefused):
            await read(answer)
    assert (connection.state, Flag.USAGE_PAUSED in connection.flags) == (State.CONNECTED, True)
    assert connection.snapshot.case is not None
    async with ask(connection, "Why?", model="sandbox-small") as answer:
        await read(answer)
    assert (Flag.USAGE_PAUSED in connection.flags, connection.case) == (False, None)


async def test_a_list_of_models_does_not_lower_the_flag_of_a_limit(connection: Connection, sandbox: Sandbox) -> None:
    """It spends nothing, so it proves nothing."""
    sandbox.faults.inject("api-429-limit")
    with pytest.raises(AnswerRefused):
        async with ask(connection, "Why?", model="sandbox-small"):
            pytest.fail("There is no answer to enter.")
    async with connection.client() as client:
        await client.get("/models")
    assert Flag.USAGE_PAUSED in connection.flags


async def test_a_refused_model_raises_the_flag_until_a_model_answers(connection: Connection) -> None:
    """UnknownModel, and the connection stays what it was."""
    with pytest.raises(UnknownModel) as raised:
        async with ask(connection, "Why?", model="gpt-none"):
            pytest.fail("There is no answer to enter.")
    assert raised.value.case == "model-not-in-plan"
    assert Flag.MODELS_BLOCKED in connection.flags
    async with ask(connection, "Why?", model="sandbox-small") as answer:
        await read(answer)
    assert Flag.MODELS_BLOCKED not in connection.flags


async def test_an_access_token_that_ran_out_is_nobodys_concern(connection: Connection, sandbox: Sandbox) -> None:
    """It is refreshed and the question sent again, once."""
    sandbox.expire_access_tokens()
    async with ask(connection, "Why?", model="sandbox-small") as answer:
        await read(answer)
    assert answer.status == "completed"
    assert [record.status for record in sandbox.requests if record.path == "/v1/responses"] == [401, 200]


async def test_leaving_early_ends_the_answer(connection: Connection, sandbox: Sandbox) -> None:
    """Nothing is left open, and the next question is answered."""
    async with ask(connection, "Why?", model="sandbox-small") as answer:
        await anext(answer)
    assert answer.status == "in_progress"
    async with ask(connection, "Why?", model="sandbox-small") as answer:
        await read(answer)
    assert answer.status == "completed"


HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"


def starting(raw: bytes, *, then_wait: bool = False) -> Behaviour:
    """A server that sends these bytes of an answer and no more."""

    def behave(stream: socket.socket, over: threading.Event) -> None:
        read_request(stream)
        stream.sendall(raw)
        if then_wait:
            over.wait(10)

    return behave


def pointed_at(connection: Connection, url: str) -> Connection:
    """The same connection with another API."""
    account = account_of(connection)
    account.provider = dataclasses.replace(account.provider, api_base=f"{url}/v1")
    return connection


async def failure_of(connection: Connection) -> SignedinError:
    with anyio.fail_after(10), pytest.raises(SignedinError) as raised:
        async with ask(connection, "Why?", model="m") as answer:
            await read(answer)
    return raised.value


async def test_a_server_that_never_begins_to_answer_is_given_up(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time for the start."""
    monkeypatch.setattr(asking, "START_SECONDS", 0.2)
    with serving(starting(b"", then_wait=True)) as server:
        error = await failure_of(pointed_at(connection, server.url))
    assert (type(error), error.case) == (TransportFailed, "request-timeout-ambiguous")


async def test_an_answer_that_falls_silent_is_given_up(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time for a silence."""
    monkeypatch.setattr(api_request, "SILENCE_SECONDS", 0.2)
    raw = HEAD + b'data: {"type":"response.output_text.delta","delta":"Hm"}\n\n'
    with serving(starting(raw, then_wait=True)) as server:
        error = await failure_of(pointed_at(connection, server.url))
    assert (type(error), error.case) == (TransportFailed, "stream-incomplete")


@pytest.mark.parametrize("raw", [HEAD, HEAD + b"data: [DONE]\n\n", HEAD + b"data: " + b"x" * 2_000_000])
async def test_a_stream_without_its_end_has_broken_off(connection: Connection, raw: bytes) -> None:
    """Nothing at all, a bare `[DONE]`, or one line that never ends."""
    with serving(starting(raw)) as server:
        error = await failure_of(pointed_at(connection, server.url))
    assert (type(error), error.case) == (TransportFailed, "stream-incomplete")


async def test_a_text_without_end_has_broken_off(api: CodexApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came is kept; whoever asked is told that it is too large, and not that the provider ended it."""
    monkeypatch.setattr(transcript, "MAX_TEXT", 10)
    api.says(RESPONSES, 200, stream("response.output_text.delta", delta="Hm, hm, hm.") * 2)
    async with api.signed_in() as connection, ask(connection, "Why?", model="model-a") as answer:
        assert await anext(answer) == "Hm, hm, hm."
        with pytest.raises(TransportFailed) as raised:
            await anext(answer)
    assert (raised.value.kind, raised.value.case, answer.status) == ("too-large", "stream-incomplete", "incomplete")


async def test_an_answer_that_came_whole_counts_before_it_is_read(api: CodexApi) -> None:
    """Who leaves after the first word has had a model's answer all the same."""
    async with api.signed_in() as connection:
        api.says(RESPONSES, 404, {"error": {"code": "model_not_found"}})
        assert isinstance(await failure_of(connection), UnknownModel)
        api.says(RESPONSES, 200, stream("response.output_text.delta", delta="Hm") + stream("response.completed"))
        async with ask(connection, "Why?", model="model-a") as answer:
            await anext(answer)
        assert Flag.MODELS_BLOCKED not in connection.flags


async def test_without_a_network_the_case_says_so(connection: Connection) -> None:
    """And the credential is kept."""
    (port,) = free_ports(1)
    error = await failure_of(pointed_at(connection, f"http://127.0.0.1:{port}"))
    assert (type(error), error.case) == (TransportFailed, "offline")
    assert connection.state is State.CONNECTED


# An API that is asked in another way, and says no in its own.


async def test_instructions_go_with_a_question_where_the_api_wants_them(api: CodexApi) -> None:
    """They are the profile's, and no other field comes with them."""
    async with api.signed_in() as connection:
        await ask(connection, "Why?", model="model-a")
    asked = json.loads(api.asked[0].body)
    assert asked["instructions"] == api.provider.api.instructions
    assert asked.keys() == {"model", "input", "store", "stream", "instructions"}


SENTENCE = "Ada, write to help@example.com."


@pytest.mark.parametrize(
    ("status", "body", "case", "flags"),
    [
        (
            400,
            {"detail": f"The 'x' model is not supported. {SENTENCE}"},
            "model-not-in-plan",
            frozenset({Flag.MODELS_BLOCKED}),
        ),
        (
            429,
            {"error": {"type": "usage_limit_reached", "message": SENTENCE, "plan_type": "plus"}},
            "usage-limit-hit",
            frozenset({Flag.USAGE_PAUSED}),
        ),
        (404, {"error": {"type": "usage_not_included", "message": SENTENCE}}, "plan-not-included", frozenset[Flag]()),
        (
            402,
            {"detail": {"code": "deactivated_workspace", "message": SENTENCE}},
            "workspace-deactivated",
            frozenset[Flag](),
        ),
        (403, {"detail": {"code": "invalid_workspace_selected"}}, "account-id-header-wrong", frozenset[Flag]()),
        (403, {"detail": SENTENCE}, "client-not-recognised", frozenset[Flag]()),
        (400, {"detail": f"Unsupported parameter: {SENTENCE}"}, "unclassified", frozenset[Flag]()),
    ],
)
async def test_each_refusal_has_its_case_and_none_of_the_servers_words(
    api: CodexApi, status: int, body: object, case: str, flags: frozenset[Flag]
) -> None:
    """Connected all the while: signing in again would not help."""
    api.says(RESPONSES, status, body)
    async with api.signed_in() as connection:
        error = await failure_of(connection)
        assert (error.case, connection.flags, connection.state) == (case, flags, State.CONNECTED)
    assert "Ada" not in f"{error!r} {vars(error)}"


@pytest.mark.parametrize("plain", [{"resets_in_seconds": 4320}, {"resets_at": 1_795_439_520}])
async def test_a_limit_says_how_long_it_lasts(api: CodexApi, plain: dict[str, int]) -> None:
    """As seconds from now; whoever shows it knows the local time."""
    date = "Mon, 23 Nov 2026 12:00:00 GMT"
    api.says(RESPONSES, 429, {"error": {"type": "usage_limit_reached", **plain}}, date=date)
    async with api.signed_in() as connection:
        error = await failure_of(connection)
    assert isinstance(error, AnswerRefused)
    assert error.retry_after == 4320.0


@pytest.mark.parametrize(
    ("error", "case"),
    [
        ({"code": "usage_not_included"}, "plan-not-included"),
        ({"code": "rate_limit_exceeded"}, "login-rate-limited"),
        ({"code": "server_is_overloaded"}, "provider-outage"),
        ({"type": "usage_limit_reached"}, "usage-limit-hit"),
    ],
)
async def test_the_same_may_come_inside_a_stream(api: CodexApi, error: dict[str, str], case: str) -> None:
    """After an answer that had begun."""
    begun = stream("response.output_text.delta", delta="Hm")
    api.says(RESPONSES, 200, begun + stream("response.failed", response={"error": error | {"message": SENTENCE}}))
    async with api.signed_in() as connection:
        failed = await failure_of(connection)
        assert (failed.case, Flag.USAGE_PAUSED in connection.flags) == (case, case == "usage-limit-hit")


async def test_a_token_that_is_refused_in_a_word_is_refused(api: CodexApi) -> None:
    """There is nothing to renew it with here, so a person has to."""
    api.says(RESPONSES, 401, {"detail": "Unauthorized"})
    async with api.signed_in() as connection:
        assert isinstance(await failure_of(connection), SignedinError)
        assert connection.state is not State.CONNECTED
