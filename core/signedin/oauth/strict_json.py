"""Owns reading JSON from a server: strict, bounded and total.

It never gives what two readers could understand differently (RFC 8259 §4, §6), and never raises anything but
`MalformedJson`, whatever the bytes are.
"""

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn, cast

from signedin.errors import SignedinError

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_DIGITS = 20


class MalformedJson(SignedinError):
    """The bytes are no JSON that can be trusted. The message never quotes them."""


def parse(body: bytes) -> object:
    """Read UTF-8 JSON of at most 1 MiB and 32 levels: no duplicate names, NaN, Infinity or lone surrogates."""
    if len(body) > MAX_BYTES:
        raise MalformedJson("more than 1 MiB of JSON")
    try:
        text = body.decode("utf-8").strip(_WHITE_SPACE)
        value, end = _DECODER.raw_decode(text)
        if end != len(text):
            raise ValueError
        if b"\\u" in body or body.count(b"[") + body.count(b"{") > MAX_DEPTH:
            _check(value)  # which costs more than all the rest
    except (ValueError, RecursionError):
        raise MalformedJson("not strict JSON") from None
    return value


def parse_object(body: bytes) -> dict[str, object]:
    """Read what must be a JSON object."""
    value = parse(body)
    if not isinstance(value, dict):
        raise MalformedJson("not a JSON object")
    return cast(dict[str, object], value)


def member(value: object, name: str) -> object:
    """What a JSON object holds under the name; None where it holds nothing, or is no object."""
    return cast(dict[str, object], value).get(name) if isinstance(value, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError
    return names


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_number, parse_constant=_constant
)
_WHITE_SPACE = " \t\n\r"
"""RFC 8259 §2."""


def _check(value: object) -> None:
    """Refuse too many levels, and strings that cannot be encoded again (`"\\ud800"`)."""
    level: list[object] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise ValueError


def _children(value: object) -> Iterable[object]:
    if isinstance(value, str):
        value.encode()
    if isinstance(value, dict):
        members = cast(dict[str, object], value)
        return [*members.keys(), *members.values()]
    return cast(list[object], value) if isinstance(value, list) else ()
