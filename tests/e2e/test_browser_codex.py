"""A person signs in the codex way with a real browser: it comes back to `localhost`, on the ports of that client."""

import sys
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE
from urllib.parse import urlsplit

import anyio
import pytest
from tests.support.chromium import Tab
from tests.support.handed_over import HandedOver

from signedin import Connection, SignInFailed, State
from signedin.responses import ask, models, usage
from signedin.testing.free_ports import free_ports
from signedin_adapters.sandbox import Sandbox

on_one_loop = pytest.mark.parametrize("anyio_backend", ["asyncio"])
"""For what is about pages and other processes: there, the two loops are no different."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One of its own: its codex client is registered for two ports that are free here."""
    with Sandbox(codex_ports=free_ports(2), device_interval=1).running() as running:
        yield running


@pytest.fixture
async def connection(home: Path) -> AsyncGenerator[Connection]:
    """A connection on which nobody has signed in."""
    async with Connection.open(app_name="Acme Notes", provider="sandbox-codex", store="file", home=home) as opened:
        yield opened


async def allow(tab: Tab, url: str, *, workspace: str = "Personal") -> None:
    """Open the sign-in page, say who it is and for which workspace, and allow."""
    await tab.open(url)
    await tab.press("Ada Lovelace")
    await tab.pick(workspace)
    await tab.press("Allow")


async def test_the_browser_comes_back_to_localhost_and_the_plan_can_be_used(
    connection: Connection, sandbox: Sandbox, tab: Tab
) -> None:
    """From the consent page to an answer: workspace, models and what is left of the plan are this account's own."""
    async with connection.authorize() as attempt:
        await allow(tab, attempt.url, workspace="Analytical Engines")
        await tab.arrive("/done")
        assert await tab.headline() == "Acme Notes is signed in"
        await attempt.done()
    assert urlsplit(tab.url).netloc == f"localhost:{sandbox.codex_ports[0]}"
    assert connection.snapshot.email == "ada@example.com"
    assert (await models(connection)).models
    assert "hello" in await ask(connection, "hello")
    left = await usage(connection)
    assert left is not None
    assert [window.used_percent for window in left.windows] == list(map(float, sandbox.used_percent))


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
@on_one_loop
async def test_a_browser_that_takes_localhost_for_either_stack_finds_the_listener(
    connection: Connection, tab: Tab, address: str
) -> None:
    """Which of the two a name leads to is the browser's affair; a page at the number itself is not ours."""
    async with connection.authorize() as attempt:
        port = urlsplit(attempt.short_url or "").port
        assert await tab.open(f"http://{address}:{port}/") == 421
        await allow(tab, attempt.url)
        await tab.arrive("/done")
        await attempt.done()
    assert connection.state is State.CONNECTED


@on_one_loop
async def test_a_declined_consent_is_said_on_the_page_and_by_the_case(connection: Connection, tab: Tab) -> None:
    """Nobody is signed in, and the tab says why."""
    async with connection.authorize() as attempt:
        await tab.open(attempt.url)
        await tab.press("Ada Lovelace")
        await tab.press("Deny")
        await tab.arrive("/done")
        with pytest.raises(SignInFailed) as failed:
            await attempt.done()
    assert failed.value.case == "user-denied-consent"
    assert failed.value.message.startswith(await tab.headline())


@pytest.mark.parametrize("provider", ["sandbox-codex", "sandbox-native"])
@on_one_loop
async def test_a_code_typed_on_the_providers_page_signs_in(home: Path, tab: Tab, provider: str) -> None:
    """The browser may be any device's: it never comes back here."""
    async with (
        Connection.open(app_name="Acme Notes", provider=provider, store="file", home=home) as connection,
        connection.authorize(device=True) as attempt,
    ):
        await tab.open(attempt.complete_url or f"{attempt.url}?user_code={attempt.user_code}")
        await tab.press("Continue")
        await tab.press("Ada Lovelace")
        await tab.press("Allow")
        await attempt.done()
        assert await tab.headline() == "Done"
        assert connection.snapshot.email == "ada@example.com"


@on_one_loop
async def test_the_command_says_where_the_way_comes_from_and_signs_in(
    home: Path, browser: HandedOver, tab: Tab
) -> None:
    """`signedin login --provider sandbox-codex` tells once what OpenAI asks of other tools, then opens the browser."""
    command = [str(Path(sys.executable).with_name("signedin")), "login", "--provider", "sandbox-codex"]
    environment = {"SIGNEDIN_HOME": str(home), "BROWSER": str(browser.command), "PATH": "/usr/bin:/bin"}
    with anyio.fail_after(20):
        async with await anyio.open_process(command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=environment) as login:
            await allow(tab, await browser.address())
            await tab.arrive("/done")
            assert login.stdout is not None
            assert login.stderr is not None
            said = b"".join([chunk async for chunk in login.stderr]).decode()
            told = b"".join([chunk async for chunk in login.stdout]).decode()
    assert login.returncode == 0
    assert told.startswith("Signed in as ada@example.com")
    assert "documents provider chatgpt" in " ".join(said.split())
