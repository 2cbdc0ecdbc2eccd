"""Owns making a fixture of a run: what its lines say, with every name exchanged and nothing kept that is not needed.

A fixture is published. So each field has to be on the log's own list, in the log's own shape, and is then kept only if
it is a number, a time, a word of a closed set, or a name that was exchanged here.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from signedin.classify.place import MARKED
from signedin.states import Flag, State
from signedin_adapters.diagnosis.blocks import Blocks
from signedin_adapters.diagnosis.legality import TRIGGERS
from signedin_adapters.diagnosis.line import STARTED, TRANSITION, Record, case_of, parse, words
from signedin_adapters.diagnosis.sources import Source
from signedin_adapters.log.lines import FIELDS

BESIDE = "beside.machine"
"""What every other event is called: its name may be anybody's."""

_STATES = frozenset(state.value for state in State)
_CLOSED: dict[str, frozenset[str]] = {
    "from": _STATES,
    "to": _STATES,
    "health": _STATES,
    "trigger": TRIGGERS,
    "flag": frozenset(flag.value for flag in Flag),
    "store": frozenset({"file", "keyring", "memory", "none"}),
}
_NUMBERS = frozenset(name for name, shape in FIELDS.items() if shape is None) - {"pid", "port"}
_NAMED = ("run", "account", "attempt", "episode")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){1,2}")


@dataclass(slots=True)
class Names:
    """Names for names, numbered as they come: the same for the same."""

    _given: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def of(self, kind: str, name: object) -> str:
        """The new name of one that was drawn."""
        key = kind, str(name)
        count = sum(known == kind for known, _ in self._given)
        number = self._given.setdefault(key, count + 1)
        return f"account-{number:016x}" if kind == "account" else f"{number:016x}"


def fixture(sources: Sequence[Source], run: str) -> Iterator[str]:
    """The lines of this run, as they may be published."""
    names = Names()
    lines = (line for source in sources for block in Blocks(source) for line in block)
    for line in _lines_of(run, lines):
        yield json.dumps(_published(line, names), separators=(",", ":"))


def _lines_of(run: str, lines: Iterable[bytes]) -> Iterator[Record]:
    """In their order, each once."""
    following, marker = 0, run.encode()
    for line in lines:
        if marker in line and (record := parse(line)) is not None and record["run"] == run:
            seq = int(str(record["seq"]))
            if seq >= following:
                following = seq + 1
                yield record


def _published(record: Record, names: Names) -> Record:
    kept = {name: value for name in record if (value := _value(name, record, names)) is not None or name in _NULL}
    return {name: kept[name] for name in FIELDS if name in kept}


_NULL = frozenset({"case", "session", "health", "since", "retry_at", "retry_after", *_NUMBERS})
"""Where null says something."""


def _value(name: str, record: Record, names: Names) -> object:
    """What is published of a field; None for nothing."""
    value = record[name]
    if name == "event":
        return value if value in (TRANSITION, STARTED) else BESIDE
    if name in _NAMED:
        return names.of(name, value)
    if name in ("case", "timeout_case"):
        return case_of({"case": value})
    if name == "flags":
        return [word for word in words(record, name) if word in _CLOSED["flag"]]
    if name == "markers":
        return [word for word in words(record, name) if word in MARKED]
    if name in _CLOSED:
        return value if value in _CLOSED[name] else None
    if name in ("version", "python"):
        return value if isinstance(value, str) and _VERSION.fullmatch(value) else None
    if name in _NUMBERS:
        return value if isinstance(value, bool | int | float) else None
    return value if name == "at" else None
