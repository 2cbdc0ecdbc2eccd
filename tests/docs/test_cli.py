"""docs/cli.md: every command is there, and the keys that it names are those that the command prints."""

from pathlib import Path

import pytest
from tests.support.command import Run
from tools.cli import ANSWERS, command_line

from signedin_adapters.cli.command_table import COMMANDS
from signedin_adapters.sandbox import Sandbox

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")

CALLS: dict[str, tuple[str, ...]] = {
    "login": ("login",),
    "logout": ("logout", "--yes"),
    "switch": ("switch", "ada@example.com"),
    "forget": ("forget", "ada@example.com", "--yes"),
    "use": ("use", "sandbox-small"),
    "ask": ("ask", "Hello"),
    "explain": ("explain", "offline"),
    "completion": ("completion", "bash"),
}
ELSEWHERE = {"web", "demo", "sandbox"}
"""Their own tests run them to their end."""


def test_every_command_has_its_part() -> None:
    """In the order of the help."""
    headings = [line.removeprefix("## ") for line in PAGE.splitlines() if line.startswith("## ")]
    assert [heading for heading in headings if heading in COMMANDS] == list(COMMANDS)


def test_it_depends_on_no_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nor on whose machine makes it."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("SIGNEDIN_HOME", str(tmp_path))
    assert command_line() == PAGE


@pytest.mark.parametrize("name", sorted(set(ANSWERS) - ELSEWHERE))
def test_the_keys_are_those_of_the_object(run: Run, signed_in: Sandbox, name: str) -> None:
    """A script may rely on each."""
    ran = run(*CALLS.get(name, (name,)), "--json")
    assert ran.json().keys() - {"schema"} == {*ANSWERS[name].split()}, ran.err
