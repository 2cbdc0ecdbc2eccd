"""What a keyring can come to, from the user's end: missing, locked, denied, and one that never answers."""

import subprocess
import sys
import time
from pathlib import Path

import keyring.errors
import pytest
from tests.support import impatient_program
from tests.support.command import Person, Run
from tests.support.command_line import asked_to_authorize
from tests.support.desktop import Desktop
from tests.support.fake_keyring import FakeKeyring
from tests.support.keyrings import NO_BUS, raising

from signedin_adapters.sandbox import Sandbox

ENDS_WITHIN = 1.0
"""Seconds between giving up on a keyring and the end of the process."""


@pytest.mark.parametrize(
    ("error", "case", "said", "do"),
    [
        (keyring.errors.NoKeyringError(), "keyring-backend-missing", "No OS keyring answers", "SIGNEDIN_STORE=file"),
        (keyring.errors.KeyringLocked(), "keyring-locked", "is locked: unlock it", "Unlock the keyring"),
        (keyring.errors.PasswordSetError(), "keyring-denied", "refused to hand out or keep", "Allow it when asked"),
    ],
)
def test_missing_locked_and_denied_are_three_cases(
    run: Run,
    acme: str,
    sandbox: Sandbox,
    pretended_keyring: type[FakeKeyring],
    error: Exception,
    case: str,
    said: str,
    do: str,
) -> None:
    """Each with its own words and its own way out, and exit 6, before a browser opens."""
    raising(error)
    ran = run("login", "--provider", acme)

    assert (ran.code, ran.out) == (6, "")
    assert said in ran.err
    assert do in ran.err
    assert f"signedin explain {case}" in ran.err
    assert not asked_to_authorize(sandbox)


@pytest.mark.parametrize(("keeps", "limit"), [(False, 2560), (True, 10)])
def test_a_keyring_that_keeps_nothing_is_told_before_a_browser_opens(
    run: Run, acme: str, sandbox: Sandbox, pretended_keyring: type[FakeKeyring], keeps: bool, limit: int
) -> None:
    """One that swallows what it is given, and one that is too small for a key."""
    pretended_keyring.keeps, pretended_keyring.limit = keeps, limit

    assert run("login", "--provider", acme).code == 6
    assert not asked_to_authorize(sandbox)


@pytest.fixture
def hung(start: Run, acme: str, desktop: Desktop) -> Desktop:
    """Ada signed in with her key in the keyring, which then stopped answering."""
    ran = start("login", "--provider", acme)
    assert ran.code == 0, ran.err
    assert len(desktop.entries("signedin:signedin")) == 1
    desktop.hang()
    return desktop


def impatient(*arguments: str) -> "subprocess.Popen[str]":
    program = [sys.executable, "-m", impatient_program.__name__, *arguments]
    pipe = subprocess.PIPE
    root = str(Path(__file__).parents[3])
    return subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, cwd=root)


def seconds_to_its_end(process: "subprocess.Popen[str]") -> float:
    """How long the process lives on after its last word."""
    said_at = time.monotonic()
    process.wait(timeout=20)
    return time.monotonic() - said_at


@pytest.mark.linux
@pytest.mark.parametrize("command", [("login", "--again"), ("ask", "hello"), ("refresh",)])
def test_a_command_ends_at_once_when_it_gives_up(hung: Desktop, acme: str, command: tuple[str, ...]) -> None:
    """It says what the desktop may be asking, waits, tells the case, and is gone: exit 6."""
    with impatient("command", *command, "--provider", acme) as process:
        assert process.stderr is not None
        said: list[str] = []
        while not any("did not answer in time" in line or "does not answer" in line for line in said):
            said.append(process.stderr.readline())
            assert said[-1], said
        assert seconds_to_its_end(process) < ENDS_WITHIN
        assert "look for its window" in said[0]
        assert process.returncode == 6


@pytest.mark.linux
@pytest.mark.parametrize("runner", ["asyncio", "trio"])
def test_an_app_ends_at_once_when_it_gives_up(hung: Desktop, acme: str, home: Path, runner: str) -> None:
    """In either event loop: the call that never ends holds nothing open."""
    with impatient(runner, str(home)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "keyring-hung\n"
        assert seconds_to_its_end(process) < ENDS_WITHIN
        assert process.returncode == 0


@pytest.mark.linux
def test_looking_asks_no_keyring(run: Run, hung: Desktop, acme: str) -> None:
    """`status` and `accounts` are as quick as ever."""
    assert run("--provider", acme).code == 0
    assert run("accounts").code == 0


@pytest.mark.linux
def test_signing_out_needs_no_keyring(run: Run, hung: Desktop, acme: str, home: Path) -> None:
    """The tokens are gone here; what could not be told to the provider is said, and the process ends at once."""
    with impatient("command", "logout", "--yes", "--provider", acme) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        while "explain" not in said:
            said += process.stdout.readline()
        assert seconds_to_its_end(process) < ENDS_WITHIN
        assert process.returncode == 0
    assert "did not confirm" in said
    assert not list(home.glob("apps/signedin/accounts/*/session"))


@pytest.mark.linux
def test_a_locked_keyring_is_told_from_a_dead_session(start: Run, acme: str, desktop: Desktop) -> None:
    """The command says to unlock it, not to sign in; unlocked, nothing was lost."""
    assert start("login", "--provider", acme).code == 0
    desktop.lock()
    ran = start("ask", "hello", "--provider", acme, "--json")
    assert (ran.code, ran.json()["error"]["case"]) == (6, "keyring-locked")

    desktop.unlock()
    assert start("ask", "hello", "--provider", acme).code == 0


@pytest.mark.linux
def test_the_store_of_the_environment_goes_before_the_keyring(
    start: Run, acme: str, desktop: Desktop, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`SIGNEDIN_STORE=file` keeps the key beside the session, though a keyring answers."""
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    assert start("login", "--provider", acme, "--json").json()["store"] == "file"
    assert desktop.entries("signedin:signedin") == {}
    assert list(home.glob("apps/signedin/accounts/*/key"))


@pytest.mark.linux
def test_a_person_who_wants_no_key_file_is_not_signed_in(
    acme: str, home: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No is the default; nothing is remembered, and nothing was asked of the provider."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
    person = Person("login", "--provider", acme)
    person.reads("Keep it in such a file? [y/N] ")
    person.types("\n")

    assert person.leaves() == 6
    assert "SIGNEDIN_STORE=file signedin login" in person.screen
    assert not (home / "apps" / "signedin" / "preferences.json").exists()
    assert not asked_to_authorize(sandbox)
