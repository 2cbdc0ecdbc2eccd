"""docs/embedding.md: each piece of code is run as it stands, with the sandbox in the provider's place.

Nobody has to be told of the sandbox: Ada signed in to Acme Notes there once, and that is the account that is opened.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from types import ModuleType
from urllib.request import ProxyHandler, build_opener

import anyio
import pytest
from tests.support.command import browser_script
from tests.support.connected import announce
from tests.support.snippets import Snippet, snippets

from signedin import AnswerRefused, Attempt, Connection, State, opening
from signedin.cases import CASES
from signedin.responses import ask
from signedin.testing import FailingStore
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores import opening as stores

PAGE = "docs/embedding.md"
PIECES = [snippet for snippet in snippets(PAGE) if snippet.language == "python"]
RECIPES = [piece for piece in PIECES if "signedin_adapters.cli" in piece.code]
PRESS = next(piece for piece in PIECES if "def press" in piece.code)
PROGRAMS = [piece for piece in PIECES if piece not in (*RECIPES, PRESS)]
SIGN_INS = ("Quick start", "Where your code runs", "Signing in with your own screen")
SAYS = {
    "Quick start": "nothing left this machine",
    "Where your code runs": "nothing left this machine",
    "Looking": "Signed in as ada@example.com.",
    "Signing in with your own screen": "To sign in, open http://127.0.0.1:",
    "When a call fails": "nothing left this machine",
    "Asking, and any other request": "sandbox",
    "Before you ship": "Acme Notes uses your plan for its requests. What it uses: http://127.0.0.1:",
}
GOES_ON = """\
import anyio
from signedin import Connection


async def main() -> None:
    async with Connection.open(app_name="Acme Notes") as connection:
{}

anyio.run(main)
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    """A provider, and a person who allows everything."""
    with Sandbox(auto_approve=True).running() as running:
        yield running


