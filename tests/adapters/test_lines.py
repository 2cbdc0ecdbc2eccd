"""How texts are broken into lines."""

import io

from tests.support.terminal import URL, terminal

from signedin_adapters.lines import fitted, terminal_size, wrapped


def test_lines_are_broken_between_words() -> None:
    """Each by itself; empty ones stay."""
    assert wrapped("one two three\n\nfour", 8) == "one two\nthree\n\nfour"


def test_an_address_stays_whole() -> None:
    """Whatever its length; a hyphen in it is no place to break it either."""
    assert wrapped(f"Open this:\n\n{URL}", 40).split("\n")[-1] == URL
    assert wrapped("see well-known words", 8) == "see\nwell-known\nwords"


def test_what_is_indented_stays_whole() -> None:
    """A command, or an item that is short by nature."""
    assert wrapped("  acme login --device --provider example", 10) == "  acme login --device --provider example"


def test_a_list_hangs() -> None:
    """So that an item is seen as one."""
    assert wrapped("- one two three", 9) == "- one two\n  three"


def test_an_indent_is_within_the_width() -> None:
    """It begins each line, also where none is broken."""
    assert fitted("one\n\ntwo", None, indent="  ") == "  one\n\n  two"
    with terminal() as at:
        lines = fitted("word " * 40, at.stream, indent="  ").split("\n")
    assert max(map(len, lines)) <= 80
    assert all(line.startswith("  word") for line in lines)


def test_only_a_terminal_has_a_width() -> None:
    """What reads a pipe wants whole lines; a terminal that does not know its size has 80 columns and 24 lines."""
    text = "word " * 40 + "end"
    assert fitted(text, io.StringIO()) == text
    assert fitted(text, None) == text
    assert tuple(terminal_size(io.StringIO())) == (0, 0)
    with terminal() as at:
        assert tuple(terminal_size(at.stream)) == (80, 24)
        assert max(map(len, fitted(text, at.stream).split("\n"))) <= 80
        at.resize(columns=40, rows=10)
        assert max(map(len, fitted(text, at.stream).split("\n"))) <= 40
        at.resize(columns=300, rows=10)
        assert max(map(len, fitted(text, at.stream).split("\n"))) <= 100
