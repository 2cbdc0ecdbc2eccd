"""What is legal: the set that is looked up and the machine that replays say the same, on every row of the table."""

from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest
from tests.support.explored import explored, taken_row
from tests.support.logged import Logged, changed, written

from signedin import events as ev
from signedin.states import State
from signedin.table import TABLE, Row
from signedin_adapters.diagnosis import diagnose, find
from signedin_adapters.diagnosis.legality import LEGAL

pytestmark = pytest.mark.timeout(300)  # whoever comes first explores the whole machine: half a million steps


@cache
def paths() -> dict[tuple[Row, State], tuple[ev.Event, ...]]:
    """For each row and source that is ever taken, a short series of events that ends with it."""
    machine = explored()
    found = dict[tuple[Row, State], tuple[ev.Event, ...]]()
    for way in machine.ways:
        found.setdefault((taken_row(way), way.source.state), (*machine.paths[way.source.shape()], way.event))
    return found


@pytest.mark.parametrize("row", TABLE, ids=[f"{row.event.__name__}-{number}" for number, row in enumerate(TABLE)])
def test_the_set_and_the_machine_agree(row: Row, tmp_path: Path) -> None:
    """A log in which the row is taken is legal; with any other end, it is illegal for both."""
    taken = {source: path for source in row.sources if (path := paths().get((row, source)))}
    assert taken
    for source, events in taken.items():
        logged = Logged(tmp_path, source.value)
        for event in events:
            logged.take(_drawn(event))
        assert (source, row.event.__name__, logged.state) in LEGAL
        _end_in_trouble(logged)
        assert reasons(tmp_path, logged.lines) == []
        for state in set(State) - {logged.state}:
            legal = (source, row.event.__name__, state) in LEGAL
            found = reasons(tmp_path, _with_another_end(logged.lines, state))
            assert found[:1] == (["not-by-the-machine"] if legal else ["no-such-step"]), state


def _with_another_end(lines: list[bytes], state: State) -> list[bytes]:
    *before, taken, last = lines
    word = state.value
    return [*before, changed(taken, to=word), changed(last, from_=word, to=word)]


def _drawn(event: ev.Event) -> ev.Event:
    """The event with an attempt's id as they are drawn."""
    if not hasattr(event, "attempt_id"):
        return event
    drawn: ev.Event = replace(cast(Any, event), attempt_id=sha256(event.attempt_id.encode()).hexdigest()[:16])
    return drawn


def _end_in_trouble(logged: Logged) -> None:
    """Add a line that names a case, so that the machine replays what came before; it moves nothing anywhere."""
    logged.then(ev.CallbackRejected, attempt_id="0" * 16, case="state-mismatch-stale-tab")


def reasons(directory: Path, lines: list[bytes]) -> list[str]:
    """Why steps of a log are illegal."""
    found = diagnose(find([str(written(directory / "judged.jsonl", lines))]))
    return [illegal.reason for run in found.runs for illegal in run.illegal]


def test_every_row_is_in_the_set() -> None:
    """From each of its sources, to where it leads or, without a destination, to where it was."""
    for row in TABLE:
        for source in row.sources:
            assert (source, row.event.__name__, row.destination or source) in LEGAL


def test_nothing_else_is_in_it() -> None:
    """A step that no row makes: an outcome never leads out of Disconnected."""
    assert (State.DISCONNECTED, "TokenRefreshed", State.CONNECTED) not in LEGAL
