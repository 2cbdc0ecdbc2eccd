"""What the page says: the catalogue's own words, with the page's buttons where it has one."""

import re

import pytest

from signedin.cases import CASES, Case
from signedin_adapters.cli.command_table import COMMANDS
from signedin_adapters.web.view import BUTTONS, said, told


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("Run {login}.", "Press “Sign in”."),
        ("If not, run {login} again.", "If not, press “Sign in” again."),
        ("Run {login} --enable-plan.", "Press “Turn plan use on”."),
        ("{login} --device needs none.", "signedin login --device needs none."),
        ("Run {doctor} --online.", "Run signedin doctor --online."),
        ("{status} says more.", "this page says more."),
        ("Run {status}: it says more.", "Look at this page: it says more."),
        ("Run {status} --verify.", "Run signedin status --verify."),
        ("{models} lists them.", "“Models” lists them."),
    ],
)
def test_commands_become_buttons(text: str, here: str) -> None:
    """Where the page has one; else they stay commands."""
    assert said(text) == here


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.id)
def test_every_case_can_be_told(case: Case) -> None:
    """No place is left to fill, and only commands that there are are named."""
    found = told(case)
    assert found is not None
    for text in (found["title"], found["meaning"], found["remedy"]):
        assert not re.search(r"[{}]", text)
        assert set(re.findall(r"signedin ([a-z]+)", text)) <= {*COMMANDS}
    assert found["button"] == BUTTONS.get(case.action)


def test_no_case_is_nothing() -> None:
    """Where all is well there is nothing to tell."""
    assert told(None) is None
