"""Owns the way back from a line to the event that made it. Tokens and codes are placeholders: the machine never looks.

The log keeps microseconds, and times that never come as null. `Missing`: the line does not say all that the machine
would ask, since an older version wrote it or somebody cut it.
"""

import math
from dataclasses import MISSING, Field, fields
from datetime import datetime
from typing import Any, cast, get_args

from signedin import events as ev
from signedin.record import Health
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag
from signedin_adapters.diagnosis.line import Record, case_of, words
from signedin_adapters.log.lines import WITHHELD

EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in cast("tuple[type[Any], ...]", get_args(ev.Event))}
_FIELDS = {kind: tuple(field for field in fields(kind) if field.name != "at") for kind in EVENTS.values()}
_FLAGS = {flag.value: flag for flag in Flag}
_PLACEHOLDER = Secret("placeholder")


class Missing(Exception):
    """The line does not hold what a replay needs."""


def moment(record: Record) -> float:
    """When the line was, Unix seconds. Raises Missing."""
    try:
        return datetime.fromisoformat(str(record["at"])).timestamp()
    except (ValueError, OverflowError):
        raise Missing("at") from None


def event_of(record: Record, at: float) -> ev.Event:
    """The event of a transition's line, at `at`. Raises Missing."""
    kind = EVENTS[str(record["trigger"])]
    event: ev.Event = kind(at=at, **{field.name: _value(field, record) for field in _FIELDS[kind]})
    return event


def session_of(record: Record) -> Session:
    """The session that the line speaks of. Raises Missing."""
    return Session(
        generation=int(_number(record, "session")),
        access_token=_PLACEHOLDER,
        refresh_token=_PLACEHOLDER if _said(record, "renewable") else None,
        issued_at=_number(record, "issued_at"),
        expires_at=_number(record, "expires_at", never=math.inf),
        refresh_at=_number(record, "refresh_at", never=math.inf),
        earliest_refresh_at=_number_or_none(record, "earliest_refresh_at"),
        plan_enabled=None if (enabled := _said(record, "plan_enabled")) is None else bool(enabled),
        another_users=bool(_said(record, "another_users")),
    )


def flags_of(record: Record) -> frozenset[Flag]:
    """The flags that stand after the step."""
    return frozenset(_FLAGS[word] for word in words(record, "flags") if word in _FLAGS)


def _value(field: "Field[Any]", record: Record) -> object:
    match field.name:
        case "session":
            return None if "session" in record and record["session"] is None else session_of(record)
        case "health":
            return _health(record)
        case "code":
            return _PLACEHOLDER
        case "client_id":
            return ""
        case "case":
            return case_of(record)
        case "flag":
            return _flag(record)
        case "attempt_id":
            return _checked(field, _said(record, "attempt"))
        case "generation":
            return _checked(field, _said(record, "session"))
        case name if name not in record and field.default is not MISSING:
            return field.default
        case name:
            return _checked(field, _said(record, name))


def _flag(record: Record) -> Flag:
    try:
        return Flag(_said(record, "flag"))
    except ValueError:
        raise Missing("flag") from None


def _checked(field: "Field[Any]", found: object) -> object:
    """The value, if it is of the field's type; whole numbers do for others."""
    type_ = cast("type[object]", field.type)
    if isinstance(found, int) and not isinstance(found, type_):
        found = float(found)
    if not isinstance(found, type_):
        raise Missing(field.name)
    return found


def _health(record: Record) -> Health | None:
    """What was noted beside the session: its case and its flags are those that stand once it was taken over."""
    state = _said(record, "health")
    if state is None:
        return None
    return Health(
        generation=int(_number(record, "session")),
        state=str(state),
        case=case_of(record),
        flags=words(record, "flags"),
        retry_at=_number_or_none(record, "retry_at"),
        backed_off_at=_number_or_none(record, "since"),
    )


def _said(record: Record, name: str) -> object:
    if name not in record or record[name] == WITHHELD:
        raise Missing(name)
    return record[name]


def _number_or_none(record: Record, name: str) -> float | None:
    return None if _said(record, name) is None else _number(record, name)


def _number(record: Record, name: str, *, never: float | None = None) -> float:
    found = _said(record, name)
    if found is None and never is not None:
        return never
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Missing(name)
    return found
