"""How the doctor's findings stand on a screen, at the widths that terminals have."""

import pytest
from tests.support.command import Person, Run

from signedin.testing.network_settings import forget_network_settings
from signedin_adapters.sandbox import FaultSpec, Sandbox
from signedin_adapters.unshown import UNSHOWN

ALONE = 31
"""Columns before a text that stands beside its check's name."""


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_network_settings(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("BROWSER", "lynx")  # something to say, with a long text


def screen(columns: int) -> list[str]:
    """What stands on a terminal of this width in the end."""
    person = Person("doctor", columns=columns)
    person.leaves()
    return person.screen.rpartition("\x1b[K")[2].splitlines()


@pytest.fixture
def broken(run: Run, signed_in: Sandbox) -> Sandbox:
    """A session that is over."""
    signed_in.faults.add(FaultSpec.parse("token-reused"))
    signed_in.expire_access_tokens()
    assert run("models").code == 4
    return signed_in


@pytest.mark.parametrize("columns", [80, 40])
def test_no_line_is_broken_by_the_terminal(broken: Sandbox, columns: int) -> None:
    """Lines end between words, well or not; a word that is wider than the terminal stays whole."""
    lines = screen(columns)
    assert any("refresh-token-reused" in line for line in lines)
    assert [line for line in lines if len(line) > columns and " " in line.strip()] == []
    assert not any(UNSHOWN.search(line) for line in lines)


def test_texts_stand_beside_the_names_where_there_is_room(signed_in: Sandbox) -> None:
    """In one column, the second lines too."""
    lines = screen(80)
    assert lines[0] == "✓ state.current                Signed in at sandbox."
    (first,) = (number for number, line in enumerate(lines) if "browser.opener" in line)
    assert lines[first + 1].startswith(" " * ALONE)
    assert not lines[first + 1].startswith(" " * (ALONE + 1))


def test_texts_stand_below_the_names_where_there_is_none(signed_in: Sandbox) -> None:
    """A little to the right of them."""
    assert screen(40)[:2] == ["✓ state.current", "  Signed in at sandbox."]


def test_what_is_no_terminal_gets_a_line_a_check(run: Run, signed_in: Sandbox) -> None:
    """However long it is: programs read it."""
    lines = run("doctor").out.splitlines()
    assert sum(line[:1] in "✓!✗–…" and line != "" for line in lines) == len(run("doctor", "--json").json()["checks"])
    assert "✓ store.readwrite              Files can be written there: a test file was written and removed." in lines
