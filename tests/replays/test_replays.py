"""Runs that went wrong at somebody's, kept as `signedin diagnose --fixture` wrote them: they must never end otherwise.

A file's name says what it comes to: `CASE.STATE.jsonl`.
"""

import json
from pathlib import Path

import pytest
from tests.support.replayed import replayed

from signedin_adapters.diagnosis.fixture import fixture
from signedin_adapters.diagnosis.sources import find
from signedin_adapters.doctor.sweep import sweep

FILES = sorted(Path(__file__).parent.glob("*.jsonl"))


def test_there_are_some() -> None:
    """A folder that nobody finds would pass as well."""
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_machine_comes_to_what_its_name_says(path: Path) -> None:
    """Step by step, with the same case, and with nothing in the log that cannot be."""
    case, state, _ = path.name.split(".")
    again = replayed(path)
    assert (again.case, again.state.value) == (case, state)
    assert again.diagnosis.skipped == 0
    assert [(run.illegal, run.cut) for run in again.diagnosis.runs] == [((), ())]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_names_nobody(path: Path) -> None:
    """It is what the command makes of itself, and nothing in it looks like a secret."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert list(fixture(find([str(path)]), json.loads(lines[0])["run"])) == lines
    assert sweep({path.name: path.read_bytes()}) == ()
