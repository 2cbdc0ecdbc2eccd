"""Owns which steps can be: the (from, trigger, to) of every row of the table. What is not in it, no machine took.

And which of them make nothing of the case that their event brings: late outcomes, and the first 401, which is answered
with a refresh.
"""

from dataclasses import dataclass, fields
from typing import Any

from signedin import actions as do
from signedin import events as ev
from signedin.states import State
from signedin.table import TABLE, Row

Way = tuple[State, str, State]
"""From where, by which event, to where."""


def _ways(row: Row) -> frozenset[Way]:
    return frozenset((source, row.event.__name__, row.destination or source) for source in row.sources)


LEGAL: frozenset[Way] = frozenset(way for row in TABLE for way in _ways(row))
TRIGGERS: frozenset[str] = frozenset(row.event.__name__ for row in TABLE)

_LEAVING = frozenset({do.stay, do.answer, do.free, do.refused_late, do.refresh_refused_generation})
"""Actions that leave the event's own case where it is."""


def _brings_a_case(event: type[Any]) -> bool:
    """Whether its lines always name its own case. A callback that is turned away is a trouble, though nothing moves."""
    named = any(field.name == "case" and field.type is str for field in fields(event))
    return named and event is not ev.CallbackRejected


def _left() -> frozenset[Way]:
    rows = [row for row in TABLE if _brings_a_case(row.event)]
    leaving = {way for row in rows if row.action in _LEAVING for way in _ways(row)}
    return frozenset(leaving - {way for row in rows if row.action not in _LEAVING for way in _ways(row)})


LEFT: frozenset[Way] = _left() | {(State.AUTHORIZING, ev.ApiUnauthorized.__name__, State.AUTHORIZING)}
"""Steps whose lines name a case that the machine did not take. Behind a sign-in too, most often a 401 is the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Illegal:
    """A step that was logged and cannot be. `reason`: `no-such-step`, `does-not-follow` or `not-by-the-machine`."""

    seq: int
    at: str
    way: Way
    reason: str
