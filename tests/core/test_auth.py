"""The connection as an `httpx.Auth`: the token goes to the API alone, and a 401 is recovered from once."""

import gzip
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace

import anyio
import httpx
import pytest
from tests.support.stage import TOKEN, Stage

from signedin import Connection, Flag, ForbiddenOrigin, State
from signedin.connection import account_of
from signedin.testing.raw_server import replying, serving

QUESTION = {
    "model": "sandbox-large",
    "input": [{"role": "user", "content": "Hello"}],
    "instructions": "Answer.",
    "store": False,
    "stream": True,
}


def asyncs(connection: Connection, answer: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncClient:
    """A client whose API is a function."""
    return httpx.AsyncClient(auth=connection.auth, base_url=connection.api_base, transport=httpx.MockTransport(answer))


# Where the token goes.


async def test_the_token_goes_with_every_request_to_the_api(stage: Stage) -> None:
    """For async clients and for plain ones."""
    async with stage.signed_in() as connection:
        async with connection.client() as client:
            assert (await client.get("/models")).status_code == 200

        def plainly() -> int:
            with httpx.Client(auth=connection.auth, base_url=connection.api_base, trust_env=False) as client:
                return client.get("/models").status_code

        assert await anyio.to_thread.run_sync(plainly) == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/v1/models",
        "https://api.example/v1/models",
        "http://localhost:{port}/v1/models",
        "https://127.0.0.1:{port}/v1/models",
    ],
)
async def test_no_other_origin_gets_it(stage: Stage, url: str) -> None:
    """Refused before anything is sent: another host, port, scheme or name of the same host."""
    async with stage.signed_in() as connection, connection.client() as client:
        with pytest.raises(ForbiddenOrigin):
            await client.get(url.format(port=stage.sandbox.port))
    assert len(stage.sandbox.requests) == 0


async def test_a_redirect_to_another_host_does_not_carry_it(stage: Stage) -> None:
    """And what that host says of the token is nobody's business."""
    carried: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response:
        carried.append("authorization" in request.headers)
        if request.url.host == "elsewhere.example":
            return httpx.Response(401, json={"error": {"code": "token_revoked"}})
        return httpx.Response(307, headers={"location": "https://elsewhere.example/v1/models"})

    async with stage.signed_in() as connection:
        async with asyncs(connection, answer) as client:
            answered = await client.get("/models", follow_redirects=True)
        assert answered.status_code == 401
        assert connection.state is State.CONNECTED
        assert connection.snapshot.generation == 1
    assert carried == [True, False]


async def test_any_url_of_the_api_is_the_api(stage: Stage) -> None:
    """Long queries, fragments and odd characters change no origin."""
    async with stage.signed_in() as connection, asyncs(connection, lambda _: httpx.Response(200)) as client:
        assert (await client.get(f"/models?q={'x' * 3000}#part")).status_code == 200
        assert (await client.get("/models?q=a|b")).status_code == 200


# A token that is refused.


@pytest.mark.parametrize("plain", [False, True], ids=["async", "sync"])
async def test_a_401_is_recovered_from_by_a_refresh(stage: Stage, plain: bool) -> None:
    """Sent again once, with the new token; the caller sees nothing of it."""
    async with stage.signed_in() as connection:
        stage.sandbox.expire_access_tokens()
        answered = await _models(connection, plain)
        assert answered.status_code == 200
        assert connection.state is State.CONNECTED
        assert connection.snapshot.generation == 2
        assert account_of(connection).context.unauthorized is None
    assert (stage.refreshes, stage.asked("/v1/models")) == (1, 2)


@pytest.mark.parametrize("plain", [False, True], ids=["async", "sync"])
async def test_a_401_that_stays_is_an_error_and_no_loop(stage: Stage, plain: bool) -> None:
    """Refreshed once, sent twice, handed back; the credential is kept."""
    stage.sandbox.faults.inject("api-401", None)
    async with stage.signed_in() as connection:
        answered = await _models(connection, plain)
        assert answered.status_code == 401
        assert answered.json()["error"]["code"] == "invalid_token"
        assert connection.state is State.ERROR
        assert connection.case is not None
        assert connection.case.id == "api-401-loop"
        assert not connection.needs_sign_in
    assert (stage.refreshes, stage.asked("/v1/models")) == (1, 2)


