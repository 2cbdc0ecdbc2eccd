"""From an error to a test, by what the command itself says: explain, doctor's bundle, diagnose, a fixture of it."""

import re
from pathlib import Path

import pytest
from tests.support.command import Ran, Run
from tests.support.replayed import replayed

from signedin.cases import find
from signedin.states import State
from signedin_adapters.sandbox import Sandbox

MORE = re.compile(r"More: signedin (explain ([a-z0-9-]+))")


def named_by(ran: Ran) -> tuple[list[str], str]:
    """The command that an error names, as words, and the case in it."""
    found = MORE.search(ran.err)
    assert found is not None, ran.err
    return found[1].split(), found[2]


@pytest.mark.parametrize(
    ("fault", "command", "case", "state"),
    [
        ("token-reused", ("refresh",), "refresh-token-reused", State.EXPIRED),
        ("api-not-eligible", ("ask", "Hello"), "plan-not-included", State.CONNECTED),
        ("callback-denied", ("login", "--again"), "user-denied-consent", State.CONNECTED),
    ],
)
def test_a_trouble_becomes_a_test(
    start: Run, eager: Sandbox, tmp_path: Path, fault: str, command: tuple[str, ...], case: str, state: State
) -> None:
    """Each step is what the one before it names; the case stays the same to the end, and the machine agrees."""
    eager.faults.inject(fault)

    went_wrong = start(*command)
    explain, named = named_by(went_wrong)
    assert (went_wrong.code, named) == (find(case).exit_code, case)

    explained = start(*explain)
    assert explained.code == 0
    assert find(case).title in explained.out

    start("doctor", "--bundle", "report.zip")
    told = start("diagnose", "report.zip", "--json").json()
    assert [(each["id"], each["status"]) for each in told["cases"]] == [(case, "active")]

    assert start("diagnose", "report.zip", "--fixture", "fixture.jsonl").code == 0
    again = replayed(tmp_path / "fixture.jsonl")
    assert (again.case, again.state) == (case, state)
    assert not any(run.illegal or run.cut for run in again.diagnosis.runs)
