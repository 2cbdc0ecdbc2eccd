"""Owns what is believed of a line: fields of the log's own table alone, in the shapes that the log itself would write.

A log may come from anywhere. Nothing that is read here is passed on as it stands but numbers, times and words of closed
sets; names that were drawn are checked for the shape that ours have.
"""

import json
import re
from typing import cast

from signedin.cases import CASES
from signedin_adapters.log.lines import FIELDS, SCHEMA, WITHHELD, keep_allowed

Record = dict[str, object]
"""One line, by the names of its fields."""

TRANSITION = "connection.transition"
STARTED = "run.started"
UNKNOWN_CASE = "unclassified"

PREFIX_LENGTH = len(b'{"schema":1,"run":"0123456789abcdef"')
_PREFIX = re.compile(rb'\{"schema":%d,"run":"[0-9a-f]{16}"' % SCHEMA)
_RUN = re.compile(r"[0-9a-f]{16}")
_AT = re.compile(rb'"at": ?"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)"')
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_REQUEST_ID = re.compile(r"(?:req|resp)?[_-]?[0-9a-f]{8,32}(?:-[A-Z]{3})?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The usual spellings: the log takes any word for one, and a stranger's log may hold anything in its place."""


def parse(line: bytes) -> Record | None:
    """The line's fields; None for what is no JSON, not ours, or of a newer schema."""
    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    kept = keep_allowed(None, "", {name: value for name, value in cast(Record, found).items() if name in FIELDS})
    return kept if _is_ours(kept) else None


def _is_ours(record: Record) -> bool:
    schema, seq, run, at = (record.get(name) for name in ("schema", "seq", "run", "at"))
    if type(schema) is not int or schema != SCHEMA or type(seq) is not int or seq < 0:
        return False
    if not (isinstance(run, str) and _RUN.fullmatch(run) and isinstance(at, str) and _TIME.fullmatch(at)):
        return False
    event = record.get("event")
    return isinstance(event, str) and event != WITHHELD


def prefix(record: Record) -> bytes:
    """How a line of the record's run begins where the log itself wrote it."""
    return f'{{"schema":{SCHEMA},"run":"{record["run"]}"'.encode()


def is_prefix(start: bytes) -> bool:
    """Whether a line that begins so is one that the log itself wrote."""
    return _PREFIX.fullmatch(start) is not None


def run_of(start: bytes) -> str:
    """The run's id in the beginning of its lines."""
    return start[-17:-1].decode()


def at_of(line: bytes) -> str:
    """When it was, RFC 3339 in UTC; empty where the line does not say."""
    found = _AT.search(line)
    return "" if found is None else found[1].decode()


def case_of(record: Record) -> str | None:
    """The case that the line names, by an id of our catalogue: what it does not know may be anything."""
    case = record.get("case")
    return None if case is None else case if isinstance(case, str) and case in CASES else UNKNOWN_CASE


def request_id_of(record: Record) -> str | None:
    """The server's own name for the exchange, where it is spelled as servers do."""
    found = record.get("request_id")
    return found if isinstance(found, str) and _REQUEST_ID.fullmatch(found) else None


def words(record: Record, name: str) -> tuple[str, ...]:
    """A field that is a list of words; empty where it is not there."""
    found = record.get(name)
    items = cast(list[object], found) if isinstance(found, list) else []
    return tuple(item for item in items if isinstance(item, str) and item != WITHHELD)
