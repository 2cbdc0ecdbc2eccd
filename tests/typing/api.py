"""What users write, held by mypy and pyright at their strictest: no name leaks Any, and nothing has to be ignored.

It is checked, and never run. `test_api.py` sees to it that each exported name is used here or in `suites.py`: one
that is new belongs here too.
"""

import argparse
from collections.abc import Sequence
from typing import Literal, assert_type

import httpx
from openai import AsyncOpenAI, OpenAI

import signedin
from signedin import (
    AccountRecord,
    AnswerRefused,
    Attempt,
    CallbackRejected,
    Case,
    Category,
    ConfigurationError,
    Connection,
    ConnectionFailed,
    Flag,
    ForbiddenOrigin,
    InteractionRequired,
    MisuseError,
    Provider,
    ProviderError,
    Secret,
    SignedinError,
    SignInFailed,
    Snapshot,
    State,
    StoreError,
    Subscription,
    TemporarilyUnavailable,
    Transition,
    TransitionStream,
    TransportFailed,
    UnknownAccount,
    UnknownModel,
    UnknownProvider,
    responses,
    sync,
)
from signedin.auth import ConnectionAuth
from signedin.ports import Clock, Http, Log, OpenBrowser, Store
from signedin.testing import FailingStore, FakeAttempt, FakeBrowser, FakeClock, FakeHttp
from signedin_adapters import cli, console, openai, web
from signedin_adapters.testing import RunningSandbox

VERSION: str = signedin.__version__
Status = Literal["in_progress", "completed", "incomplete", "failed"]


# Opening and looking.


async def opening(store: Store, http: Http, log: Log, clock: Clock, provider: Provider) -> None:
    async with Connection.open(app_name="Acme Notes") as connection:
        assert_type(connection, Connection)
    opened = await Connection.open(
        app_name="Acme Notes",
        account="work",
        new=True,
        provider=provider,
        store=store,
        home="/home/ada/.acme",
        prompt=console.console_prompt(),
        http=http,
        log=log,
        clock=clock,
    )
    assert_type(opened, Connection)
    await opened.aclose()


def looking(connection: Connection) -> None:
    assert_type(connection.state, State)
    assert_type(connection.needs_sign_in, bool)
    assert_type(connection.case, Case | None)
    assert_type(connection.flags, frozenset[Flag])
    assert_type(connection.api_base, str)
    assert_type(connection.provider, Provider)
    assert_type(connection.accounts(), Sequence[AccountRecord])
    snapshot = connection.snapshot
    assert_type(snapshot, Snapshot)
    assert_type(snapshot.email, str | None)
    assert_type(snapshot.access_expires_at, float | None)
    assert_type(snapshot.plan_enabled, bool | None)
    assert_type(snapshot.notice_due, bool)
    if (case := connection.case) is not None:
        assert_type((case.id, case.title, case.remedy, case.action), tuple[str, str, str, str])
        assert_type(case.exit_code, int)
        assert_type(case.category, Category)


# Signing in.

assert_type(console.console_prompt(), console.ConsolePrompt)


async def prompt(attempt: Attempt) -> None:
    assert_type(attempt.url, str)
    assert_type(attempt.short_url, str | None)
    assert_type(attempt.user_code, str | None)
    assert_type(attempt.complete_url, str | None)
    assert_type(attempt.deadline, float)
    assert_type(attempt.ways, tuple[str, ...])
    assert_type(attempt.asks, tuple[str, ...])
    attempt.fail("no-browser-headless", "There is no browser here")


async def signing_in(connection: Connection) -> None:
    await connection.ensure_signed_in()
    await connection.sign_in(prompt=prompt, seconds=60.0, ports=(1455,), consent=True)
    await connection.sign_in(prompt=console.console_prompt(), device=True)
    await connection.sign_in_with_key(Secret("sk-…"))
    await connection.enable_plan()
    connection.acknowledge_notice()
    connection.use_model("model-1")
    async with connection.authorize(seconds=60.0) as attempt:
        assert_type(attempt, Attempt)
        try:
            await attempt.submit("http://127.0.0.1:49152/auth/callback?code=…")
        except CallbackRejected as rejected:
            assert_type((rejected.message, rejected.reason), tuple[str, str])
        attempt.cancel()
        await attempt.done()
    assert_type(await connection.sign_out(revoke=False), bool | None)


