"""`signedin web`: the page in the foreground, as a process of its own."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.command import SIGNEDIN, Run
from tests.support.page import Browser, wait_until

from signedin.testing.free_ports import free_ports
from signedin_adapters.sandbox import Sandbox


@contextmanager
def showing(*arguments: str) -> Generator[subprocess.Popen[str]]:
    """The command, with an end that no test can forget."""
    with subprocess.Popen(
        [SIGNEDIN, "web", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def address_told_by(process: subprocess.Popen[str]) -> str:
    """The address that stands alone on a line of stderr."""
    assert process.stderr is not None
    return next(line.strip() for line in process.stderr if line.startswith("http://127.0.0.1:"))


def entered(address: str) -> Browser:
    """A browser at this address."""
    return Browser(address.partition("/#")[0]).trade(address)


@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_ctrl_c_ends_it_at_once_although_a_page_is_open(signed_in: Sandbox, ending: str) -> None:
    """It is the usual end, and says so; nothing else is said."""
    with showing("--no-browser") as process, entered(address_told_by(process)) as browser:
        assert browser.state()["account"]["email"] == "ada@example.com"
        with browser.events() as events:
            assert next(events).name == "reset"
            process.send_signal(getattr(signal, ending))
            out, err = process.communicate(timeout=3)
    assert (process.returncode, out) == (0, "")
    assert err.splitlines()[-1] == "The page is closed."
    assert "Cancel" not in err


def test_a_sign_in_ends_with_it(sandbox: Sandbox, run: Run) -> None:
    """Nobody has to wait for it afterwards."""
    with showing("--no-browser", "--provider", "sandbox") as process, entered(address_told_by(process)) as browser:
        browser.does("/sign-in")
        assert run("status", "--json").json()["state"] == "authorizing"
        process.send_signal(signal.SIGINT)
        process.wait(3)
    assert run("status", "--json").json()["state"] == "disconnected"


def test_the_browser_is_opened_with_the_address(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same that is printed, for who wants another browser."""
    opened = tmp_path / "opened"
    script = tmp_path / "note"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.tmp && mv {opened}.tmp {opened}\n')
    script.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(script))
    with showing() as process:
        address = address_told_by(process)
        wait_until(opened.exists)
        assert opened.read_text() == address
        process.send_signal(signal.SIGINT)
        process.wait(5)


def test_for_programs_there_is_one_object(sandbox: Sandbox) -> None:
    """Once it listens."""
    with showing("--json", "--no-browser") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told.keys() == {"schema", "url"}
        with entered(told["url"]) as browser:
            assert browser.state()["app"] == "signedin"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=5)[0] == ""


def test_it_listens_where_it_is_told_and_here_alone(sandbox: Sandbox) -> None:
    """On 127.0.0.1, which no other machine reaches."""
    (port,) = free_ports(1)
    with showing("--port", str(port), "--no-browser") as process:
        assert address_told_by(process).startswith(f"http://127.0.0.1:{port}/#")
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", port), timeout=1).close()
        process.send_signal(signal.SIGINT)
        process.wait(5)


def test_a_port_that_is_taken_is_an_error(run: Run) -> None:
    """Exit 7, and no other port instead."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = run("web", "--port", str(taken.getsockname()[1]), "--json")
    assert (ran.code, ran.json()["error"]["case"]) == (7, "port-in-use-other-tool")


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_what_is_no_port_is_refused(run: Run, port: str) -> None:
    """Exit 2, in one line."""
    ran = run("web", "--port", port)
    assert ran.code == 2
    assert "1 to 65535" in ran.err


def test_over_ssh_it_says_how_the_page_is_reached(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a command that can be copied, before the address."""
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.4 52114 203.0.113.7 22")
    with showing("--no-browser") as process:
        assert process.stderr is not None
        command = next(line for line in process.stderr if line.startswith("  ssh -L "))
        port = address_told_by(process).removeprefix("http://127.0.0.1:").partition("/")[0]
        assert f"-L {port}:127.0.0.1:{port} " in command
        process.send_signal(signal.SIGINT)
        process.wait(5)


def test_an_unknown_account_is_an_error(run: Run, signed_in: Sandbox) -> None:
    """As at every other command."""
    ran = run("web", "--account", "nobody", "--json")
    assert (ran.code, ran.json()["error"]["case"]) == (2, "unknown-account")


def test_without_its_extra_one_line_names_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 7."""
    ours = ("signedin_adapters.web", "signedin_adapters.cli.page_server")
    for name in [name for name in sys.modules if name.startswith(ours)]:
        package, _, module = name.rpartition(".")
        monkeypatch.setattr(f"{package}.{module}", sys.modules[name])  # a new import changes this as well
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    ran = run("web")
    assert (ran.code, ran.out) == (7, "")
    assert ran.err.splitlines() == ["signedin: This needs an extra: pip install 'signedin[web]'."]
