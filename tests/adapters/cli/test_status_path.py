"""Looking is light: what `signedin status` imports, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from signedin_adapters.sandbox import Sandbox

HEAVY = {
    "anyio",
    "asyncio",
    "contextlib",
    "cryptography",
    "dataclasses",
    "httpx",
    "inspect",
    "keyring",
    "pathlib",
    "platformdirs",
    "shutil",
    "signedin.cases",
    "signedin.machine",
    "structlog",
    "tomllib",
    "transitions",
    "typing",
}
PROBE = """
import sys
sys.argv = ["signedin", *{arguments!r}]
from signedin_adapters.cli import main
code = main()
print(code, *sorted(sys.modules), file=sys.stderr)
"""


def imported(*arguments: str) -> tuple[int, set[str]]:
    """The exit code, and what the process had imported at its end beyond what Python itself has."""
    program = PROBE.format(arguments=arguments)
    # -S: what site-packages' own .pth files import is not ours
    ended = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    code, *names = ended.stderr.split()
    return int(code), set(names)


@pytest.mark.parametrize("arguments", [(), ("status", "--json"), ("--help",), ("status", "--help"), ("--version",)])
def test_an_empty_home_costs_nothing_heavy(home: Path, arguments: tuple[str, ...]) -> None:
    """Nobody is signed in, and nothing heavy was needed to say so."""
    _, names = imported(*arguments)

    assert not names & HEAVY


def test_a_healthy_home_costs_nothing_heavy(home: Path, signed_in: Sandbox) -> None:
    """Ada is signed in, and nothing heavy was needed to say so."""
    code, names = imported()

    assert code == 0
    assert not names & HEAVY


def test_the_catalogue_is_read_once_there_is_a_case(home: Path) -> None:
    """What it takes to say what is wrong is imported only then."""
    directory = home / "apps" / "signedin"
    directory.mkdir(mode=0o700, parents=True)
    attempt = {"schema": 1, "account_id": "a1", "case": "login-cancelled", "at": 1.0, "pid": 1}
    (directory / "attempt.json").write_text(json.dumps(attempt))
    (directory / "attempt.json").chmod(0o600)

    code, names = imported()

    assert code == 3
    assert "signedin.cases" in names
    assert not names & (HEAVY - {"signedin.cases", "dataclasses", "inspect", "typing", "contextlib"})


def test_configuration_is_parsed_once_there_is_some(home: Path) -> None:
    """tomllib comes with a config.toml."""
    (home / "config.toml").write_text('provider = "sandbox"\n')

    _, names = imported()

    assert "tomllib" in names
    assert "httpx" not in names
