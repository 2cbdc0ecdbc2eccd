"""A person signs in with a real browser: the sandbox's pages, the loopback listener, and what is held in the end."""

import sys
import time
from pathlib import Path
from subprocess import DEVNULL, CompletedProcess
from urllib.parse import urlsplit

import anyio
import pytest
from tests.support.chromium import Chromium, Tab
from tests.support.handed_over import HandedOver

from signedin import Attempt, Connection, SignInFailed, State
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores import opening

PERSON = "Ada Lovelace"
on_one_loop = pytest.mark.parametrize("anyio_backend", ["asyncio"])
"""For what is about pages and other processes: there, the two loops are no different."""


async def allow(tab: Tab, url: str) -> None:
    """Open the sign-in page, say who it is, and allow everything."""
    await tab.open(url)
    await tab.press(PERSON)
    await tab.press("Allow")


def port(attempt: Attempt) -> int:
    """Where the attempt's listener is."""
    return urlsplit(attempt.short_url).port or 0


async def test_person_workspace_and_consent_lead_to_a_page_that_names_the_app(connection: Connection, tab: Tab) -> None:
    """The tab says in the end that the app is signed in, and as whom; and so it is."""
    async with connection.authorize() as attempt:
        assert await tab.open(attempt.url) == 200
        await tab.press(PERSON)
        await tab.pick("Analytical Engines")
        await tab.press("Allow")
        await tab.arrive("/done")
        assert await tab.headline() == "Acme Notes is signed in"
        assert "ada@example.com" in await tab.text()
        await attempt.done()
    assert connection.state is State.CONNECTED
    assert connection.snapshot.email == "ada@example.com"
    assert connection.snapshot.plan_enabled


@on_one_loop
async def test_no_code_stays_in_the_address_bar_or_the_history(connection: Connection, tab: Tab) -> None:
    """The address with the code is left at once, and "back" does not lead to it."""
    async with connection.authorize() as attempt:
        await allow(tab, attempt.url)
        await tab.arrive("/done")
        await attempt.done()
    assert tab.url == f"{attempt.short_url}done"
    assert any("code=" in url for url in tab.requested)
    assert not any("code=" in url for url in await tab.history())


async def test_success_is_shown_after_the_commit_only(
    connection: Connection, sandbox: Sandbox, tab: Tab, home: Path
) -> None:
    """While the session cannot be committed the tab waits; once it was, the tab says so."""
    async with connection.authorize() as attempt:
        await attempt.submit(await anyio.to_thread.run_sync(sandbox.sign_in, attempt.url))
        await attempt.done()
    store = opening.file(app="Acme Notes", home=str(home))
    async with connection.authorize() as attempt:
        with store.claim(connection.snapshot.account_id, deadline=time.monotonic() + 1):
            await tab.open(attempt.url)
            await tab.press(PERSON, until="**/done")
            assert not tab.url.endswith("/done")
            assert connection.state is State.AUTHORIZING
        await tab.arrive("/done")
        assert await tab.headline() == "Acme Notes is signed in"
        await attempt.done()
    assert connection.snapshot.generation == 2


@on_one_loop
async def test_a_declined_consent_is_said_on_the_page_and_by_the_case(connection: Connection, tab: Tab) -> None:
    """Nobody is signed in, and the tab says why."""
    async with connection.authorize() as attempt:
        await tab.open(attempt.url)
        await tab.press(PERSON)
        await tab.press("Deny")
        await tab.arrive("/done")
        with pytest.raises(SignInFailed) as failed:
            await attempt.done()
    assert failed.value.case == "user-denied-consent"
    assert failed.value.message.startswith(await tab.headline())
    assert connection.state is State.DISCONNECTED


@on_one_loop
async def test_without_plan_use_the_connection_holds_and_says_so(connection: Connection, tab: Tab) -> None:
    """A box that was not ticked is no failure: signed in, plan off."""
    async with connection.authorize() as attempt:
        await tab.open(attempt.url)
        await tab.press(PERSON)
        await tab.tick("Use my plan", on=False)
        await tab.press("Allow")
        await tab.arrive("/done")
        assert await tab.headline() == "Acme Notes is signed in"
        await attempt.done()
    assert connection.state is State.CONNECTED
    assert connection.snapshot.plan_enabled is False


