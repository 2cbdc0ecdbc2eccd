"""Owns `Transition`: what listeners and the log are told of a step. Frozen, and never a secret."""

from dataclasses import dataclass, fields
from enum import Enum

from signedin.events import Event
from signedin.record import Health
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One event and what it came to.

    `at` is Unix seconds; `account_id` the account's own random id; `trigger` the event's name; `case` an id of the
    catalogue; `details` the event's non-secret fields. `visible` says whether anything changed that people see.
    """

    at: float
    account_id: str
    source: State
    trigger: str
    state: State
    case: str | None
    flags: frozenset[Flag]
    generation: int
    details: tuple[tuple[str, object], ...]
    visible: bool


def details_of(event: Event) -> tuple[tuple[str, object], ...]:
    """The event's fields that may be told: plain values alone, no token and no record."""
    told = ((field.name, getattr(event, field.name)) for field in fields(event) if field.name not in _SAID_ALREADY)
    return tuple((name, _plain(value)) for name, value in told if not isinstance(value, _KEPT_BACK))


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


_SAID_ALREADY = ("at",)
_KEPT_BACK = (Secret, Session, Health)
