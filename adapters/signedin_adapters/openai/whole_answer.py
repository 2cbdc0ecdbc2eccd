"""Owns an answer in one piece: what a stream of events comes to, for a caller who did not ask for a stream.

The last event holds the response; its `output` may be empty there, and is then put together from the finished items.
Pure. Whatever else the stream ends with is an error, as it is for `signedin.responses.ask`.
"""

from typing import Any, cast

import httpx

from signedin.oauth.refusal import unreadable
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.responses.api_request import plain
from signedin.responses.ending import Ending
from signedin.responses.event_stream import ServerSentEvent
from signedin.responses.transcript import Transcript

ENDS = frozenset({"response.completed", "response.failed", "response.incomplete"})
MAX_BYTES = 16 * 1024 * 1024
"""What an answer in one piece may hold in memory, as events."""


class WholeAnswer(Transcript):
    """A transcript that also keeps the response, or what it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self._size = 0
        self._items: list[dict[str, Any]] = []
        self._response: dict[str, Any] | None = None

    def take(self, event: ServerSentEvent) -> str:
        """The same, and keep it."""
        if self.status == "in_progress":
            self._size += len(event.data)
            if self._size > MAX_BYTES:
                self.break_off("too-large")
            else:
                self._keep(event.data)
        return super().take(event)

    def response(self, begun: httpx.Response, ending: Ending) -> httpx.Response:
        """The answer that the stream of `begun` came to. Raises SignedinError where there is none."""
        if self._response is None:
            ending.require_whole()
            raise unreadable(plain(begun), "response")
        self._response["output"] = self._response.get("output") or self._items
        kept = [(name, value) for name, value in begun.headers.multi_items() if name not in _OF_THE_STREAM]
        return httpx.Response(200, headers=kept, json=self._response)

    def _keep(self, data: bytes) -> None:
        try:
            event = cast(dict[str, Any], parse_object(data))
        except MalformedJson:
            return  # `[DONE]`, a keep-alive
        match event.get("type"):
            case "response.output_item.done" if isinstance(event.get("item"), dict):
                self._items.append(event["item"])
            case str(kind) if kind in ENDS and isinstance(event.get("response"), dict):
                self._response = event["response"]
            case _:
                pass


_OF_THE_STREAM = frozenset({"connection", "content-encoding", "content-length", "content-type", "transfer-encoding"})
