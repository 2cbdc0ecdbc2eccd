"""What has to be typed to sign in to what a call is about, word by word."""

from pathlib import Path
from typing import Any

import pytest

from signedin_adapters.cli.program import Program
from signedin_adapters.cli.target import Target

WORK = {"provider": "acme", "account": "at work"}
NAMED = {"provider": "acme", "is_named": True}
CHOSEN = {"provider": "acme"}
KEYS = {"provider": "keys", "takes_key": True}


@pytest.mark.parametrize(
    ("about", "text", "typed"),
    [
        (CHOSEN, "{login}", "login"),
        (NAMED, "{login}", "login --provider acme"),
        (NAMED, "{login} --replace", "login --provider acme --replace"),
        (WORK, "{login} --again", "login --account 'at work' --again"),
        (WORK, "{login} --new", "login --provider acme --new"),
        (KEYS, "{login}", "login --provider keys --api-key"),
        (KEYS, "{login} --api-key --again", "login --provider keys --api-key --again"),
        (CHOSEN | {"flags": ("--device",)}, "{login}", "login --device"),
        (CHOSEN | {"flags": ("--device",)}, "{login} --device", "login --device"),
        (CHOSEN | {"flags": ("--device",)}, "{login} --no-browser", "login --no-browser"),
        (CHOSEN | {"flags": ("--device",)}, "{login} --enable-plan", "login --enable-plan"),
        (CHOSEN | {"flags": ("--again",)}, "{login} --new", "login --new"),
        (CHOSEN | {"flags": ("--new",), "label": "work"}, "{login}", "login --new --label work"),
        (CHOSEN | {"flags": ("--new",), "label": "work"}, "{login} --new --label LABEL", "login --new --label LABEL"),
        (CHOSEN | {"flags": ("--new",), "label": "work"}, "{login} --replace", "login --replace"),
        (WORK, "{models}", "models --account 'at work'"),
        (NAMED, "{refresh}", "refresh --provider acme"),
        (WORK, "{accounts}", "accounts"),
    ],
)
def test_a_text_names_what_the_call_is_about(about: dict[str, Any], text: str, typed: str, tmp_path: Path) -> None:
    """What a text asks for comes first; what was typed stands where it does not contradict that."""
    program = Program(prog="acme", home=str(tmp_path))
    program.target = Target(home=program.home, **about)
    assert program.remedy(f"Run {text}.") == f"Run acme {typed}."
