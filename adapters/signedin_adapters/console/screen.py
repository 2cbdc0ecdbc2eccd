"""Owns the stream for people: whole lines, and on a terminal one live line below them.

A stream that is closed or gone is written to in vain, never an error: the browser does the work.
"""

import base64
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TextIO

from signedin_adapters.unshown import UNSHOWN

_CLEAR = "\r\x1b[K"
_PASTES_ON, _PASTES_OFF = "\x1b[?2004h", "\x1b[?2004l"
_QUIET, _NORMAL = "\x1b[2m", "\x1b[0m"


class Screen:
    """One output stream. `is_live` says whether it has a live line: a terminal, and nobody asked for plain lines."""

    def __init__(self, stream: TextIO | None, *, plain: bool, environ: Mapping[str, str]) -> None:
        self._stream = stream
        self._is_terminal = stream is not None and not stream.closed and stream.isatty()
        self.is_live = self._is_terminal and not plain and environ.get("TERM") != "dumb"
        self._dim = self.is_live and not environ.get("NO_COLOR")
        self._live = ""

    @contextmanager
    def shown(self, *, pastes: bool) -> Generator[None]:
        """Cleared when the block ends in whatever way. With `pastes` the terminal is asked to bracket them."""
        brackets = pastes and self._is_terminal
        self._write(_PASTES_ON if brackets else "")
        try:
            yield
        finally:
            self.live("")
            self._write(_PASTES_OFF if brackets else "")

    def say(self, text: str) -> None:
        """Write lines for good, above the live one. Each is one line however long: an address must not be broken."""
        lines = "".join(f"{UNSHOWN.sub('', line)}\n" for line in text.split("\n"))
        self._write(f"{_CLEAR if self._live else ''}{lines}{self._live}")

    def live(self, text: str) -> None:
        """Replace the live line, where there is one."""
        if not self.is_live:
            return
        fitting = UNSHOWN.sub("", text)[: self._columns() - 1]
        drawn = f"{_QUIET}{fitting}{_NORMAL}" if self._dim and fitting else fitting
        if drawn or self._live:
            self._write(f"{_CLEAR}{drawn}")
        self._live = drawn

    def copy(self, text: str) -> bool:
        """Ask the terminal to put `text` on the clipboard (OSC 52), also over SSH. False where there is no terminal."""
        if self._is_terminal:
            self._write(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07")
        return self._is_terminal

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno() if self._stream else -1).columns or 80
        except (OSError, ValueError):
            return 80

    def _write(self, text: str) -> None:
        if self._stream is None or not text:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None
