"""The wheel without extras, in an environment of its own: it signs in, asks and signs out, and says what it lacks."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.command import SIGNEDIN, Ran, browser_script, ended

pytestmark = pytest.mark.timeout(180)  # whoever comes first builds and installs

Start = Callable[..., Ran]
LIGHT = "import signedin, signedin.sync, signedin.responses, signedin_adapters"


@pytest.fixture
def start(commands: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Run one of the environment's commands, which finds nothing of the clone."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("BROWSER", str(browser_script(tmp_path)))
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    return lambda command, *arguments: ended(str(commands / command), *arguments)


@pytest.fixture
def sandbox(home: Path) -> Iterator[None]:
    """`signedin sandbox` of the clone, which that home knows."""
    command = [SIGNEDIN, "sandbox", "--json", "--auto-approve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
        yield
        process.terminate()


def test_from_sign_in_to_sign_out(start: Start, sandbox: None) -> None:
    """Every command that a user needs, against a sandbox of the clone."""
    assert start("signedin", "login", "--provider", "sandbox").out.startswith("Signed in as ada@example.com")
    assert start("signedin", "status", "--json").json()["state"] == "connected"
    assert "sandbox-large" in start("signedin", "models").out
    assert "nothing left this machine" in start("signedin", "ask", "Say hello.").out
    assert start("signedin", "refresh").code == 0
    assert start("signedin", "logout", "--yes").code == 0
    assert start("signedin", "status", "--json").json()["needs_sign_in"]


@pytest.mark.parametrize(("command", "extra"), [("web", "web"), ("sandbox", "sandbox"), ("demo", "sandbox")])
def test_a_command_that_needs_an_extra_names_it(start: Start, command: str, extra: str) -> None:
    """In one line, with what to install."""
    ran = start("signedin", command)
    assert (ran.code, ran.out) == (7, "")
    (line,) = ran.err.splitlines()
    assert f"pip install 'signedin[{extra}]'" in line


@pytest.mark.parametrize("adapter", ["openai", "web"])
def test_an_adapter_that_needs_an_extra_names_it(start: Start, adapter: str) -> None:
    """An ImportError like any other, whose last line says what to install."""
    ran = start("python", "-c", f"from signedin_adapters import {adapter}")
    assert ran.code == 1
    assert ran.err.splitlines()[-1] == (
        f"ModuleNotFoundError: signedin_adapters.{adapter} needs an extra: pip install 'signedin[{adapter}]'"
    )


def test_importing_it_warns_of_nothing(start: Start) -> None:
    """With warnings as errors, and from the environment alone."""
    ran = start("python", "-W", "error", "-c", f"{LIGHT}; print(signedin.__file__, signedin_adapters.__file__)")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count(os.sep + "site-packages" + os.sep) == 2
