"""What a terminal shows, and what nothing but a terminal shows."""

import json

import pytest
from tests.support.command import Person, Run

from signedin_adapters.cli.output import Output, shown
from signedin_adapters.sandbox import Sandbox


def test_a_terminal_has_a_little_colour(signed_in: Sandbox) -> None:
    """Green for what is well, and the user in bold."""
    person = Person()

    assert person.leaves() == 0
    assert "\x1b[32mSigned in\x1b[0m as \x1b[1mada@example.com\x1b[0m" in person.screen


@pytest.mark.parametrize(
    ("name", "value", "arguments"), [("NO_COLOR", "1", ()), ("TERM", "dumb", ()), ("TERM", "xterm", ("--plain",))]
)
def test_colour_is_left_out_where_it_is_not_wanted(
    signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch, name: str, value: str, arguments: tuple[str, ...]
) -> None:
    """`NO_COLOR`, a dumb terminal, a screen reader."""
    monkeypatch.setenv(name, value)
    person = Person(*arguments)

    assert person.leaves() == 0
    assert "\x1b" not in person.screen


def test_a_person_is_asked_before_signing_out(signed_in: Sandbox, run: Run) -> None:
    """Enter alone means no."""
    person = Person("logout")
    person.reads("Sign ada@example.com out of signedin? [y/N] ")
    person.types("\n")

    assert person.leaves() == 0
    assert "Nothing was changed." in person.screen
    assert run().code == 0


def test_json_is_ascii(capfd: pytest.CaptureFixture[str]) -> None:
    """What a server put into a text reaches a terminal as an escape of JSON, and a program as it was."""
    Output(json=True).object({"text": "a\x9b31m\u202eb\x85é"})
    written = capfd.readouterr().out
    assert written.isascii()
    assert json.loads(written)["text"] == "a\x9b31m\u202eb\x85é"


def test_what_steers_a_terminal_is_not_shown() -> None:
    """Escapes, and marks that turn the direction of text; line breaks stay."""
    assert shown("a\x1b[2Jb\u202ec\r\nd\x9b") == "a[2Jbc\nd"
