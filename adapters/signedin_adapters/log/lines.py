"""Owns what a line may hold: one table of fields, each with the shape its text must have.

What is not in the table is dropped; text of another shape is withheld. The shapes are narrow: long random text fits
none but `request_id`, which the server made up; e-mail addresses, sentences and URLs fit none at all. Nothing is ever
cut to fit: half a secret is still a secret.
"""

import math
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import islice
from typing import cast

SCHEMA = 1
LEVELS = {"debug": 10, "info": 20, "warning": 30}
"""By name, with the numbers that `logging` and structlog give them."""
DEFAULT_LEVEL = "info"
WITHHELD = "withheld"
MAX_ITEMS = 16

_PIECE = r"(?:[a-z]{1,24}[0-9]{0,4}|[0-9]{1,4})"
_WORD = re.compile(rf"(?=.{{1,80}}$){_PIECE}(?:[_.-]{_PIECE})*")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NAME = re.compile(r"[A-Za-z]{1,40}")
_KIND = re.compile(rf"{_WORD.pattern}|{_NAME.pattern}")
_METHOD = re.compile(r"[A-Z]{3,7}")
_HOST = re.compile(r"[a-z0-9.:\[\]-]{1,120}")
_VERSION = re.compile(r"[0-9][A-Za-z0-9.+]{0,23}")
_SYSTEM = re.compile(r"[A-Za-z]{1,10} [0-9][A-Za-z0-9._+~-]{0,39}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DRAWN = re.compile(r"[0-9a-f]{4,32}")
_PSEUDONYM = re.compile(r"account-[0-9a-f]{16}")

FIELDS: dict[str, re.Pattern[str] | None] = {
    # every line
    "schema": None,
    "run": _DRAWN,
    "seq": None,
    "at": _TIME,
    "event": _WORD,
    # transitions
    "account": _PSEUDONYM,
    "from": _WORD,
    "trigger": _NAME,
    "to": _WORD,
    "case": _WORD,
    "flags": _WORD,
    "episode": _DRAWN,
    "attempt": _DRAWN,
    "generation": None,
    "request_id": _REQUEST_ID,
    # what a trigger said, so that a run can be replayed
    "another_users": None,
    "answered": None,
    "deadline": None,
    "durable": None,
    "earliest_refresh_at": None,
    "expires_at": None,
    "flag": _WORD,
    "health": _WORD,
    "in_doubt": None,
    "issued_at": None,
    "plan_enabled": None,
    "rebound": None,
    "copied": None,
    "refresh_at": None,
    "renewable": None,
    "retry_after": None,
    "retry_at": None,
    "revoke": None,
    "revoked": None,
    "session": None,
    "signed_out": None,
    "since": None,
    "timeout_case": _WORD,
    "until": None,
    # effects
    "status": None,
    "code": _WORD,
    "kind": _KIND,
    "host": _HOST,
    "method": _METHOD,
    "endpoint": _WORD,
    "reason": _WORD,
    "outcome": _WORD,
    "call": _WORD,
    "seconds": None,
    "rejected": None,
    # the run
    "store": _WORD,
    "provider": _SLUG,
    "version": _VERSION,
    "python": _VERSION,
    "os": _SYSTEM,
    "app": _SLUG,
    "markers": _WORD,
    "ways": _WORD,
    "port": None,
    "pid": None,
}
"""The allow-list, in the order of the line. None: a number, true, false or null, and no text at all."""


def level_of(event: str, fields: Mapping[str, object]) -> str:
    """`warning` where a case is named, `debug` for single HTTP exchanges, else `info`."""
    if fields.get("case") is not None:
        return "warning"
    return "debug" if event.startswith("http.") else "info"


def keep_allowed(_logger: object, _method: str, line: Mapping[str, object]) -> dict[str, object]:
    """A structlog processor: the line with the fields of the table alone, in its order."""
    return {name: _allowed(line[name], shape) for name, shape in FIELDS.items() if name in line}


def _allowed(value: object, shape: re.Pattern[str] | None) -> object:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple | set | frozenset):
        items = [_allowed(item, shape) for item in islice(cast(Iterable[object], value), MAX_ITEMS)]
        return sorted(items, key=str) if isinstance(value, set | frozenset) else items
    return value if shape is not None and isinstance(value, str) and shape.fullmatch(value) else WITHHELD
