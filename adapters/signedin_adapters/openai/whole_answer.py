"""Owns an answer in one piece: what a stream of events comes to, for a caller who did not ask for a stream.

The last event holds the response; its `output` may be empty there, and is then put together from the finished items.
Pure. Whatever else the stream ends with is an error, as it is for `signedin.responses.ask`.
"""

from typing import Any, cast

import httpx

from signedin.errors import SignedinError, TransportFailed
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.responses import refusal
from signedin.responses.api_request import plain
from signedin.responses.event_stream import EventParser, OversizedEvent

ENDS = frozenset({"response.completed", "response.failed", "response.incomplete"})
MAX_BYTES = 16 * 1024 * 1024
"""What an answer in one piece may hold in memory, as events."""


class WholeAnswer:
    """Reads one stream; `over` as soon as nothing that follows can matter."""

    def __init__(self, begun: httpx.Response) -> None:
        self._begun, self._parser, self._size = begun, EventParser(), 0
        self._items: list[dict[str, Any]] = []
        self._response: dict[str, Any] | None = None
        self._failed: SignedinError | None = None

    @property
    def over(self) -> bool:
        """Whether the last event was here, or an error."""
        return self._response is not None or self._failed is not None

    def feed(self, piece: bytes) -> None:
        """Take in the next piece. An error in it is kept: a stream is closed before anything is raised."""
        self._size += len(piece)
        try:
            for event in self._parser.feed(piece):
                self._take(event.data)
        except OversizedEvent:
            self._failed = self._broken_off("too-large")
        if self._size > MAX_BYTES and not self.over:
            self._failed = self._broken_off("too-large")

    def answer(self) -> httpx.Response:
        """The answer, once nothing more is read. Raises SignedinError where there is none."""
        if self._response is None:
            raise self._failed or self._broken_off("reset")
        self._response["output"] = self._response.get("output") or self._items
        kept = [(name, value) for name, value in self._begun.headers.multi_items() if name not in _OF_THE_STREAM]
        return httpx.Response(200, headers=kept, json=self._response)

    def _take(self, data: bytes) -> None:
        try:
            event = cast(dict[str, Any], parse_object(data))
        except MalformedJson:
            return  # `[DONE]`, a keep-alive
        match event.get("type"):
            case "response.output_item.done" if isinstance(event.get("item"), dict):
                self._items.append(event["item"])
            case "error":
                self._failed = self._refused(event)
            case str(kind) if kind in ENDS and isinstance(event.get("response"), dict):
                self._response = event["response"]
            case _:
                pass

    def _refused(self, event: dict[str, Any]) -> SignedinError:
        error = cast(dict[str, Any], event["error"]) if isinstance(event.get("error"), dict) else event
        code = error.get("code")
        return refusal.of_code(code if isinstance(code, str) else None, plain(self._begun))

    def _broken_off(self, kind: str) -> TransportFailed:
        return TransportFailed("The answer broke off.", kind=kind, sent=True, case="stream-incomplete")


_OF_THE_STREAM = frozenset({"connection", "content-encoding", "content-length", "content-type", "transfer-encoding"})
