"""`signedin sandbox`: the server in the foreground, as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.support.command import SIGNEDIN, Run

from signedin.testing.free_ports import free_ports
from signedin_adapters.sandbox import FAULTS


@contextmanager
def serving(*arguments: str) -> Generator[subprocess.Popen[str]]:
    """The command, once it listens; `--json` says when and where."""
    with subprocess.Popen(
        [SIGNEDIN, "sandbox", "--json", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def told_by(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    told: dict[str, str] = json.loads(process.stdout.readline())
    return told


def free_port() -> str:
    (port,) = free_ports(1)
    return str(port)


def test_it_says_where_it_is_serves_and_takes_its_file_along(home: Path, run: Run) -> None:
    """One object once it listens, its requests on stderr, and Ctrl-C is its usual end."""
    port = free_port()
    with serving("--port", port, "--auto-approve", "--fault", "api-503") as process:
        told = told_by(process)
        url = f"http://127.0.0.1:{port}"
        assert told == {"schema": 1, "url": url, "issuer": url, "api_base": f"{url}/v1"}
        file = home / "sandbox.json"
        assert file.stat().st_mode & 0o777 == 0o600
        assert json.loads(file.read_text())["codex_ports"] == [1455, 1457]
        assert httpx.get(f"{url}/", trust_env=False).status_code == 200
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "GET / → 200" in err
    assert not file.exists()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_other_endings_take_the_file_along_as_well(home: Path, end: signal.Signals) -> None:
    """A closed terminal or a service manager."""
    with serving("--port", free_port()) as process:
        told_by(process)
        process.send_signal(end)
        process.communicate(timeout=10)
    assert process.returncode == 0
    assert not (home / "sandbox.json").exists()


def test_the_file_of_a_later_sandbox_stays(home: Path) -> None:
    """It is no longer ours."""
    with serving("--port", free_port()) as first:
        told_by(first)
        with serving("--port", free_port()) as second:
            url = told_by(second)["url"]
            first.send_signal(signal.SIGINT)
            first.communicate(timeout=10)
            assert json.loads((home / "sandbox.json").read_text())["url"] == url


def test_without_a_port_it_finds_one_and_names_the_next_command(home: Path) -> None:
    """Also where 8765 is taken."""
    with serving() as first, serving() as second:
        assert told_by(first)["url"] != told_by(second)["url"]
    with subprocess.Popen([SIGNEDIN, "sandbox"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        process.send_signal(signal.SIGINT)
    assert lines[0].startswith("The sandbox listens on http://127.0.0.1:")
    assert lines[4] == f"  SIGNEDIN_HOME={home} signedin login --provider sandbox\n"
    assert "sandbox-codex" in lines[5]
    assert "sandbox-native" in lines[5]


def test_a_port_that_is_taken_is_an_error_where_it_was_asked_for(run: Run) -> None:
    """Exit 7, and no other port instead."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = run("sandbox", "--port", str(taken.getsockname()[1]), "--json")
    assert (ran.code, ran.json()["error"]["case"]) == (7, "port-in-use-other-tool")


def test_the_faults_are_listed(run: Run) -> None:
    """For people and as one object, each with the case that it plays."""
    lines = run("sandbox", "--list-faults").out.splitlines()
    assert [line.split()[0] for line in lines] == list(FAULTS)
    assert [line.endswith(f"({fault.case})") for line, fault in zip(lines, FAULTS.values(), strict=True)] == [
        fault.case is not None for fault in FAULTS.values()
    ]
    listed = run("sandbox", "--list-faults", "--json").json()["faults"]
    assert {fault["name"]: fault["case"] for fault in listed} == {name: fault.case for name, fault in FAULTS.items()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fault", "token-530"), "did you mean 'token-503'?"),
        (("--fault", "token-503@sometimes"), "none of once, always or a number"),
        (("--port", "0"), "1 to 65535"),
        (("--access-ttl", "-1"), "1 to 86400"),
        (("--plan", "gold"), "gold"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """Exit 2."""
    ran = run("sandbox", *arguments)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_without_its_extra_one_line_names_it(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Exit 7; the list of faults needs none."""
    for name in [
        name for name in sys.modules if name.startswith(("signedin_adapters.sandbox.", "signedin_adapters.cli.demo"))
    ]:
        package, _, module = name.rpartition(".")
        monkeypatch.setattr(f"{package}.{module}", sys.modules[name])  # a new import changes this as well
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    ran = run(command)
    assert (ran.code, ran.out) == (7, "")
    assert ran.err.splitlines() == ["signedin: This needs an extra: pip install 'signedin[sandbox]'."]
    assert run("sandbox", "--list-faults").code == 0


def test_its_directory_may_be_missing(home: Path) -> None:
    """It is made, for its user alone."""
    home.rmdir()
    with serving("--port", free_port()) as process:
        told_by(process)
        assert os.stat(home).st_mode & 0o777 == 0o700
