"""Owns `Shape`: a kind of transition of one account, and the memory of those that were met before.

A log repeats itself: most of its lines differ in run, number and time alone. So a line's middle is parsed once, and
known again by its bytes.
"""

import json
import re
from dataclasses import dataclass
from typing import cast

from signedin_adapters.diagnosis.history import History
from signedin_adapters.diagnosis.kind import Kind, kind_of
from signedin_adapters.diagnosis.line import TRANSITION, Record
from signedin_adapters.diagnosis.place import Place
from signedin_adapters.log.lines import WITHHELD, keep_allowed

BEFORE, AFTER = b',"event":"connection.transition",', b',"generation":'
"""Between these stands what makes the shape of a line."""
TIME_LENGTH = len(b"2026-11-23T00:00:00.000000Z")
SHAPES = 16384
ACCOUNTS = 4096
"""So many are kept; of the accounts beyond nothing is told."""

_ACCOUNT = re.compile(rb'"account":"(account-[0-9a-f]{16})",')


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shape:
    """A kind of one account. It leads to `after`; `text` is what its lines have between time and generation."""

    kind: Kind
    history: History
    after: Place
    text: bytes


class Shapes:
    """The shapes that were met, and the accounts that they are of.

    `histories` are the accounts', by name; `unnamed` is that of lines which name none. With `watched`, no change of
    state is plain.
    """

    def __init__(self, *, watched: bool = False) -> None:
        self.histories: dict[str, History] = {}
        self.unnamed = History("")
        self._watched = watched
        self._met: dict[bytes, Shape] = {}
        self._kinds: dict[bytes, Kind] = {}

    def in_line(self, line: bytes) -> Shape | None:
        """The shape of a whole line; None for one that has to be read."""
        middle = line.partition(BEFORE)[2].partition(AFTER)[0]
        shape = self._met.get(middle) or self._meet(middle)
        if shape is not None and shape.kind.plain:
            shape.history.places[shape.kind.source].know(shape)
        return shape

    def of(self, record: Record) -> Shape | None:
        """The shape of a transition; None where it is none, or speaks of what this version does not know."""
        kind = kind_of(record, watched=self._watched) if record.get("event") == TRANSITION else None
        return self._shape(kind, record.get("account"))

    def history(self, record: Record) -> History | None:
        """The history of the account that any line names, if it names one."""
        name = record.get("account")
        return self.unnamed if name is None else self._history(name)

    def _meet(self, middle: bytes) -> Shape | None:
        account = _ACCOUNT.match(middle)
        if account is None:
            return None
        kind = self._kind(middle[account.end() :])
        shape = self._shape(kind, account[1].decode(), text=b'"' + BEFORE + middle + AFTER)
        if shape is not None:
            if len(self._met) >= SHAPES:
                self._met.clear()
            self._met[middle] = shape
        return shape

    def _kind(self, said: bytes) -> Kind | None:
        """The kind of what stands behind the account."""
        kind, record = self._kinds.get(said), None
        if kind is None and (record := _read(said)) is not None:
            kind = kind_of(record, watched=self._watched)
        if kind is not None and record is not None:
            if len(self._kinds) >= SHAPES:
                self._kinds.clear()
            self._kinds[said] = kind
        return kind

    def _shape(self, kind: Kind | None, account: object, *, text: bytes = b"") -> Shape | None:
        history = None if kind is None else self._history(account)
        if kind is None or history is None:
            return None
        return Shape(kind=kind, history=history, after=history.places[kind.to], text=text)

    def _history(self, name: object) -> History | None:
        if not isinstance(name, str) or name == WITHHELD:
            return None
        if name not in self.histories and len(self.histories) < ACCOUNTS:
            self.histories[name] = History(name)
        return self.histories.get(name)


def _read(said: bytes) -> Record | None:
    """What a transition says behind its account."""
    try:
        found: object = json.loads(b"{" + BEFORE[1:] + said + b"}")
    except (ValueError, RecursionError):
        return None
    return keep_allowed(None, "", cast(Record, found))
