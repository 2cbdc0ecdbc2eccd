"""Owns reading server-sent events (WHATWG HTML §9.2.6): bytes in, events out, a piece at a time.

Pure: no I/O and no clock. Pieces may be cut anywhere, lines may end in CR, LF or CRLF, and what one event may hold in
memory is bounded. `id` and `retry` are not kept: nothing here ever reconnects.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from signedin.errors import SignedinError

MAX_EVENT_BYTES = 1024 * 1024

_LINE_ENDS = (b"\n", b"\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class OversizedEvent(SignedinError):
    """One event is larger than 1 MiB: whatever sends it, it is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSentEvent:
    """One event: its name ("message" where none was given) and its data, lines joined by LF, not yet decoded."""

    name: str
    data: bytes


class EventParser:
    """Reads one stream. What is unfinished when the stream ends is dropped, as the standard says."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._at_start, self._after_cr = True, False
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[ServerSentEvent]:
        """The events that are whole now. Raises OversizedEvent."""
        for line in self._lines(piece):
            field, _, value = line.partition(b":")
            if field == b"data":
                self._bound(len(line))
                self._data.append(value.removeprefix(b" "))
                self._size += len(line)
            elif field == b"event":
                self._name = value.removeprefix(b" ")
            elif not line:
                if self._data:
                    yield self._event()
                self._name, self._data, self._size = b"", [], 0
        self._bound(len(self._rest))

    def _lines(self, piece: bytes) -> list[bytes]:
        """Those that are whole now; the rest is kept."""
        if not piece:
            return []
        if self._after_cr and piece.startswith(b"\n"):
            piece = piece[1:]
        self._after_cr = piece.endswith(b"\r")
        lines = piece.splitlines()  # of bytes: at CR, LF and CRLF, and nowhere else
        rest = lines.pop() if lines and not piece.endswith(_LINE_ENDS) else b""
        if lines and (self._rest or self._at_start):
            lines[0] = self._whole(lines[0])
        self._rest += rest
        return lines

    def _whole(self, end: bytes) -> bytes:
        """The line that was begun, with its end."""
        line = bytes(self._rest) + end
        self._rest.clear()
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BYTE_ORDER_MARK)
        return line

    def _bound(self, size: int) -> None:
        if self._size + size > MAX_EVENT_BYTES:
            raise OversizedEvent("An event of the stream is larger than 1 MiB.")

    def _event(self) -> ServerSentEvent:
        name = (self._name or b"message").decode("utf-8", "replace")
        return ServerSentEvent(name=name, data=b"\n".join(self._data))
