"""Owns the stream for people: lines, a picture beside them, and on a terminal one live line below.

A stream that is closed or gone is written to in vain, never an error: the browser does the work.
"""

import base64
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import TextIO

from signedin_adapters import lines
from signedin_adapters.unshown import UNSHOWN

GAP = 3
"""Columns between a picture and its text."""

_CLEAR = "\r\x1b[K"
_PASTES_ON, _PASTES_OFF = "\x1b[?2004h", "\x1b[?2004l"
_QUIET, _NORMAL = "\x1b[2m", "\x1b[0m"
_INK = "\x1b[38;5;16;48;5;231m"
"""Black on white, of the colours that no theme changes."""
_BLOCKS = "▀▄█┌─┐│└┘"


class Screen:
    """One output stream. `is_live` says whether it has a live line: a terminal, and nobody asked for plain lines.

    `draws` says whether a picture and a box can be drawn there: colours are welcome, and it has the characters.
    """

    def __init__(self, stream: TextIO | None, *, plain: bool, environ: Mapping[str, str]) -> None:
        self._stream = stream
        is_terminal = stream is not None and not stream.closed and stream.isatty()
        self._obeys = is_terminal and environ.get("TERM") != "dumb"
        self.is_live = self._obeys and not plain
        self._dim = self.is_live and not environ.get("NO_COLOR")
        self.draws = self._dim and _has_blocks(stream)
        self._live = ""

    @property
    def size(self) -> os.terminal_size:
        """Columns and lines; 0 × 0 where it is no terminal."""
        return lines.terminal_size(self._stream)

    @contextmanager
    def shown(self, *, pastes: bool) -> Generator[None]:
        """Cleared when the block ends in whatever way. With `pastes` the terminal is asked to bracket them."""
        brackets = pastes and self._obeys
        self._write(_PASTES_ON if brackets else "")
        try:
            yield
        finally:
            self.live("")
            self._write(_PASTES_OFF if brackets else "")

    def say(self, text: str) -> None:
        """Write lines for good, above the live one, wrapped on a terminal; an address stays whole."""
        self._say(_clean(lines.fitted(text, self._stream)))

    def say_beside(self, picture: Sequence[str], text: str) -> None:
        """The same, to the right of a picture whose rows are equally wide. Only where `draws`."""
        width = len(picture[0])
        beside = _clean(lines.wrapped(text, min(self.size.columns, lines.WIDEST) - width - GAP)).split("\n")
        drawn = (f"{_INK}{row}{_NORMAL}" for row in picture)
        rows = zip_longest(drawn, beside, fillvalue=None)
        self._say("\n".join(f"{left or ' ' * width}{' ' * GAP}{line or ''}".rstrip() for left, line in rows))

    def live(self, *texts: str) -> None:
        """Replace the live line, where there is one, by the first of `texts` that fits; the last one may be cut."""
        if not self.is_live:
            return
        room = self.size.columns - 1
        fitting = UNSHOWN.sub("", next((text for text in texts if len(text) <= room), texts[-1]))[:room]
        drawn = f"{_QUIET}{fitting}{_NORMAL}" if self._dim and fitting else fitting
        if drawn or self._live:
            self._write(f"{_CLEAR}{drawn}")
        self._live = drawn

    def copy(self, text: str) -> bool:
        """Ask the terminal to put `text` on the clipboard (OSC 52), also over SSH. False where it cannot be asked."""
        if self._obeys:
            self._write(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07")
        return self._obeys

    def _say(self, text: str) -> None:
        self._write(f"{_CLEAR if self._live else ''}{text}\n{self._live}")

    def _write(self, text: str) -> None:
        if self._stream is None or not text:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None


def _clean(text: str) -> str:
    """Without what could steer the terminal."""
    return "\n".join(UNSHOWN.sub("", line) for line in text.split("\n"))


def _has_blocks(stream: TextIO | None) -> bool:
    try:
        return bool(stream and _BLOCKS.encode(stream.encoding or "ascii"))
    except (LookupError, UnicodeError):
        return False
