"""Owns `Body`: what the page sent, read strictly. It is ours, so what does not fit is a mistake and said so."""

import json
from typing import Any, cast

from starlette.requests import Request

from signedin.errors import MisuseError
from signedin_adapters.unshown import UNSHOWN

MAX_BYTES = 256 * 1024
"""A question may be long; nothing else is."""
_WORD_LENGTH = 200


class Body:
    """One JSON object. Every method raises MisuseError for what is of another kind."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise MisuseError(f"There is no {name} to use: fill it in.")
        return value

    def word(self, name: str) -> str | None:
        """A short text on one line; None where there is none."""
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > _WORD_LENGTH or UNSHOWN.search(value):
            raise MisuseError(f"{name} must be a short text on one line.")
        return value

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """True or false."""
        value = self._fields.get(name, otherwise)
        if not isinstance(value, bool):
            raise MisuseError(f"{name} must be true or false.")
        return value

    def choice(self, name: str, *words: str) -> str:
        """One of these; the first where nothing is said."""
        value = self._fields.get(name, words[0])
        if value not in words:
            raise MisuseError(f"{name} must be one of {', '.join(words)}.")
        return str(value)


async def read(request: Request) -> Body:
    """The request's body. Raises MisuseError for what is no JSON object, or too long."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BYTES:
            raise MisuseError("That is too long.")
    try:
        fields = json.loads(data.decode() or "{}")
        json.dumps(fields, ensure_ascii=False).encode()  # half a character, which JSON can hold, is no text
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise MisuseError("The page sends one JSON object.")
    return Body(cast(dict[str, Any], fields))
