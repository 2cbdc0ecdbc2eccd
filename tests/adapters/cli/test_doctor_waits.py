"""`signedin doctor` where something gives no answer: it ends in time all the same, and shows that it is at work."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.support.command import Person, Ran, Run

from signedin.testing.network_settings import forget_network_settings
from signedin_adapters.cli import doctor, examining
from signedin_adapters.config import document
from signedin_adapters.doctor import bundle
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores import trust

DEAD_HOME = """
import sys, threading
from signedin_adapters.cli import examining, process
from signedin_adapters.stores import trust

examining.READING_SECONDS = 0.1
trust.check_directory = trust.read = lambda *_, **__: threading.Event().wait()
sys.exit(process.main())
"""
"""The command over a home that never answers, as on a network drive that went away."""

DEAD_NAME_SERVER = """
import socket, sys, threading

known = socket.getaddrinfo

def resolve(host, *more, **named):
    return threading.Event().wait() if host in ("proxy.example", b"proxy.example") else known(host, *more, **named)

socket.getaddrinfo = resolve
from signedin_adapters.cli import examining, process

examining.TOTAL_SECONDS = 2.0
sys.exit(process.main())
"""
"""The command where one name is looked up without an end."""


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_network_settings(monkeypatch)


@pytest.fixture
def hang() -> Generator[Callable[..., Any]]:
    """Something that gives no answer until the test is over."""
    over = threading.Event()
    yield lambda *_, **__: over.wait(30)
    over.set()


@pytest.fixture
def dead_home(home: Path, hang: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing can be read."""
    monkeypatch.setattr(examining, "READING_SECONDS", 0.1)
    for owner, name in ((trust, "read"), (trust, "check_directory"), (document, "_read")):
        monkeypatch.setattr(owner, name, hang)
    return home


def results(ran: Ran) -> dict[str, str]:
    """What each check came to."""
    return {check["id"]: check["result"] for check in ran.json()["checks"]}


def test_a_home_that_never_answers(run: Run, dead_home: Path) -> None:
    """Exit 5; it is said what to do, and what needs nothing of the home is looked at all the same."""
    ran = run("doctor", "--json")

    found = results(ran)
    assert ran.code == 5
    assert [name for name, result in found.items() if result == "timeout"] == ["store.home"]
    assert found["loopback.bind"] == "ok"
    assert {found[name] for name in ("state.current", "config.file", "lock.owner", "history.last_failure")} == {
        "skipped"
    }
    (home,) = (check for check in ran.json()["checks"] if check["id"] == "store.home")
    assert "SIGNEDIN_HOME" in home["action"]


def test_nothing_is_looked_up_in_it_again(run: Run, dead_home: Path, tmp_path: Path) -> None:
    """Neither for a remedy that would name a provider, nor for the bundle."""
    ran = run("doctor", "--provider", "sandbox", "--bundle", "report.zip")

    assert ran.code == 5
    assert "Begin with store.home." in ran.out
    assert (tmp_path / "report.zip").exists()


def test_what_was_given_up_does_not_keep_the_process(dead_home: Path) -> None:
    """It ends though a thread of it still waits."""
    ran = subprocess.run([sys.executable, "-c", DEAD_HOME, "doctor"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (5, "")
    assert "… store.home" in ran.stdout


@pytest.mark.parametrize(
    ("variable", "check", "hangs"),
    [("HTTPS_PROXY", "net.auth_host", "net.dns"), ("http_proxy", "loopback.proxy", "loopback.proxy")],
)
def test_a_name_server_that_never_answers(
    home: Path, variable: str, check: str, hangs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking up a proxy keeps the process as little."""
    monkeypatch.setenv(variable, "http://proxy.example:3128")
    (home / "config.toml").write_text('[providers.far]\nissuer = "https://id.example"\nclient_id = "far"\n')
    command = [sys.executable, "-c", DEAD_NAME_SERVER, "doctor", "--online", "--provider", "far", check]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 5
    assert f"… {hangs} " in ran.stdout


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("config.toml", 7),
        ("apps/signedin/app.json", 0),
        ("apps/signedin/log/key", 0),
        ("apps/signedin/log/signedin.jsonl", 0),
        ("apps/signedin/accounts/*/account.json", 6),
        ("apps/signedin/accounts/*/key", 6),
        ("apps/signedin/accounts/*/session", 6),
        ("apps/signedin/accounts/*/lock", 0),
    ],
)
def test_a_pipe_in_place_of_a_file(run: Run, signed_in: Sandbox, home: Path, file: str, code: int) -> None:
    """It is never waited for; what it stands for is missing, or not to be trusted."""
    path = next(home.glob(file), home / file)
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    ran = run("doctor", "--json")

    assert ran.code == code
    assert "timeout" not in results(ran).values()


def test_a_pipe_in_place_of_a_certificate_file(
    run: Run, signed_in: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting may name anything: its check is given up, and names the case."""
    pipe = tmp_path / "pipe.pem"
    os.mkfifo(pipe)
    monkeypatch.setenv("SSL_CERT_FILE", str(pipe))
    monkeypatch.setattr(examining, "TOTAL_SECONDS", 1.0)
    ran = run("doctor", "env.proxy")
    with suppress(OSError):  # nobody reads there any more
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))

    assert ran.code == 5
    assert "… env.proxy" in ran.out
    assert "signedin explain ca-file-stale" in ran.out


def test_a_log_that_never_answers(
    run: Run, signed_in: Sandbox, hang: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """There is no bundle without it, and the findings are told before."""
    monkeypatch.setattr(doctor, "GATHERING_SECONDS", 0.1)
    monkeypatch.setattr(bundle, "gather", hang)
    ran = run("doctor", "--bundle", "report.zip")

    assert ran.code == 6
    assert "store.home" in ran.out
    assert "the log could not be read in time" in ran.err
    assert not (tmp_path / "report.zip").exists()


def test_a_terminal_shows_that_it_is_at_work(signed_in: Sandbox) -> None:
    """One line that says how far it is and what it waits for, and that is gone in the end."""
    person = Person("doctor", columns=80)
    person.reads("Looking: ")
    person.reads(" done, waiting for ")
    assert person.leaves() == 0
    _, _, last = person.screen.rpartition("Looking: ")
    assert "\r\x1b[K" in last.partition("state.current")[0]


@pytest.mark.parametrize("option", ["--json", "--plain"])
def test_programs_and_screen_readers_get_no_such_line(signed_in: Sandbox, option: str) -> None:
    """Not even on a terminal."""
    person = Person("doctor", option)
    assert person.leaves() == 0
    assert "Looking" not in person.screen
    assert "\r\x1b[K" not in person.screen
