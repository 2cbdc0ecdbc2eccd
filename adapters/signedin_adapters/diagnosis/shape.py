"""Owns `Shape`: what there is to say of a transition beside its time and number, and the memory of those met before.

A log repeats itself: most of its lines differ in run, number and time alone. So a line's middle is parsed once, and
known again by its bytes.
"""

import json
import re
from dataclasses import dataclass
from typing import cast

from signedin.states import Flag, State
from signedin_adapters.diagnosis.history import History
from signedin_adapters.diagnosis.legality import LEGAL, TRIGGERS
from signedin_adapters.diagnosis.line import TRANSITION, Record, case_of, words
from signedin_adapters.diagnosis.place import NOWHERE, Place
from signedin_adapters.log.lines import WITHHELD, keep_allowed

BEFORE, AFTER = b',"event":"connection.transition",', b',"generation":'
"""Between these stands what makes the shape of a line."""
TIME_LENGTH = len(b"2026-11-23T00:00:00.000000Z")
WINDOW = 128
"""Bytes behind the time by which a shape is known: all but its end, and never as much as the generation."""
SHAPES = 16384
ACCOUNTS = 4096
"""So many are kept; of the accounts beyond nothing is told."""

OWN_CASE = frozenset(
    {
        "CallbackRejected",
        "SignInFailed",
        "SignInCancelled",
        "SignInTimedOut",
        "CodeExchangeFailed",
        "FlagRaised",
    }
)
"""Events whose lines name their own case, and not the one that stands."""

UNSETTLING = frozenset({"ApiUnauthorized", "RetryDue", "RetryRequested"})
"""Events that the machine remembers longer than until the next session."""
_WEIGHTY = frozenset({"SessionCommitted"})
"""Events that say something about other accounts as well."""
_RENEWING = (
    (State.DISCONNECTED, "AccountLoaded"),
    (State.AUTHORIZING, "SessionCommitted"),
    (State.REFRESHING, "TokenRefreshed"),
    (State.REFRESHING, "SessionAdopted"),
    (State.CONNECTED, "SessionReplaced"),
)
_RENEWED = "|".join(
    f'{source.value}","trigger":"{trigger}","to":"{State.CONNECTED.value}","case":null' for source, trigger in _RENEWING
)
_RENEWAL = re.compile(f'"from":"(?:{_RENEWED})'.encode())
_ACCOUNT = re.compile(rb'"account":"(account-[0-9a-f]{16})",')
_STATES = {state.value: state for state in State}
_FLAGS = frozenset(flag.value for flag in Flag)


@dataclass(slots=True, kw_only=True, eq=False)
class Shape:
    """One kind of transition of one account.

    `episode` names what the case belongs to, where the line tells. `renews`: whatever was before, it is known now how
    the machine stands. A plain one leads from `before` to `after`; of others there is more to be said. `rest` is what
    its lines have behind the window.
    """

    history: History
    source: State
    trigger: str
    to: State
    case: str | None
    flags: frozenset[str]
    episode: str | None
    legal: bool
    renews: bool
    before: Place = NOWHERE
    after: Place = NOWHERE
    rest: bytes = b""


ODD = Shape(
    history=History(""),
    source=State.DISCONNECTED,
    trigger="",
    to=State.DISCONNECTED,
    case=None,
    flags=frozenset(),
    episode=None,
    legal=False,
    renews=False,
)
"""Stands for what is no transition as the log writes them."""


class Shapes(dict[bytes, Shape]):
    """Shapes by the bytes between `BEFORE` and `AFTER`; `ODD` for what has to be read as a whole.

    `by_window` knows the plain ones by the first `WINDOW` bytes behind the time: of several, the last one met.

    `histories` are the accounts', by name. With `watched`, no change of state is plain.
    """

    def __init__(self, *, watched: bool = False) -> None:
        super().__init__()
        self.histories: dict[str, History] = {}
        self.by_window: dict[bytes, Shape] = {}
        self._said: dict[bytes, Record] = {}
        self._watched = watched

    def __missing__(self, key: bytes) -> Shape:
        account = _ACCOUNT.match(key)
        if account is None:
            return ODD
        said = key[account.end() :]
        record = self._said.get(said) or _read(said)
        shape = None if record is None else self.of({**record, "account": account[1].decode()})
        return ODD if record is None or shape is None else self._keep(key, said, shape, record)

    def _keep(self, key: bytes, said: bytes, shape: Shape, record: Record) -> Shape:
        if len(self) >= SHAPES:
            self.clear()
            self.by_window.clear()
            self._said.clear()
        shape.rest = _behind_the_time(key)[WINDOW:]
        self[key], self._said[said] = shape, record
        return shape

    def in_line(self, line: bytes) -> Shape:
        """The shape of a whole line."""
        key = line.partition(BEFORE)[2].partition(AFTER)[0]
        shape = self[key]
        if shape.before is not NOWHERE:
            self.by_window[_behind_the_time(key)[:WINDOW]] = shape
        return shape

    def of(self, record: Record) -> Shape | None:
        """The shape of a transition; None where it is none, or speaks of what this version does not know."""
        source, to = _state(record.get("from")), _state(record.get("to"))
        trigger, history = record.get("trigger"), self._history(record.get("account"))
        if record.get("event") != TRANSITION or source is None or to is None or history is None:
            return None
        if not isinstance(trigger, str) or trigger not in TRIGGERS:
            return None
        case, legal = case_of(record), (source, trigger, to) in LEGAL
        seen = self._watched and (source is not to or trigger in OWN_CASE)
        well = case is None and to is State.CONNECTED
        plain = legal and case is None and trigger not in UNSETTLING and trigger not in _WEIGHTY and not seen
        return Shape(
            history=history,
            source=source,
            trigger=trigger,
            to=to,
            case=case,
            flags=frozenset(words(record, "flags")) & _FLAGS,
            episode=_episode(record, trigger),
            legal=legal,
            renews=well and (source, trigger) in _RENEWING,
            before=history.places[source] if plain else NOWHERE,
            after=history.places[to] if plain else NOWHERE,
        )

    def history(self, record: Record) -> History | None:
        """The history of the account that any line names."""
        return self._history(record.get("account"))

    def _history(self, name: object) -> History | None:
        if not isinstance(name, str) or name == WITHHELD:
            return None
        if name not in self.histories and len(self.histories) < ACCOUNTS:
            self.histories[name] = History(name)
        return self.histories.get(name)


def _read(said: bytes) -> Record | None:
    """What a transition says, whichever account's it is."""
    try:
        found: object = json.loads(b"{" + BEFORE[1:] + said + b"}")
    except (ValueError, RecursionError):
        return None
    return keep_allowed(None, "", cast(Record, found))


def renews(line: bytes) -> bool:
    """Whether the line, as the log writes it, tells how the machine stands, whatever was before."""
    return _RENEWAL.search(line) is not None


def _behind_the_time(key: bytes) -> bytes:
    return b'"' + BEFORE + key + AFTER


def _state(word: object) -> State | None:
    return _STATES.get(word) if isinstance(word, str) else None


def _episode(record: Record, trigger: str) -> str | None:
    for name in ("episode", "attempt") if trigger in OWN_CASE else ("episode",):
        found = record.get(name)
        if isinstance(found, str) and found != WITHHELD:
            return found
    return None
