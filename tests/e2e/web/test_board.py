"""The fault board: a case is found, played, lit and diagnosed, and every part of it can be reached by the keyboard."""

from collections.abc import Iterator

import pytest
from tests.support.page import served
from tests.support.web_tab import WebTab

from signedin.cases import CASES
from signedin_adapters.web.board import create_board


@pytest.fixture
def board(web_tab: WebTab, web_home: str) -> Iterator[WebTab]:
    """The board, open."""
    app = create_board(again="Run `signedin demo --web` again.")
    with served(app) as port:
        web_tab.open(app.address(f"http://127.0.0.1:{port}"))
        web_tab.counts("#cases [data-case]", len(CASES))
        yield web_tab


def test_a_case_is_played_lit_and_diagnosed(board: WebTab) -> None:
    """The request, the line, the way in the picture, the remedy, and what `diagnose` makes of it."""
    board.type("Search", "refresh-token-reused")
    board.counts("#cases [data-case]", 1)
    board.click("#cases [data-case=refresh-token-reused]")
    board.sees("#verdict-judged.exact")
    board.sees("#verdict-id", "refresh-token-reused")
    board.sees("#requests", "400")
    board.sees("#lines .names", "refresh-token-reused")
    board.sees("#state-expired.current")
    board.sees("#way-refreshing-expired.current")
    board.sees("#verdict-facts", "Exit code")
    board.sees("#history .case", "refresh-token-reused")


def test_the_next_case_takes_the_stage(board: WebTab) -> None:
    """Nothing of the one before is left."""
    board.click("#cases [data-case=refresh-token-reused]")
    board.sees("#verdict-judged.exact")
    board.click("#cases [data-case=provider-outage]")
    board.sees("#verdict-id", "provider-outage")
    board.sees("#verdict-judged.exact")
    assert "refresh-token-reused" not in board.text("#lines-box")


def test_the_keyboard_alone_plays_a_case(board: WebTab) -> None:
    """Search, Tab, Enter."""
    board.tab_to("All cases")
    board.type("Search", "user-denied-consent")
    board.counts("#cases [data-case]", 1)
    board.tab_to("user-denied-consent")
    board.keys("Enter")
    board.sees("#verdict-id", "user-denied-consent")
    board.sees("#verdict-judged.exact")
