"""Owns the timeline: what happened to the accounts, one entry for each step that people care about."""

from collections import deque
from dataclasses import dataclass

from signedin.states import State
from signedin_adapters.diagnosis.kind import Kind

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

    def note(self, at: str, account: str, kind: Kind) -> None:
        """Note a step that moves the state, or names another case; a refresh is told by what it came to."""
        standing = self._standing.get(account)
        case = standing if kind.silent else kind.case
        news = case != standing
        self._standing[account] = case
        if not news and (kind.source is kind.to or kind.to is State.REFRESHING):
            return
        self.left_off += len(self._entries) == ENTRIES
        entry = Entry(at=at, account=account, source=kind.source, trigger=kind.trigger, to=kind.to, case=case)
        self._entries.append(entry)
