"""Owns how texts are broken into lines: between words, at a terminal's width. Elsewhere a line is as long as it is."""

import os
import textwrap
from typing import TextIO

WIDEST = 100
"""Columns; a longer line is hard to read."""


def wrapped(text: str, columns: int) -> str:
    """Break lines at `columns`. Words stay whole, and so does what is indented: addresses and commands are copied."""
    return "\n".join(line if line.startswith(" ") else _wrapped(line, columns) for line in text.split("\n"))


def fitted(text: str, stream: TextIO | None, *, indent: str = "") -> str:
    """The text as `stream` has room for it: wrapped on a terminal, as it is on anything else. `indent` begins lines."""
    columns = terminal_size(stream).columns
    broken = wrapped(text, min(columns, WIDEST) - len(indent)) if columns else text
    return textwrap.indent(broken, indent)


def terminal_size(stream: TextIO | None) -> os.terminal_size:
    """Columns and lines of a terminal, 80 × 24 where it does not know; 0 × 0 for what is none."""
    if stream is None or stream.closed or not stream.isatty():
        return os.terminal_size((0, 0))
    try:
        columns, rows = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        columns, rows = 0, 0
    return os.terminal_size((columns or 80, rows or 24))


def _wrapped(line: str, columns: int) -> str:
    hanging = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, columns, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
