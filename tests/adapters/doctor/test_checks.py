"""What every check keeps to: a trouble names a case of the catalogue, or else says itself what to do."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from signedin.cases import CASES
from signedin_adapters import doctor
from signedin_adapters.doctor import CHECKS
from signedin_adapters.doctor.check import timeout

SOURCES = sorted(Path(doctor.__file__).parent.glob("*.py"))
OWN = {"not-signed-in"}
"""Ids of the command line, which need no explaining."""
ASKS_NOTHING = {
    "state.current",
    "config.file",
    "plan.enabled",
    "usage.paused",
    "store.home",
    "store.schema",
    "credential.access_expiry",
    "credential.refresh_age",
    "credential.source_shadowing",
    "credential.host_match",
    "browser.opener",
}
"""What was read before, or never waits: there is nothing that could be silent. `store.home` names its case itself."""
OWN_LIMIT = {"history.last_failure"}
"""Its log may just be long: no case."""


def troubles() -> Iterator[tuple[str, dict[str, ast.expr]]]:
    """Every place at which a check finds a trouble, with what it says of it."""
    for path in SOURCES:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("warning", "fail"):
                yield f"{path.name}:{call.lineno}", {word.arg: word.value for word in call.keywords if word.arg}


@pytest.mark.parametrize(("place", "said"), [pytest.param(*each, id=each[0]) for each in troubles()])
def test_a_trouble_names_its_case_or_says_what_to_do(place: str, said: dict[str, ast.expr]) -> None:
    """And a case that is spelled out there is one."""
    assert said.keys() & {"case", "action"}
    named = said.get("case")
    if isinstance(named, ast.Constant):
        assert named.value in CASES.keys() | OWN


def test_there_is_something_to_look_at() -> None:
    """The test above finds the troubles."""
    assert len(list(troubles())) > 20


def test_giving_no_answer_is_a_case_too() -> None:
    """For every check that asks something which could be silent."""
    without = {check.id for check in CHECKS if check.silence is None}
    assert without == ASKS_NOTHING | OWN_LIMIT
    assert {check.silence for check in CHECKS if check.silence is not None} <= CASES.keys()


def test_no_answer_without_a_case_says_what_to_do() -> None:
    """Nobody is left with a number of seconds."""
    assert timeout(6).action
    assert timeout(6, case="dns-failure").action is None


def test_causes_are_checks() -> None:
    """And stand in the list, though not always before what follows from them."""
    ids = {check.id for check in CHECKS}
    assert {cause for check in CHECKS for cause in check.after} <= ids
