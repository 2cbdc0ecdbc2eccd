"""Owns what a stream of events comes to: the text so far, and how the answer ended.

Pure and total: whatever the events hold, nothing is raised. Success is `response.completed` alone. The text is put
together from the deltas and finished items, since the last event's own `output` may be empty; an item in the phase
"commentary" is not part of the answer.
"""

from collections.abc import Iterator
from json import JSONDecoder
from typing import Literal, cast

from signedin.classify.api import error_code
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.responses.event_stream import ServerSentEvent

Status = Literal["in_progress", "completed", "incomplete", "failed"]

MAX_TEXT = 4 * 1024 * 1024
"""Characters of an answer; what comes after them counts as breaking off."""
MAX_ITEMS = 256
"""Output items that are told apart; there are a handful in practice."""

_DECODER = JSONDecoder()
_DELTAS = frozenset({"response.output_text.delta", "response.refusal.delta"})
_PARTS = {"output_text": "text", "refusal": "refusal"}


class Transcript:
    """One answer as it comes in. `code` is the error code of one that failed, `model` what the server says answered.

    `broken` is how it broke off, as `TransportFailed.kind` has it; None where the provider itself ended it early.
    """

    def __init__(self) -> None:
        self.status: Status = "in_progress"
        self.model: str | None = None
        self.code: str | None = None
        self.broken: str | None = None
        self._pieces: list[str] = []
        self._length = 0
        self._commentary: set[int] = set()
        self._written: dict[int, int] = {}

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._pieces)

    def take(self, event: ServerSentEvent) -> str:
        """What this event adds to the text, "" for nothing."""
        if self.status != "in_progress":
            return ""
        try:
            fields = _fields(event.data)
        except (MalformedJson, ValueError, RecursionError):
            return ""  # `[DONE]`, a keep-alive, a proxy's own
        kind = _string(fields.get("type")) or event.name
        if kind in _DELTAS:
            return self._add(_place(fields), _string(fields.get("delta")))
        response = _object(fields.get("response"))
        self.model = _string(response.get("model")) or self.model
        if kind in ("response.output_item.added", "response.output_item.done"):
            return self._item(_place(fields), _object(fields.get("item")), done=kind.endswith("done"))
        return self._end(kind, fields, response)

    def break_off(self, kind: str) -> None:
        """The stream ended before the answer did, or more came than is kept ("too-large")."""
        self.status, self.broken = "incomplete", kind

    def _item(self, place: int, item: dict[str, object], *, done: bool) -> str:
        if item.get("phase") == "commentary":
            self._commentary.add(place)
        return self._add(place, _text_of(item)[self._written.get(place, 0) :]) if done else ""

    def _add(self, place: int, text: str) -> str:
        if not text or place in self._commentary:
            return ""
        written = self._written.get(place)
        self._written[place] = (written or 0) + len(text)
        if written is None and self._pieces:
            text = "\n\n" + text
        self._pieces.append(text)
        self._length += len(text)
        if self._length > MAX_TEXT:
            self.break_off("too-large")
        return text

    def _end(self, kind: str, fields: dict[str, object], response: dict[str, object]) -> str:
        if kind == "response.completed":
            text = "" if self._pieces else "".join(self._late_items(response.get("output")))
            self.status = "completed"
            return text
        if kind == "response.incomplete":
            self.status = "incomplete"
        elif kind in ("response.failed", "error"):
            self.status = "failed"
            error = _object(response.get("error")) or _object(fields.get("error")) or fields
            self.code = error_code(error) or None
        return ""

    def _late_items(self, output: object) -> Iterator[str]:
        """Text that came in the last event only."""
        items = cast(list[object], output) if isinstance(output, list) else []
        for place, item in enumerate(items[:MAX_ITEMS]):
            yield self._item(place, _object(item), done=True)


def _fields(data: bytes) -> dict[str, object]:
    """An event's object: there are thousands, and no right hangs on one, so a name may come twice.

    But half a character, which nobody could write down, is as malformed here as anywhere.
    """
    if b"\\ud" in data or b"\\uD" in data:
        return parse_object(data)
    text = data.decode("utf-8").strip()
    value, end = _DECODER.raw_decode(text)
    if end != len(text) or not isinstance(value, dict):
        raise MalformedJson("not one JSON object")
    return cast(dict[str, object], value)


def _text_of(item: dict[str, object]) -> str:
    if item.get("type") != "message":
        return ""
    content = item.get("content")
    parts = [_object(part) for part in cast(list[object], content)] if isinstance(content, list) else []
    return "".join(_string(part.get(_PARTS.get(_string(part.get("type")), ""))) for part in parts)


def _place(fields: dict[str, object]) -> int:
    index = fields.get("output_index")
    return index if isinstance(index, int) and 0 <= index < MAX_ITEMS else 0


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> dict[str, object]:
    return cast(dict[str, object], value) if isinstance(value, dict) else {}
