"""Owns the timeline: what happened to the accounts, one entry for each step that people care about."""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signedin.states import State

if TYPE_CHECKING:
    from signedin_adapters.diagnosis.shape import Shape

ENTRIES = 1000
"""So many are kept, the latest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One step. `case` is None where it names none."""

    at: str
    account: str
    source: State
    trigger: str
    to: State
    case: str | None


class Timeline:
    """The latest entries; `left_off` counts those before them."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=ENTRIES)
        self._standing: dict[str, str | None] = {}
        self.left_off = 0

    @property
    def entries(self) -> list[Entry]:
        """In the order of time, whichever log they stood in."""
        return sorted(self._entries, key=lambda entry: entry.at)

    def note(self, at: str, shape: "Shape") -> None:
        """Note a step that moves the state, or names another case; a refresh is told by what it came to."""
        account = shape.history.account
        news = shape.case != self._standing.get(account)
        self._standing[account] = shape.case
        if not news and (shape.source is shape.to or shape.to is State.REFRESHING):
            return
        self.left_off += len(self._entries) == ENTRIES
        entry = Entry(at=at, account=account, source=shape.source, trigger=shape.trigger, to=shape.to, case=shape.case)
        self._entries.append(entry)