@pytest.fixture
def home(running: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ada has an account of Acme Notes, and is signed out."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    announce(running, str(home))
    for name in [name for name in os.environ if name.startswith("SIGNEDIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SIGNEDIN_HOME", str(home))
    monkeypatch.setenv("BROWSER", str(browser_script(tmp_path)))
    monkeypatch.chdir(tmp_path)
    anyio.run(sign_in, running, "sandbox")
    anyio.run(sign_out)
    return home


async def sign_in(sandbox: Sandbox, provider: str | None = None) -> None:
    async def visit(attempt: Attempt) -> None:
        await attempt.submit(sandbox.sign_in(attempt.url))

    async with Connection.open(app_name="Acme Notes", provider=provider) as connection:
        await connection.sign_in(prompt=visit)


async def sign_out() -> None:
    async with Connection.open(app_name="Acme Notes") as connection:
        await connection.sign_out()


def program(piece: Snippet) -> str:
    """What begins with its imports is a program; the rest goes on from a connection."""
    begins = re.match(r"(import|from) ", piece.code)
    return piece.code if begins else GOES_ON.format(indent(piece.code, " " * 8))


def ran(code: str, *arguments: str) -> tuple[int, str, str]:
    """Run it as a process of its own; whoever is asked to open an address does."""
    Path("acme.py").write_text(code)
    command = [sys.executable, "-u", "acme.py", *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if found := re.search(r"To sign in, open (\S+)", line):
            build_opener(ProxyHandler({})).open(found[1]).read()
    _, err = process.communicate(timeout=30)
    return process.returncode, said, err


@pytest.mark.parametrize("piece", PROGRAMS, ids=lambda piece: f"line-{piece.line}")
def test_it_runs_as_it_stands(running: Sandbox, home: Path, piece: Snippet) -> None:
    """It ends well, says what it is meant to say, and warns of nothing."""
    if piece.title not in SIGN_INS:
        anyio.run(sign_in, running)
    code, said, err = ran(program(piece))
    assert (code, err) == (0, "")
    assert SAYS[piece.title] in said


def test_the_errors_are_those_that_are_caught(home: Path) -> None:
    """Nobody is signed in: the program says so, and opens no browser."""
    piece = next(piece for piece in PROGRAMS if piece.title == "When a call fails")
    assert ran(piece.code) == (0, "Nobody is signed in. Sign in first.\n", "")


# actions ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def button(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The page's `press`, with a browser that only notes what it is to open."""
    module = ModuleType("button")
    exec(compile(PRESS.code, PAGE, "exec"), module.__dict__)
    opened: list[str] = []
    module.__dict__["opened"] = opened
    monkeypatch.setattr(module, "open_browser", opened.append)
    return module


async def test_every_action_can_be_done(button: ModuleType, running: Sandbox, home: Path) -> None:
    """From signed out, button by button, with nothing but what a connection offers."""
    async with Connection.open(app_name="Acme Notes") as connection:
        await button.press(connection, "sign_in")
        assert not connection.needs_sign_in
        await button.press(connection, "enable_plan")
        assert connection.snapshot.plan_enabled
        await button.press(connection, "choose_model")
        assert connection.snapshot.model == "sandbox-small"
        running.faults.inject("api-429-limit")
        with pytest.raises(AnswerRefused):
            await ask(connection, "Say hello.")
        assert connection.case is not None
        await button.press(connection, connection.case.action)
        assert button.opened == [running.url]
        running.faults.inject("token-503")
        await button.press(connection, "wait")
        running.faults.clear()


async def test_an_unlocked_keyring_needs_one_press(button: ModuleType, running: Sandbox, home: Path) -> None:
    """Locked when the app starts, it is no reason to sign in, and no browser is opened for it."""
    await sign_in(running)
    opening.forget_open_accounts()
    store = FailingStore(stores.file(app="Acme Notes"))
    with store.failing("keyring-locked"):
        connection = await Connection.open(app_name="Acme Notes", store=store)
        assert connection.case is not None
        assert (connection.case.action, connection.needs_sign_in) == ("unlock_store", False)
    await button.press(connection, connection.case.action)
    assert connection.state is State.CONNECTED
    await connection.aclose()


def test_no_action_of_the_catalogue_is_forgotten() -> None:
    """What has no button is named as having none."""
    text = next(part for part in Path(__file__).parents[2].joinpath(PAGE).read_text().split("## ") if "press" in part)
    for action in {case.action for case in CASES.values()}:
        assert f'"{action}"' in PRESS.code or f"`{action}`" in text


# commands of an app -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", RECIPES, ids=["argparse", "click", "typer"])
def test_a_recipe_is_a_program(piece: Snippet, running: Sandbox, home: Path) -> None:
    """Help of both levels, a sign-in with options, an exit code, and what follows: all in the host's words."""
    assert re.search(r"^.*account +sign in to Acme Notes", ran(piece.code, "--help")[1], re.MULTILINE | re.IGNORECASE)
    code, said, err = ran(piece.code, "account", "--help")
    assert (code, err) == (0, "")
    assert said.startswith("usage: acme account [COMMAND] [options]\n\nSign in to Acme Notes")
    assert ran(piece.code, "account") == (3, "Not signed in. Run acme account login.\n", "")
    code, said, err = ran(piece.code, "account", "login", "--again", "--json")
    assert (code, '"app": "acme-notes"' in said) == (0, True), err
    code, said, err = ran(piece.code, "account", "logout", "--yes")
    assert (code, said) == (0, "Signed out: ada@example.com.\n"), err


# the page itself ----------------------------------------------------------------------------------------------------


def test_it_is_read_in_ten_minutes() -> None:
    """Under 300 lines, and every link leads somewhere."""
    page = Path(__file__).parents[2] / PAGE
    text = page.read_text(encoding="utf-8")
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert len(text.splitlines()) < 300
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, heading = target.partition("#")
        assert (page.parent / file).exists(), target
        assert file or heading in headings
