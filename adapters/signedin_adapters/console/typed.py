"""Owns what typed bytes mean: keys, lines and pastes. Pure; it never shows what it was given."""

import re
from collections.abc import Iterator
from enum import Enum

LINE_BYTES = 64 * 1024

_PIECE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]|[^\x1b]", re.DOTALL)
_UNFINISHED = re.compile(rb"\x1b(\[[0-?]{0,32}[ -/]{0,8}|O)?\Z")
_PASTE_BEGINS, _PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
_ENTER = {b"\r", b"\n"}
_BACKSPACE = {b"\x7f", b"\b"}
_WIPE = {b"\x15", b"\x17"}


class Key(Enum):
    """A key that acts at once."""

    COPY = "c"


class Typed:
    """Collects bytes. A line ends with Enter; a bracketed paste is a line by itself, its line breaks left out.

    With `keys`, a `c` that comes alone on an empty line is a key; inside anything longer it is a letter.
    """

    def __init__(self, *, keys: bool) -> None:
        self._keys = keys
        self._pending = b""
        self._line = bytearray()
        self._pasting = False

    def feed(self, data: bytes) -> Iterator[Key | str]:
        """What `data`, as it came in one read, completes."""
        if self._keys and data in {b"c", b"C"} and not self._line and not self._pasting:
            yield Key.COPY
            return
        data = self._pending + data
        unfinished = _UNFINISHED.search(data)
        whole = unfinished.start() if unfinished else len(data)
        self._pending = data[whole:]
        for piece in _PIECE.findall(data[:whole]):
            if self._take(piece) and self._line:
                yield self.rest()

    def rest(self) -> str:
        """The line as far as it goes, which is then forgotten: the last one may end without Enter."""
        text = self._line.decode(errors="replace")
        self._line.clear()
        return text

    def _take(self, piece: bytes) -> bool:
        """Whether `piece` completes a line."""
        if piece in {_PASTE_BEGINS, _PASTE_ENDS}:
            self._pasting = piece == _PASTE_BEGINS
            return not self._pasting
        if piece in _ENTER:
            return not self._pasting
        if piece in _BACKSPACE:
            del self._line[-1:]
        elif piece in _WIPE:
            self._line.clear()
        elif len(piece) == 1 and piece >= b" " and len(self._line) < LINE_BYTES:
            self._line += piece
        return False
