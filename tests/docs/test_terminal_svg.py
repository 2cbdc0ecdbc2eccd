"""A transcript becomes a picture that changes no word of it."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from tools.terminal_svg import CHARACTER, LINE, MARGIN, terminal_svg

SVG = "{http://www.w3.org/2000/svg}"
TRANSCRIPT = [
    "$ signedin demo",
    "1  Sign in",
    "   REQUESTS                      CONNECTION",
    "   200 POST /oauth/token         → Connected",
    "   503 POST /oauth/token <&>     → Error",
    "",
    "   The token lives on.",
]


def pieces(lines: list[str]) -> list[ElementTree.Element]:
    """The drawn pieces of text."""
    return list(ElementTree.fromstring(terminal_svg(lines)).iter(f"{SVG}text"))


def test_every_line_is_drawn_word_for_word() -> None:
    """Set side by side at their columns, the pieces are the transcript."""
    drawn: dict[str, str] = {}
    for piece in pieces(TRANSCRIPT):
        column = round((float(piece.get("x", "0")) - MARGIN) / CHARACTER)
        drawn[piece.get("y", "")] = drawn.get(piece.get("y", ""), "").ljust(column) + (piece.text or "")
    assert list(drawn.values()) == [line for line in TRANSCRIPT if line]


def test_lines_keep_their_distance() -> None:
    """An empty line takes its room."""
    heights = sorted({int(piece.get("y", "0")) for piece in pieces(TRANSCRIPT)})
    assert [after - before for before, after in pairwise(heights)] == [LINE, LINE, LINE, LINE, 2 * LINE]


@pytest.mark.parametrize(
    ("words", "dress"),
    [
        ("$", "prompt"),
        ("signedin demo", "command"),
        ("1  Sign in", "heading"),
        ("REQUESTS", "quiet"),
        ("200", "good"),
        ("503", "bad"),
        ("→ Connected", "well"),
        ("→ Error", "ill"),
        ("The token lives on.", None),
    ],
)
def test_a_few_words_are_dressed_by_what_they_are(words: str, dress: str | None) -> None:
    """Commands, headings, statuses and states; the rest is plain."""
    assert [piece.get("class") for piece in pieces(TRANSCRIPT) if piece.text == words] == [dress]


def test_the_picture_is_as_wide_as_the_longest_line() -> None:
    """Nothing is cut, and an empty transcript is a picture, too."""
    root = ElementTree.fromstring(terminal_svg(["x" * 100]))
    assert float(root.get("viewBox", "").split()[2]) == 2 * MARGIN + 100 * CHARACTER
    assert pieces([]) == []
