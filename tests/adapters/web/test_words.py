"""The words that the page's own files hold, beside those that the rest of the project has them for."""

import re
from enum import Enum
from pathlib import Path

import pytest

from signedin import events
from signedin.cases import CASES
from signedin.states import Category, Flag, State
from signedin_adapters.web.page_routes import STATIC
from signedin_adapters.web.view import _PRESSED, BUTTONS

HTML, WORDS, PAGE = (Path(STATIC, name).read_text(encoding="utf-8") for name in ("page.html", "words.js", "page.js"))
ELSEWHERE = ("Sign in", "Try again", "Choose another model")
"""What stands on a case's own button alone."""
UNSAID = {Flag.PLAN_ENABLED.value}
"""What is no trouble, and has a card of its own."""


def keys(name: str, source: str = WORDS) -> set[str]:
    """The keys of a table in a module."""
    (table,) = re.findall(rf"const {name} = {{(.*?)\n}};", source, re.DOTALL)
    return set(re.findall(r"^  (\w+):", table, re.MULTILINE))


def values(words: type[Enum]) -> set[str]:
    return {each.value for each in words}


def test_every_word_of_the_core_has_one_of_the_page() -> None:
    """States, flags, categories; none is left that is gone in the core."""
    assert keys("STATES") == values(State)
    assert keys("FLAGS") == values(Flag) - UNSAID
    assert keys("SHORT_FLAGS") == values(Flag)
    assert keys("CATEGORIES") == values(Category)


def test_every_step_has_words() -> None:
    """Whatever the history can tell."""
    assert keys("STEPS") == {
        name for name, each in vars(events).items() if isinstance(each, type) and hasattr(each, "at")
    }


def test_every_button_of_a_case_does_something() -> None:
    """And only actions that cases have are named; a link needs no script."""
    assert keys("ACTIONS", PAGE) | {"open_url"} == set(BUTTONS)
    assert set(BUTTONS) <= {case.action for case in CASES.values()}


@pytest.mark.parametrize("words", sorted({*BUTTONS.values(), *_PRESSED.values()} - {*ELSEWHERE}))
def test_what_a_remedy_sends_to_is_on_the_page(words: str) -> None:
    """Under the very same words."""
    assert f">{words}<" in HTML
