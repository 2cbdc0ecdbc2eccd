"""What typed bytes mean, however they are cut into reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin_adapters.console.typed import LINE_BYTES, Key, Typed


def entries(*chunks: bytes, keys: bool = True) -> list[Key | str]:
    typed = Typed(keys=keys)
    return [entry for chunk in chunks for entry in typed.feed(chunk)]


def test_enter_ends_a_line() -> None:
    """Return, newline and both end a line once; an empty line is nothing."""
    assert entries(b"one\r", b"two\n", b"three\r\n", b"\r\n\n") == ["one", "two", "three"]


def test_a_line_may_come_in_pieces() -> None:
    """The reads' borders mean nothing, inside letters of several bytes too."""
    assert entries(b"ht", b"tp://", "é".encode()[:1], "é".encode()[1:], b"\n") == ["http://é"]


def test_c_alone_copies() -> None:
    """One `c` on an empty line is a key; in or before other text it is a letter."""
    assert entries(b"c", b"C") == [Key.COPY, Key.COPY]
    assert entries(b"code=1\n") == ["code=1"]
    assert entries(b"ac\n") == ["ac"]
    assert entries(b"a", b"c", b"\n") == ["ac"]
    assert entries(b"c\n", keys=False) == ["c"]


def test_a_bracketed_paste_is_a_line() -> None:
    """It needs no Enter, its line breaks are the terminal's, and no key is seen in it."""
    assert entries(b"\x1b[200~http://a/\r\n?code=1\x1b[201~") == ["http://a/?code=1"]
    assert entries(b"\x1b[200~", b"c", b"\x1b[201~") == ["c"]
    assert entries(b"\x1b[200~x\x1b[201~\r") == ["x"]


def test_a_paste_bracket_may_be_cut_anywhere() -> None:
    """Markers that arrive in two reads are still markers."""
    data = b"\x1b[200~http://a/?code=1\x1b[201~"
    for cut in range(1, len(data)):
        assert entries(data[:cut], data[cut:]) == ["http://a/?code=1"], cut


def test_editing() -> None:
    """Backspace takes a letter back, Ctrl-U and Ctrl-W the line."""
    assert entries(b"abx\x7fc\n") == ["abc"]
    assert entries(b"wrong\x15right\n", b"wrong\x17right\n", b"\x7f\x7fok\n") == ["right", "right", "ok"]


@pytest.mark.parametrize("noise", [b"\x1b[A", b"\x1b[1;5C", b"\x1bOP", b"\x04", b"\x00", b"\x1b[201;", b"\x1b"])
def test_other_keys_are_nothing(noise: bytes) -> None:
    """Arrows, function keys, Ctrl-D and a lone Escape leave no trace in the line."""
    found = entries(b"ab" + noise, b"~cd\n" if noise == b"\x1b[201;" else b"cd\n")
    assert found == ["abcd"]


def test_the_rest_is_what_no_enter_ended() -> None:
    """The end of a file may lack its line break."""
    typed = Typed(keys=False)
    assert list(typed.feed(b"first\nlast")) == ["first"]
    assert typed.rest() == "last"
    assert typed.rest() == ""


@given(st.lists(st.binary(max_size=40)))
def test_nothing_typed_is_an_error(chunks: list[bytes]) -> None:
    """Any bytes are taken; no line is empty."""
    assert all(entries(*chunks)) or not entries(*chunks)


def test_an_endless_line_is_bounded() -> None:
    """A program that writes without end fills no memory."""
    assert entries(b"x" * (3 * LINE_BYTES), b"\n") == ["x" * LINE_BYTES]
