"""A fixture that `signedin diagnose --fixture` made, taken once more by the machine, line by line."""

import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signedin import machine
from signedin.context import Context
from signedin.errors import UnexpectedEvent
from signedin.states import State
from signedin_adapters.diagnosis import Diagnosis, diagnose, find
from signedin_adapters.diagnosis.inputs import event_of, flags_of, moment
from signedin_adapters.diagnosis.line import TRANSITION

EARLY = (0.0, 1e-6)
"""Seconds; a log's times are rounded, so that an event may seem too early."""

Standing = tuple[State, Context]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """`state` is where the machine leaves the account of the newest `case` that the lines name."""

    case: str
    state: State
    diagnosis: Diagnosis


def replayed(path: Path) -> Replayed:
    """Replay a run. Fails at the first line to which the machine does not come."""
    standing: defaultdict[str | None, Standing] = defaultdict(lambda: (State.DISCONNECTED, Context()))
    for text in path.read_text(encoding="utf-8").splitlines():
        line: dict[str, Any] = json.loads(text)
        if line["event"] == TRANSITION:
            standing[line["account"]] = _taken(*standing[line["account"]], line)
    diagnosis = diagnose(find([str(path)]))
    newest = diagnosis.cases[0]
    return Replayed(case=newest.id, state=standing[newest.account][0], diagnosis=diagnosis)


def _taken(state: State, context: Context, line: dict[str, Any]) -> Standing:
    assert line["from"] == state.value, line
    told = line["to"], line["generation"], flags_of(line)
    for early in EARLY:
        with suppress(UnexpectedEvent):
            step = machine.step(state, context, event_of(line, moment(line) + early))
            if (step.state.value, step.context.generation, step.context.flags) == told:
                return step.state, step.context
    raise AssertionError(f"the machine does not come to this: {line}")