@on_one_loop
async def test_the_short_address_leads_to_the_sign_in_page(connection: Connection, sandbox: Sandbox, tab: Tab) -> None:
    """It is what a person can type by hand."""
    async with connection.authorize() as attempt:
        await tab.open(attempt.short_url or "")
        assert tab.url.startswith(sandbox.url)
        assert await tab.headline() == "Choose an account"


@on_one_loop
async def test_what_a_browser_does_of_its_own_accord_is_harmless(connection: Connection, tab: Tab) -> None:
    """Icons, connections made in advance and pages fetched in advance change nothing for the real answer."""
    async with connection.authorize() as attempt:
        await tab.load(
            f'<link rel="preconnect" href="{attempt.short_url}"><link rel="icon" href="{attempt.short_url}favicon.ico">'
            f'<link rel="prefetch" href="{attempt.short_url}auth/callback"><img src="{attempt.short_url}favicon.ico">'
        )
        assert await tab.open(f"{attempt.short_url}favicon.ico") == 404
        assert await tab.open(f"{attempt.short_url}auth/callback") == 400
        await allow(tab, attempt.url)
        await tab.arrive("/done")
        await attempt.done()
    assert connection.state is State.CONNECTED


@on_one_loop
async def test_a_tab_of_an_older_attempt_is_refused_and_the_new_one_wins(
    connection: Connection, chromium: Chromium
) -> None:
    """The stale tab is told that it is one; the attempt that waits is not disturbed."""
    stale, newest = await chromium.tab(), await chromium.tab()
    async with connection.authorize() as older:
        await stale.open(older.url)
    async with connection.authorize(ports=(port(older),)) as attempt:
        await stale.press(PERSON)
        await stale.press("Allow")
        await stale.arrive("/auth/callback?*")
        assert await stale.headline() == "This is not the sign-in that is waiting"
        await allow(newest, attempt.url)
        await newest.arrive("/done")
        await attempt.done()
    assert connection.state is State.CONNECTED


@on_one_loop
async def test_a_failed_exchange_is_said_on_the_page(connection: Connection, sandbox: Sandbox, tab: Tab) -> None:
    """The person allowed and yet nobody is signed in: the tab says so, and never "signed in"."""
    sandbox.faults.inject("token-503")
    async with connection.authorize() as attempt:
        await allow(tab, attempt.url)
        await tab.arrive("/done")
        with pytest.raises(SignInFailed) as failed:
            await attempt.done()
    assert failed.value.message.startswith(await tab.headline())
    assert "is signed in" not in await tab.text()
    assert connection.state is State.DISCONNECTED


async def test_an_app_that_shows_nothing_itself_opens_the_users_browser(
    connection: Connection, browser: HandedOver, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line of the app's is a whole sign-in, through the system's own browser."""
    monkeypatch.setenv("BROWSER", str(browser.command))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(connection.ensure_signed_in)
        await allow(tab, await browser.address())
        await tab.arrive("/done")
    assert connection.state is State.CONNECTED


@on_one_loop
async def test_the_command_signs_in_and_ends(home: Path, browser: HandedOver, tab: Tab) -> None:
    """`signedin login` opens the browser, waits for the person, says who is signed in, and needs no key press."""
    ended: list[CompletedProcess[bytes]] = []

    async def login() -> None:
        command = [str(Path(sys.executable).with_name("signedin")), "login", "--provider", "sandbox"]
        environment = {"SIGNEDIN_HOME": str(home), "BROWSER": str(browser.command), "PATH": "/usr/bin:/bin"}
        ended.append(await anyio.run_process(command, stdin=DEVNULL, check=False, env=environment))

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(login)
            await allow(tab, await browser.address())
            await tab.arrive("/done")
            assert await tab.headline() == "signedin is signed in"
    [process] = ended
    assert process.returncode == 0
    assert process.stdout.startswith(b"Signed in as ada@example.com")