# Using.


async def using(connection: Connection) -> None:
    token = await connection.get_access_token()
    assert_type(token, Secret)
    assert_type(token.reveal(), str)
    await connection.refresh()
    await connection.retry()
    assert_type(connection.auth, ConnectionAuth)
    async with httpx.AsyncClient(auth=connection.auth, base_url=connection.api_base) as client:
        await client.get("/models")
    async with connection.client() as ready:
        assert_type(ready, httpx.AsyncClient)
        assert_type(await ready.get("/models"), httpx.Response)


def hear(transition: Transition) -> None:
    assert_type((transition.source, transition.state), tuple[State, State])
    assert_type(transition.case, str | None)
    assert_type(transition.at, float)


async def listening(connection: Connection) -> None:
    subscription = connection.subscribe(hear)
    assert_type(subscription, Subscription)
    subscription.close()
    with connection.subscribe(lambda transition: hear(transition)):
        pass
    stream = connection.transitions()
    assert_type(stream, TransitionStream)
    async for transition in stream:
        assert_type(transition, Transition)


async def asking(connection: Connection) -> None:
    assert_type(await responses.ask(connection, "Why?"), str)
    assert_type(responses.ask(connection, "Why?"), responses.Question)
    async with responses.ask(connection, "Why?", model="model-1") as answer:
        assert_type(answer, responses.Answer)
        async for piece in answer:
            assert_type(piece, str)
        assert_type(answer.status, Status)
        assert_type((answer.text, answer.model), tuple[str, str])
        assert_type(answer.request_id, str | None)
    catalogue = await responses.models(connection, refresh=True)
    assert_type(catalogue, responses.Catalogue)
    assert_type(catalogue.models, tuple[responses.Model, ...])
    assert_type(catalogue.selected, responses.Model | None)
    assert_type(catalogue.find("model-1").name, str)
    used = await responses.usage(connection)
    assert_type(used, responses.Usage | None)
    if used is not None:
        assert_type(used.windows, tuple[responses.UsageWindow, ...])


# Errors, from the narrow to the wide.


async def failing(connection: Connection) -> None:
    try:
        await connection.get_access_token()
    except InteractionRequired as needed:
        assert_type((needed.case, needed.message), tuple[str, str])
    except TemporarilyUnavailable as outage:
        assert_type(outage.retry_at, float | None)
    except (SignInFailed, ConnectionFailed) as failed:
        assert_type(failed, SignInFailed | ConnectionFailed)
    except (UnknownAccount, UnknownModel, UnknownProvider, ForbiddenOrigin, MisuseError) as misused:
        assert_type(misused.case, str)
    except SignedinError as error:
        assert_type(error.case, str)


async def failing_to_ask(connection: Connection) -> None:
    try:
        await responses.ask(connection, "Why?")
    except AnswerRefused as refused:
        assert_type((refused.status, refused.code), tuple[int, str | None])
        assert_type((refused.retry_after, refused.request_id), tuple[float | None, str | None])
    except TransportFailed as lost:
        assert_type((lost.kind, lost.sent), tuple[str, bool])
    except StoreError as broken:
        assert_type(broken.path, str | None)
    except (ProviderError, ConfigurationError) as other:
        assert_type(other, ProviderError | ConfigurationError)


# The same surface for threads.


