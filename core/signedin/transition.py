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
    """The event's fields that may be told: plain values alone, no token and no record.

    Of a session and of a health only what the machine asks of them, so that a run can be replayed from its log.
    """
    told = ((field.name, getattr(event, field.name)) for field in fields(event) if field.name not in _SAID_ALREADY)
    return tuple(detail for name, value in told for detail in _plain(name, value))


def _plain(name: str, value: object) -> tuple[tuple[str, object], ...]:
    if isinstance(value, Session):
        return _session(name, value)
    if isinstance(value, Health):
        return (name, value.state), ("retry_at", value.retry_at), ("since", value.backed_off_at)
    if isinstance(value, Secret):
        return ()
    return ((name, value.value if isinstance(value, Enum) else value),)


def _session(name: str, session: Session) -> tuple[tuple[str, object], ...]:
    return (
        (name, session.generation),
        ("renewable", session.refresh_token is not None),
        ("issued_at", session.issued_at),
        ("expires_at", session.expires_at),
        ("refresh_at", session.refresh_at),
        ("earliest_refresh_at", session.earliest_refresh_at),
        ("plan_enabled", session.plan_enabled),
        ("another_users", session.another_users),
    )


_SAID_ALREADY = ("at",)
