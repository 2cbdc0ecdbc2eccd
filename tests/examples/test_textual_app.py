"""The Textual app at its sandbox: signing in, what is wrong with a button for it, an answer, and closing."""

import asyncio
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.support import acme_notes
from tests.support.terminal_app import TerminalApp, callback_url, running
from textual import work
from textual.app import App
from textual.screen import Screen

import textual_app
import textual_sign_in
import textual_trouble
from signedin import Case, Connection, State, Transition
from signedin.connection import account_of
from signedin.responses import ask
from signedin_adapters.sandbox import Sandbox
from textual_sign_in import SignIn

SAID = "You asked: “Why?” (1 word). This is sandbox-large in the signedin sandbox; nothing left this machine."


@pytest.fixture
def anyio_backend() -> str:
    """Textual is asyncio's."""
    return "asyncio"


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser would have been sent to."""
    sent: list[str] = []
    for module in (textual_sign_in, textual_trouble):
        monkeypatch.setattr(module, "open_browser", sent.append)
    return sent


@pytest.fixture
def signed_in_home(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ada has signed in before, at a server that minds no early refresh."""
    monkeypatch.setattr(sandbox, "earliest_refresh_at", "absent")
    acme_notes.sign_in(sandbox, home)


@pytest.fixture
async def app(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[TerminalApp]:
    """Where nobody has signed in yet."""
    acme_notes.move_in(home)
    monkeypatch.setattr(sandbox, "auto_approve", False)  # it asks the person at the browser
    async with running(textual_app.AcmeNotes()) as app:
        yield app


@pytest.fixture
async def ada(signed_in_home: None) -> AsyncGenerator[TerminalApp]:
    """Where Ada is signed in."""
    async with running(textual_app.AcmeNotes()) as app:
        yield app


async def left(app: TerminalApp) -> None:
    """Wait until the screen to sign in on is gone."""
    await app.until(lambda: not isinstance(app.app.screen, SignIn))


async def test_signing_in(app: TerminalApp, sandbox: Sandbox, opened: list[str]) -> None:
    """A browser opens once, the screen shows where that page is and for how long, and then the app says who it is."""
    await app.shows("nobody yet", "Sign in with your browser:", "9:5", "left")
    assert app.address.startswith("http://127.0.0.1:")
    await app.comes_back(sandbox)
    await app.shows("ada@example.com, connected")
    await left(app)
    assert len(opened) == 1


@pytest.mark.parametrize("how", ["button", "escape"])
async def test_cancelling(app: TerminalApp, sandbox: Sandbox, how: str) -> None:
    """The sign-in is over, its case is shown in Acme's words, and the button under it begins another."""
    await app.shows("left", "Cancel")
    late = app.address
    await (app.presses("Cancel") if how == "button" else app.pilot.press("escape"))
    await app.shows("nobody yet, disconnected", "The sign-in was cancelled", "Run acme account login to start again.")
    await app.presses("Sign in")
    await app.shows("left", "Cancel")
    assert app.address != late
    await app.comes_back(sandbox)
    await app.shows("ada@example.com, connected")
    assert "cancelled" not in app.text


async def test_asking_while_nobody_is_signed_in(app: TerminalApp, sandbox: Sandbox) -> None:
    """The screen to sign in on is shown again."""
    await app.shows("left")
    await app.presses("Cancel")
    await app.shows("The sign-in was cancelled")
    await app.enters("Why?")
    await app.shows("left")
    await app.comes_back(sandbox)
    await app.shows("ada@example.com, connected")


async def test_a_browser_on_another_machine(app: TerminalApp, sandbox: Sandbox) -> None:
    """What cannot be the address is refused and ends nothing; the one that the browser ended at signs in."""
    await app.shows("left")
    await app.enters("hello")
    await app.until(lambda: app.told != [])
    await app.enters(await anyio.to_thread.run_sync(callback_url, sandbox, app.address))
    await app.shows("ada@example.com, connected")


async def test_consent_that_was_declined(app: TerminalApp, sandbox: Sandbox) -> None:
    """The screen is left, and the case says what happened."""
    await app.shows("left")
    await app.comes_back(sandbox, deny=True)
    await app.shows("disconnected", "Run acme account login if that was a slip.", "Sign in")


async def test_a_sign_in_that_cannot_begin(sandbox: Sandbox, home: Path) -> None:
    """It is told as well, and may be tried again."""
    acme_notes.move_in(home)
    async with Connection.open(app_name=acme_notes.APP) as other, running(textual_app.AcmeNotes()) as app:
        await app.shows("left")
        await app.presses("Cancel")
        await app.shows("The sign-in was cancelled")
        async with other.authorize():
            await app.shows("authorizing")
            await app.enters("Why?")
            await app.shows("Another sign-in is running", "Try again")
        await app.shows("disconnected")
        await app.presses("Sign in")
        await app.shows("left")


async def test_an_answer(ada: TerminalApp, sandbox: Sandbox, opened: list[str]) -> None:
    """Signed in, nothing is in the way of it, and no browser opens."""
    await ada.shows("ada@example.com, connected")
    await ada.enters("Why?")
    await ada.shows(SAID)
    assert opened == []


async def test_plan_use_that_is_off(app: TerminalApp, sandbox: Sandbox) -> None:
    """What a question met is told as a case; its button asks the user for leave, and then there is an answer."""
    await app.shows("left")
    await app.comes_back(sandbox, allow_plan=False)
    await app.shows("ada@example.com, connected")
    await app.enters("Why?")
    await app.shows("Run acme account login --enable-plan")
    await app.presses("Turn plan use on")
    await app.shows("left")
    await app.comes_back(sandbox)
    await left(app)
    assert "--enable-plan" not in app.text
    await app.enters("Why?")
    await app.shows(SAID)


async def test_a_session_that_ended(ada: TerminalApp, sandbox: Sandbox, opened: list[str]) -> None:
    """It says why before it asks anybody to sign in: no browser opens by itself."""
    await ada.shows("connected")
    sandbox.faults.inject("token-reused")
    sandbox.grants.expire_access()
    await ada.enters("Why?")
    await ada.shows("ada@example.com, expired", "Run acme account login;", "Sign in")
    assert opened == []


async def test_a_limit(ada: TerminalApp, sandbox: Sandbox, opened: list[str]) -> None:
    """The button opens the provider's page."""
    await ada.shows("connected")
    sandbox.faults.inject("api-429-limit", None)
    await ada.enters("Why?")
    await ada.shows("This app's share of your plan is used up")
    await ada.presses("Open the page")
    await ada.until(lambda: opened == [sandbox.issuer])


async def test_an_outage(ada: TerminalApp, sandbox: Sandbox, opened: list[str]) -> None:
    """No browser opens for it; the button tries again, and what is no more in the way is shown no more."""
    await ada.shows("connected")
    sandbox.faults.inject("api-503", None)
    await ada.enters("Why?")
    await ada.shows("The provider is in trouble", "Wait until the provider is well again.", "Try again")
    sandbox.faults.clear()
    await ada.presses("Try again")
    await ada.until(lambda: "Try again" not in ada.text)
    assert opened == []


async def test_a_sign_out_elsewhere(app: TerminalApp, sandbox: Sandbox, home: Path) -> None:
    """Whoever tells of it, and on whichever thread, the app shows it."""
    await app.shows("left")
    await app.comes_back(sandbox)
    await app.shows("connected")
    async with Connection.open(app_name=acme_notes.APP) as other:
        await other.sign_out()
    await app.shows("disconnected")


async def test_closing_in_the_middle_of_a_sign_in(sandbox: Sandbox, home: Path) -> None:
    """It is cancelled with the screen, and nobody listens to the account any more."""
    acme_notes.move_in(home)
    app = textual_app.AcmeNotes()
    async with running(app) as shown:
        await shown.shows("left")
    assert app.connection.state is State.DISCONNECTED
    assert account_of(app.connection).listeners._places == ()


async def test_closing_in_the_middle_of_an_answer(
    signed_in_home: None, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer ends there, and the session is kept."""
    monkeypatch.setattr(sandbox, "pace", 1.0)  # seconds between two pieces
    app = textual_app.AcmeNotes()
    async with running(app) as shown:
        await shown.shows("connected")
        await shown.enters("Why?")
        await shown.shows("You")
    assert sandbox.requests[-1].path == "/v1/responses"
    assert app.connection.state is State.CONNECTED


class Bare(App[str]):
    """The least that an app does with a connection; in which tasks."""

    async def on_mount(self) -> None:
        self.tasks, self.heard = [asyncio.current_task()], list[Transition]()
        self.connection = await Connection.open(app_name=acme_notes.APP)
        self.connection.subscribe(self.heard.append)
        self.push_screen(Asking(self.connection, self.tasks), self.exit)

    async def on_unmount(self) -> None:
        self.tasks.append(asyncio.current_task())
        await self.connection.aclose()


class Asking(Screen[str]):
    """It is given the connection, and uses it in a worker of its own."""

    def __init__(self, connection: Connection, tasks: list[asyncio.Task[Any] | None]) -> None:
        super().__init__()
        self.connection, self.tasks = connection, tasks

    @work
    async def on_mount(self) -> None:
        self.tasks.append(asyncio.current_task())
        await self.connection.refresh()
        self.dismiss(await ask(self.connection, "Why?"))


async def test_it_holds_in_tasks_that_come_and_go(signed_in_home: None) -> None:
    """Opened in `on_mount`, used in a screen's worker, closed in `on_unmount`: each in a task of its own."""
    app = Bare()
    assert await app.run_async(headless=True) == SAID
    assert len(set(app.tasks)) == 3
    states = [transition.state for transition in app.heard]
    assert (states[0], states[-1]) == (State.REFRESHING, State.CONNECTED)


class WithCode(App[Case | None]):
    """An app whose user's browser is elsewhere."""

    async def on_mount(self) -> None:
        self.connection = await Connection.open(app_name=acme_notes.APP, provider="sandbox-native")
        self.push_screen(SignIn(self.connection, device=True), self.exit)

    async def on_unmount(self) -> None:
        await self.connection.aclose()


async def test_a_code(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown with the page that takes it, and what is typed there signs in."""
    monkeypatch.setattr(sandbox, "device_interval", 1)
    monkeypatch.setattr(sandbox, "auto_approve", False)
    app = WithCode()
    async with running(app) as shown:
        await shown.shows("Type ", " at", "left")
        (code,) = re.findall(r"Type (\S+) at", shown.text)
        await anyio.to_thread.run_sync(sandbox.approve_device, code)
        await shown.until(lambda: app.connection.state is State.CONNECTED)
