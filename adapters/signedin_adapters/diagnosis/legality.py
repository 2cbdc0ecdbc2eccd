"""Owns which steps can be: the (from, trigger, to) of every row of the table. What is not in it, no machine took."""

from dataclasses import dataclass

from signedin.states import State
from signedin.table import TABLE, Row

Way = tuple[State, str, State]
"""From where, by which event, to where."""


def _ways(row: Row) -> frozenset[Way]:
    return frozenset((source, row.event.__name__, row.destination or source) for source in row.sources)


LEGAL: frozenset[Way] = frozenset(way for row in TABLE for way in _ways(row))
TRIGGERS: frozenset[str] = frozenset(row.event.__name__ for row in TABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Illegal:
    """A step that was logged and cannot be. `reason`: `no-such-step`, `does-not-follow` or `not-by-the-machine`."""

    seq: int
    at: str
    way: Way
    reason: str
