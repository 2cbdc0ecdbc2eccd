"""Owns reading server-sent events (WHATWG HTML §9.2.6): bytes in, events out, a piece at a time.

Pure: no I/O and no clock. Pieces may be cut anywhere, lines may end in CR, LF or CRLF, and what one event may hold in
memory is bounded. `id` and `retry` are not kept: nothing here ever reconnects.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from signedin.errors import SignedinError

MAX_EVENT_BYTES = 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\r|\n")
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
        self._line = bytearray()
        self._at_start, self._after_cr = True, False
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[ServerSentEvent]:
        """The events that are whole now. Raises OversizedEvent."""
        if not piece:
            return
        if self._after_cr and piece.startswith(b"\n"):
            piece = piece[1:]
        self._after_cr = piece.endswith(b"\r")
        *ends, rest = _LINE_END.split(piece)
        for end in ends:
            self._extend(end)
            event = self._take(self._whole_line())
            if event is not None:
                yield event
        self._extend(rest)

    def _extend(self, part: bytes) -> None:
        if self._size + len(self._line) + len(part) > MAX_EVENT_BYTES:
            raise OversizedEvent("An event of the stream is larger than 1 MiB.")
        self._line += part

    def _whole_line(self) -> bytes:
        line = bytes(self._line)
        self._line.clear()
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BYTE_ORDER_MARK)
        return line

    def _take(self, line: bytes) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._size += len(value) + 1
        elif field == b"event":
            self._name = value
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        name, data = self._name or b"message", self._data
        self._name, self._data, self._size = b"", [], 0
        if not data:
            return None
        return ServerSentEvent(name=name.decode("utf-8", "replace"), data=b"\n".join(data))
