"""The board as a browser has it: the list, a play as it happens, and who is let in."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.page import Browser, served, wait_until

from signedin.cases import CASES
from signedin_adapters.web.board import Board, create_board
from signedin_adapters.web.gate import POLICY


@pytest.fixture
def board() -> Board:
    """A board that nobody has opened."""
    return create_board(again="Open it again.")


@pytest.fixture
def stranger(board: Board) -> Iterator[Browser]:
    """A browser that nobody let in."""
    with served(board) as port, Browser(f"http://127.0.0.1:{port}") as browser:
        yield browser


@pytest.fixture
def browser(board: Board, stranger: Browser) -> Browser:
    """A browser that was let in."""
    return stranger.come_in(board)


def test_every_case_is_listed_under_its_heading(browser: Browser) -> None:
    """In the catalogue's order."""
    headings = browser.get("/cases").json()["headings"]
    assert [case["id"] for heading in headings for case in heading["cases"]] == list(CASES)
    assert headings[0]["heading"] == "Authentication failed"


def test_a_play_is_told_as_it_happens(browser: Browser) -> None:
    """What was done, asked, written and taken, and at the end what it came to."""
    with browser.lines("/play", case="refresh-token-reused") as lines:
        told = list(lines)
    assert {happening["kind"] for happening in told} == {
        "step", "request", "line", "transition", "refusal", "verdict",
    }  # fmt: skip
    assert told[0] == {"kind": "step", "words": "Ada signs in with the browser."}
    assert (told[-1]["kind"], told[-1]["exact"]) == ("verdict", True)
    steps = [happening for happening in told if happening["kind"] == "transition"]
    assert (steps[-1]["way"], steps[-1]["case"]) == ("way-refreshing-expired", "refresh-token-reused")


def test_who_leaves_ends_the_play(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it made is removed, and the next one has its turn at once."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with browser.lines("/play", case="identity-unverified") as lines:
        next(lines)
        assert os.listdir(tmp_path) != []
    wait_until(lambda: os.listdir(tmp_path) == [])
    with browser.lines("/play", case="keyring-locked") as lines:
        assert list(lines)[-1]["exact"]


def test_a_case_that_is_not_there(browser: Browser) -> None:
    """It is said so."""
    assert browser.post("/play", case="no-such-case").status_code == 400


def test_strangers_see_the_page_and_nothing_else(stranger: Browser) -> None:
    """The same gate and door as the account's page."""
    answer = stranger.get("/")
    assert (answer.status_code, answer.headers["content-security-policy"]) == (200, POLICY)
    assert stranger.get("/cases").status_code == 403
    assert stranger.post("/play", case="keyring-locked").status_code == 403
    assert stranger.get("/", host="board.example").status_code == 421


def test_the_page_loads_its_own_files_alone(stranger: Browser) -> None:
    """Each is there, and nothing is written into the page itself."""
    page = stranger.get("/").text
    assert "<style" not in page
    assert "style=" not in page
    assert "{{" not in page
    for name in ("board.css", "board.js", "verdict.js", "diagram.css", "diagram.js", "page.css", "timeline.js"):
        assert stranger.get(f"/static/{name}").status_code == 200


def test_the_account_is_no_part_of_it(browser: Browser) -> None:
    """There is no connection of the user's behind the board."""
    for path in ("/state", "/events", "/models"):
        assert browser.get(path).status_code == 404
