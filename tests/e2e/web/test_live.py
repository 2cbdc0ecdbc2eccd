"""What happens, live: every state lit, the history filtered, a server that stops and comes back, every width."""

from collections.abc import Callable
from contextlib import ExitStack

import anyio
import pytest
from tests.support.chromium import Chromium
from tests.support.page import served
from tests.support.web_scenes import SCENES, Theatre
from tests.support.web_stage import WebStage, staged
from tests.support.web_tab import WebTab

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.web import create_app
from signedin_adapters.web.sessions import AT_MOST

WIDTHS = (360, 768, 1440)
OVERFLOW = """() => [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility()
  && each.getBoundingClientRect().right > innerWidth + 1
  && !each.closest(".unseen, svg, .skip")).map((each) => each.outerHTML)"""
"""What sticks out of the window on the right; the words in the picture have its own measure."""


@pytest.mark.parametrize(
    ("scene", "state"),
    {
        "signed-out": "disconnected",
        "sign-in": "authorizing",
        "connected": "connected",
        "refreshing": "refreshing",
        "expired": "expired",
        "error": "error",
    }.items(),
)
def test_each_state_is_lit(theatre: Theatre, scene: str, state: str) -> None:
    """One box, and the card says the same."""
    tab = SCENES[scene](theatre)
    tab.sees(f"#state-{state}.current[aria-current=true]")
    tab.counts("#diagram .state.current", 1)
    tab.sees(f"#account-pill[data-state={state}]")


def renewed(tab: WebTab) -> None:
    tab.press("Renew now")
    tab.sees("#history", "The token was renewed")


def test_the_last_way_is_run_along(signed_in: WebTab) -> None:
    """Once; who asked for less motion sees it lit, and nothing moves."""
    renewed(signed_in)
    signed_in.sees("#way-refreshing-connected.current.taken")
    signed_in.until("() => document.getAnimations().length === 0")
    signed_in.prefer("light")
    renewed(signed_in)
    signed_in.sees("#way-refreshing-connected.current")
    assert signed_in.ask("() => document.getAnimations().length") == 0


def by_click(tab: WebTab) -> None:
    tab.click("#way-refreshing-connected text")


def by_keyboard(tab: WebTab) -> None:
    tab.tab_to("Refreshing to Connected: refreshed")
    tab.keys("Enter")


@pytest.mark.parametrize("pick", [by_click, by_keyboard])
def test_an_arrow_filters_the_history(signed_in: WebTab, pick: Callable[[WebTab], None]) -> None:
    """To when that way was taken; "Show all" brings the rest back."""
    renewed(signed_in)
    signed_in.sees("#history", "Renewal was asked for")
    pick(signed_in)
    signed_in.sees("#history-filter-says", "Only Refreshing to Connected: refreshed")
    signed_in.sees("#way-refreshing-connected[aria-pressed=true]")
    signed_in.sees("#history", "The token was renewed")
    assert "Renewal was asked for" not in signed_in.text("#history")
    signed_in.press("Show all")
    signed_in.misses("#history-filter")
    signed_in.sees("#history", "Renewal was asked for")
    signed_in.sees("#way-refreshing-connected[aria-pressed=false]")


def test_a_way_that_was_never_taken_says_so(signed_in: WebTab) -> None:
    """Instead of an empty list."""
    signed_in.click("#way-error-refreshing text")
    signed_in.sees("#history-empty", "This way was not taken")


def test_a_server_that_stops_and_comes_back(sandbox: Sandbox, web_home: str, web_tab: WebTab) -> None:
    """The page says that it is closed, refuses what is pressed, and catches up by itself."""
    with staged(sandbox, web_home) as stage:
        stage.sign_in()
        with ExitStack() as server:
            port = server.enter_context(served(stage.page))
            web_tab.open(stage.page.address(f"http://127.0.0.1:{port}")).sees("#link-says", "Live")
            server.close()
        web_tab.sees("#link-says", "Server closed")
        web_tab.sees("#away-title", "The page has lost its server")
        web_tab.sees("#account-title", "ada@example.com")
        web_tab.press("Renew now")
        web_tab.sees("#refusal", "The page's server does not answer")
        anyio.run(stage.connection.sign_out)
        with served(stage.page, port):
            web_tab.sees("#link-says", "Live")
            web_tab.misses("#away")
            web_tab.sees("#account-pill", "Disconnected")
            web_tab.sees("#history", "Sign-out began")


def test_a_server_that_was_started_anew_asks_for_its_address(stage: WebStage, web_home: str, web_tab: WebTab) -> None:
    """What was let in by another server is let in no more; the page says how it is opened."""
    with ExitStack() as server:
        port = server.enter_context(served(stage.page))
        web_tab.open(stage.page.address(f"http://127.0.0.1:{port}")).sees("#link-says", "Live")
        server.close()
    with served(create_app(stage.connection, home=web_home, store="file"), port):
        web_tab.sees("#door", "This page has ended")
        web_tab.misses("#account")
        web_tab.misses("#foot")


def test_a_session_that_ended_says_so_and_how_to_come_in_again(signed_in: WebTab, stage: WebStage) -> None:
    """It is no server that was lost; a new address lets the same tab in again."""
    sessions = stage.page._sessions
    for _ in range(AT_MOST):
        sessions.admit(sessions.invite())
    signed_in.sees("#door", "This page has ended")
    signed_in.sees("#door", "Run signedin web again")
    signed_in.misses("#account")
    signed_in.misses("#away")
    assert "lost its server" not in signed_in.ask("() => document.getElementById('warned').textContent")
    signed_in.open(stage.address).sees("#link-says", "Live")
    signed_in.sees("#account-pill", "Connected")


def test_an_address_works_once(stage: WebStage, web_tab: WebTab, chromium: Chromium) -> None:
    """The secret leaves the address bar at once; whoever finds it later is not let in."""
    address = stage.address
    web_tab.open(address).sees("#link-says", "Live")
    assert "#" not in web_tab.url
    chromium.web_tab().open(address).sees("#door", "This address was used already")


def test_a_stranger_is_not_let_in(stage: WebStage, web_tab: WebTab) -> None:
    """Nothing of the account is told without the address."""
    stage.sign_in()
    web_tab.open(f"http://127.0.0.1:{stage.port}/").sees("#door", "Run signedin web again")
    assert "ada@example.com" not in web_tab.ask("() => document.documentElement.outerHTML")


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_is_wider_than_its_window(theatre: Theatre, scene: str) -> None:
    """From the smallest phone to a desk, in each state, nothing scrolls sideways."""
    tab = SCENES[scene](theatre)
    for width in WIDTHS:
        tab.resize(width)
        assert tab.ask("() => document.documentElement.scrollWidth") <= width
        assert tab.ask(OVERFLOW) == []