async def test_many_401s_at_once_cost_one_refresh(stage: Stage) -> None:
    """Ten requests with the same dead token all end well."""
    statuses: list[int] = []
    async with stage.signed_in() as connection, connection.client() as client:
        stage.sandbox.expire_access_tokens()

        async def ask() -> None:
            statuses.append((await client.get("/models")).status_code)

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(ask)
    assert statuses == [200] * 10
    assert stage.refreshes == 1


async def test_a_refused_token_is_not_handed_out_while_it_is_renewed(stage: Stage) -> None:
    """Whoever asks meanwhile waits for the new one."""
    async with stage.signed_in() as connection, connection.client() as client:
        old = await connection.get_access_token()
        stage.sandbox.expire_access_tokens()
        with stage.holding_back(TOKEN) as held:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.get, "/models")
                await held.arrived()

                async def ask() -> None:
                    assert await connection.get_access_token() != old

                tasks.start_soon(ask)
                held.release()


async def test_a_token_that_ran_out_on_its_way_is_no_refusal(stage: Stage) -> None:
    """It is renewed and sent again, and no 401 is held against the next one."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] == f"Bearer {old.reveal()}":
            stage.clock.advance(3600)
            return httpx.Response(401)
        return httpx.Response(200)

    async with stage.signed_in() as connection:
        old = await connection.get_access_token()
        async with asyncs(connection, answer) as client:
            assert (await client.get("/models")).status_code == 200
        assert account_of(connection).context.unauthorized is None


async def test_during_an_outage_the_401_is_handed_back(stage: Stage) -> None:
    """There is no new token, so nothing is sent twice."""
    async with stage.signed_in() as connection, connection.client() as client:
        stage.sandbox.expire_access_tokens()
        stage.sandbox.faults.inject("token-503")
        assert (await client.get("/models")).status_code == 401
        assert connection.state is State.CONNECTED
    assert stage.asked("/v1/models") == 1


async def test_a_grant_that_the_api_says_is_over_is_over(stage: Stage) -> None:
    """By its code, without a refresh that could only fail."""
    async with stage.signed_in() as connection, connection.client() as client:
        stage.sandbox.revoke_all()
        assert (await client.get("/models")).status_code == 401
        assert connection.state is State.EXPIRED
        assert connection.case is not None
        assert connection.case.id == "refresh-token-revoked"
    assert stage.refreshes == 0


# Bodies.


async def test_a_body_that_cannot_be_sent_twice_is_not(stage: Stage) -> None:
    """The token is refreshed for the next request, and the 401 handed back."""

    async def body() -> AsyncIterator[bytes]:
        yield json.dumps(QUESTION).encode()

    async with stage.signed_in() as connection, connection.client() as client:
        stage.sandbox.expire_access_tokens()
        headers = {"content-type": "application/json"}
        answered = await client.post("/responses", content=body(), headers=headers)
        assert answered.status_code == 401
        assert connection.snapshot.generation == 2
        assert (await client.post("/responses", json=QUESTION)).status_code == 200
    assert stage.asked("/v1/responses") == 2


async def test_a_body_that_can_is_sent_again_whole(stage: Stage) -> None:
    """JSON is sent twice where that is needed, and the answer streams."""
    async with stage.signed_in() as connection, connection.client() as client:
        stage.sandbox.expire_access_tokens()
        async with client.stream("POST", "/responses", json=QUESTION) as answered:
            text = "".join([chunk async for chunk in answered.aiter_text()])
        assert "response.completed" in text
    assert stage.asked("/v1/responses") == 2


async def test_a_streamed_answer_is_not_read_ahead(stage: Stage) -> None:
    """The caller has the first event while the last is not made yet."""
    stage.sandbox.pace = 0.01
    async with (
        stage.signed_in() as connection,
        connection.client() as client,
        client.stream("POST", "/responses", json=QUESTION) as answered,
    ):
        chunks = [chunk async for chunk in answered.aiter_text()]
    stage.sandbox.pace = 0
    assert "response.created" in chunks[0]
    assert "response.completed" in chunks[-1]
    assert len(chunks) > 3


SIZES = [0, 10, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 300_000]


@pytest.mark.parametrize("size", SIZES)
async def test_an_error_body_reaches_the_caller_whole(stage: Stage, size: int) -> None:
    """However much of it was looked at; read at once or streamed."""
    body = bytes(index % 251 for index in range(size))

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, size, 1000):
            yield body[start : start + 1000]

    async with (
        stage.signed_in() as connection,
        asyncs(connection, lambda _: httpx.Response(400, content=chunks())) as client,
    ):
        assert (await client.get("/models")).content == body
        async with client.stream("GET", "/models") as answered:
            assert b"".join([chunk async for chunk in answered.aiter_bytes()]) == body


@pytest.mark.parametrize("size", SIZES)
def test_an_error_body_reaches_the_plain_caller_whole(stage: Stage, size: int) -> None:
    """The same for `httpx.Client`."""
    body = bytes(index % 251 for index in range(size))

    def chunks() -> Iterator[bytes]:
        for start in range(0, size, 1000):
            yield body[start : start + 1000]

    async def signed_in() -> Connection:
        connection = await stage.open()
        await connection.sign_in()
        return connection

    connection = anyio.run(signed_in)
    transport = httpx.MockTransport(lambda _: httpx.Response(400, content=chunks()))
    with httpx.Client(auth=connection.auth, base_url=connection.api_base, transport=transport) as client:
        assert client.get("/models").content == body


async def test_a_compressed_error_is_unpacked_by_the_caller_alone(stage: Stage) -> None:
    """Nothing is decoded on the way."""
    packed = gzip.compress(b'{"error": {"code": "usage_limit_reached"}}')
    headers = {"content-encoding": "gzip"}
    async with stage.signed_in() as connection:
        async with asyncs(connection, lambda _: httpx.Response(429, content=packed, headers=headers)) as client:
            assert (await client.get("/models")).json()["error"]["code"] == "usage_limit_reached"
        assert Flag.USAGE_PAUSED not in connection.flags


async def test_a_connection_that_breaks_in_an_error_body_is_an_error(stage: Stage) -> None:
    """Raised to the caller, as without us."""
    cut = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 1000\r\n\r\n{"
    with serving(replying(cut)) as server:
        async with stage.signed_in() as connection:
            account = account_of(connection)
            account.provider = replace(account.provider, api_base=f"{server.url}/v1")
            async with connection.client() as client:
                with pytest.raises(httpx.RemoteProtocolError):
                    await client.get("/models")
            assert connection.state is State.CONNECTED


# Flags.


async def test_a_usage_limit_is_a_flag_until_an_answer_comes(stage: Stage) -> None:
    """Connected all the while: signing in again would not help. Listing models proves nothing."""
    async with stage.signed_in() as connection, connection.client() as client:
        stage.sandbox.faults.inject("api-429-limit")
        answered = await client.post("/responses", json=QUESTION)
        assert answered.json()["error"]["code"] == "subscription_sharing_usage_limit_exceeded"
        assert Flag.USAGE_PAUSED in connection.flags
        assert connection.state is State.CONNECTED
        assert connection.case is not None
        assert connection.case.id == "app-usage-limit-hit"
        await client.get("/models")
        assert Flag.USAGE_PAUSED in connection.flags
        await client.post("/responses", json=QUESTION)
        assert Flag.USAGE_PAUSED not in connection.flags
        assert connection.case is None


async def test_a_redirect_says_nothing(stage: Stage) -> None:
    """It is not followed, and it is no answer: the limit still stands, and so does a token that was refused."""
    answers = [
        httpx.Response(429, json={"error": {"code": "usage_limit_reached"}}),
        httpx.Response(401),
        httpx.Response(302, headers={"location": "/login"}),
    ]
    async with stage.signed_in() as connection, asyncs(connection, lambda _: answers.pop(0)) as client:
        assert [(await client.post("/responses", json=QUESTION)).status_code for _ in range(2)] == [429, 302]
        assert Flag.USAGE_PAUSED in connection.flags
        assert account_of(connection).context.unauthorized == 1


@pytest.mark.parametrize("fault", ["api-403-detail", "api-503", "api-html"])
async def test_other_refusals_change_nothing(stage: Stage, fault: str) -> None:
    """They are the caller's."""
    async with stage.signed_in() as connection, connection.client() as client:
        stage.sandbox.faults.inject(fault)
        assert (await client.get("/models")).status_code >= 400
        assert connection.state is State.CONNECTED
        assert connection.flags == {Flag.PLAN_ENABLED}
    assert stage.refreshes == 0


async def _models(connection: Connection, plain: bool) -> httpx.Response:
    if not plain:
        async with connection.client() as client:
            answered: httpx.Response = await client.get("/models")
            return answered

    def plainly() -> httpx.Response:
        with httpx.Client(auth=connection.auth, base_url=connection.api_base, trust_env=False) as client:
            return client.get("/models")

    return await anyio.to_thread.run_sync(plainly)