def in_threads(asynchronous: Connection) -> None:
    assert_type(sync.Connection(asynchronous), sync.Connection)
    with sync.Connection.open(app_name="Acme Notes", provider="chatgpt", store="file", prompt=prompt) as connection:
        assert_type(connection, sync.Connection)
        connection.ensure_signed_in()
        connection.sign_in(prompt=console.console_prompt(), seconds=60.0)
        connection.sign_in_with_key(Secret("sk-…"))
        connection.enable_plan()
        connection.acknowledge_notice()
        connection.use_model("model-1")
        with connection.authorize() as attempt:
            assert_type(attempt, sync.Attempt)
            assert_type(attempt.short_url, str | None)
            attempt.submit("http://127.0.0.1:49152/auth/callback?code=…")
            attempt.fail("no-browser-headless")
            attempt.cancel()
            attempt.done()
        assert_type(connection.sign_out(), bool | None)
    connection.close()


def using_in_threads(connection: sync.Connection) -> None:
    assert_type(connection.state, State)
    assert_type(connection.needs_sign_in, bool)
    assert_type(connection.case, Case | None)
    assert_type(connection.flags, frozenset[Flag])
    assert_type(connection.api_base, str)
    assert_type(connection.provider, Provider)
    assert_type(connection.snapshot, Snapshot)
    assert_type(connection.accounts(), Sequence[AccountRecord])
    assert_type(connection.auth, ConnectionAuth)
    assert_type(connection.get_access_token(), Secret)
    connection.refresh()
    connection.retry()
    with httpx.Client(auth=connection.auth, base_url=connection.api_base) as client:
        client.get("/models")
    with connection.client() as ready:
        assert_type(ready, httpx.Client)
    with connection.subscribe(hear) as subscription:
        assert_type(subscription, Subscription)
    stream = connection.transitions()
    assert_type(stream, sync.TransitionStream)
    for transition in stream:
        assert_type(transition, Transition)


def asking_in_threads(connection: sync.Connection) -> None:
    question = sync.ask(connection, "Why?", model="model-1")
    assert_type(question, sync.Question)
    assert_type(question.text(), str)
    with question as answer:
        assert_type(answer, sync.Answer)
        for piece in answer:
            assert_type(piece, str)
        assert_type(answer.status, Status)
    assert_type(sync.models(connection), responses.Catalogue)
    assert_type(sync.usage(connection), responses.Usage | None)


# The adapters.


async def with_the_sdk(connection: Connection, plain: sync.Connection) -> None:
    with openai.client(plain) as client:
        assert_type(client, OpenAI)
    async with openai.async_client(connection) as asynchronous:
        assert_type(asynchronous, AsyncOpenAI)
    openai.client(connection).close()
    await openai.async_client(plain).close()


async def with_the_page(connection: Connection, store: Store) -> None:
    page = web.create_app(connection, home="/home/ada/.acme", store=store, again="Run `acme web` again.")
    assert_type(page, web.WebApp)
    assert_type(page.address("http://127.0.0.1:8000/account"), str)
    await page.aclose()


def with_the_account_commands(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    account = cli.commands("Acme Notes", "acme account", only=["login", "logout", "status"])
    assert_type(account.add_to(parser.add_subparsers()), argparse.ArgumentParser)
    assert_type(account.run(arguments), int)
    return account.main(arguments)


# Testing.


def with_the_sandbox(signedin_sandbox: RunningSandbox) -> None:
    signedin_sandbox.sign_in("Acme Notes")
    with signedin_sandbox.fault("provider-outage", "offline@always"):
        assert_type(signedin_sandbox.browser, FakeBrowser)
        assert_type(signedin_sandbox.browser.opened, list[str])
    store: Store = FailingStore(signedin_sandbox.store("Acme Notes"))
    clock: Clock = FakeClock()
    http: Http = FakeHttp()
    open_browser: OpenBrowser = FakeBrowser(works=False)
    open_browser("https://id.example")
    attempt: Attempt = FakeAttempt(user_code="WDJB-MJHT", ways=("device",))
    assert_type(attempt.user_code, str | None)
    sync.Connection.open(app_name="Acme Notes", store=store, clock=clock, http=http)
