"""The states of the page, each played out on a stage of its own: what is checked, and what is shown in the docs."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

from tests.support.chromium import Chromium
from tests.support.page import served
from tests.support.web_stage import BEGIN, WebStage, staged
from tests.support.web_tab import WebTab

from signedin.testing import FakeClock
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.web.board import create_board


@dataclass(frozen=True, slots=True, kw_only=True)
class Theatre:
    """Where scenes are played; `until` holds what a scene needs for as long as it is looked at.

    `clock` is the sandbox's. `begin` is called with each tab before it is opened.
    """

    sandbox: Sandbox
    clock: FakeClock
    chromium: Chromium
    home: str
    until: ExitStack
    begin: Callable[[WebTab], object] = lambda _: None
    _homes: Iterator[int] = field(default_factory=count)

    def stage(self, provider: str = "sandbox") -> WebStage:
        """A stage of its own."""
        home = os.path.join(self.home, str(next(self._homes)))
        return self.until.enter_context(staged(self.sandbox, home, provider=provider))

    def tab(self, address: str) -> WebTab:
        """The page, open."""
        tab = self.chromium.web_tab(timezone_id="UTC", locale="en-GB", reduced_motion="reduce")
        self.begin(tab)
        return tab.open(address)

    def signed_out(self) -> tuple[WebStage, WebTab]:
        """Nobody has signed in."""
        stage = self.stage()
        tab = self.tab(stage.address)
        tab.sees("#entry-continue")
        return stage, tab

    def signed_in(self, *, allow_plan: bool = True, notice: bool = False) -> tuple[WebStage, WebTab]:
        """Ada has signed in, and everything is fetched that the page shows by itself."""
        stage = self.stage()
        stage.sign_in(allow_plan=allow_plan)
        if not notice:
            stage.connection.acknowledge_notice()
        tab = self.tab(stage.address)
        tab.sees("#account-pill", "Connected")
        tab.counts(".bone:visible", 0)
        return stage, tab


def door(theatre: Theatre) -> WebTab:
    """Without the address that lets in."""
    tab = theatre.tab(f"http://127.0.0.1:{theatre.stage().port}/")
    tab.sees("#door")
    return tab


def signed_out(theatre: Theatre) -> WebTab:
    """Nobody has ever signed in."""
    return theatre.signed_out()[1]


def ways(theatre: Theatre) -> WebTab:
    """Every provider and way."""
    tab = signed_out(theatre)
    tab.press("Another provider")
    tab.sees("#ways")
    return tab


def api_key(theatre: Theatre) -> WebTab:
    """A key is asked for."""
    tab = signed_out(theatre)
    tab.press("API key")
    tab.sees("#ways-key-field")
    return tab


def sign_in(theatre: Theatre) -> WebTab:
    """The window is open."""
    tab = signed_out(theatre)
    tab.press_for_window(BEGIN).sees("h1")
    tab.sees("#attempt-says", "window of its own")
    return tab


def popup_blocked(theatre: Theatre) -> WebTab:
    """The window was blocked, and the last address is about to be pasted."""
    tab = signed_out(theatre)
    tab.ask("() => { window.open = () => null }")
    tab.press(BEGIN)
    tab.sees("#attempt-blocked")
    tab.click("#attempt-elsewhere summary")
    tab.press("Use this address")
    tab.sees("#attempt-paste-error")
    return tab


def device(theatre: Theatre) -> WebTab:
    """A code to type on another device."""
    tab = signed_out(theatre)
    tab.press("Another provider")
    tab.pick_value("sandbox-native")
    tab.press("Use a code on another device")
    tab.sees("#attempt-digits")
    return tab


def connected(theatre: Theatre) -> WebTab:
    """Signed in, a prompt answered."""
    tab = theatre.signed_in()[1]
    tab.type("Your prompt", "Say hello in one line.")
    tab.press("Ask")
    tab.sees("#ask-says", "Answered by")
    return tab


def notice(theatre: Theatre) -> WebTab:
    """Just signed in with the plan, for the first time."""
    tab = theatre.signed_in(notice=True)[1]
    tab.sees("#notice")
    return tab


def plan_off(theatre: Theatre) -> WebTab:
    """Signed in, but not allowed to use the plan."""
    tab = theatre.signed_in(allow_plan=False)[1]
    tab.sees("#plan-pill", "Off")
    return tab


def usage(theatre: Theatre) -> WebTab:
    """The codex way, where the provider tells what is used."""
    stage = theatre.stage("sandbox-codex")
    stage.sign_in()
    stage.connection.acknowledge_notice()
    tab = theatre.tab(stage.address)
    tab.sees("#plan-windows", "42 % used")
    return tab


def limit(theatre: Theatre) -> WebTab:
    """The plan's limit is reached."""
    stage, tab = theatre.signed_in()
    stage.arm("api-429-limit@always")
    tab.type("Your prompt", "Say hello in one line.")
    tab.press("Ask")
    tab.sees("#problem h2")
    tab.sees("#account-flags")
    return tab


def refreshing(theatre: Theatre) -> WebTab:
    """The provider has not answered yet."""
    stage, tab = theatre.signed_in()
    held = theatre.until.enter_context(stage.refresh_held())
    tab.press("Renew now")
    held.wait_for_arrival()
    tab.sees("#account-pill", "Refreshing")
    return tab


def expired(theatre: Theatre) -> WebTab:
    """A refresh token was spent twice: the session is over."""
    stage, tab = theatre.signed_in()
    stage.arm("token-reused")
    tab.press("Renew now")
    tab.sees("#account-pill", "Expired")
    tab.sees("#problem h2")
    return tab


def error(theatre: Theatre) -> WebTab:
    """An outage outlasts the token."""
    theatre.sandbox.access_ttl = 120
    stage, tab = theatre.signed_in()
    stage.arm("token-503@always")
    theatre.clock.advance(121)
    tab.press("Renew now")
    tab.sees("#account-pill", "Error")
    tab.sees("#problem h2")
    return tab


def refused(theatre: Theatre) -> WebTab:
    """The consent was declined."""
    stage, tab = theatre.signed_out()
    stage.arm("callback-denied")
    window = tab.press_for_window(BEGIN)
    window.choose("Ada Lovelace")
    window.press("Allow")
    tab.sees("#problem h2")
    return tab


def leave(theatre: Theatre) -> WebTab:
    """The question before signing out."""
    tab = theatre.signed_in()[1]
    tab.press("Sign out", within="#account")
    tab.sees("#leave")
    return tab


def accounts(theatre: Theatre) -> WebTab:
    """Two accounts, and a third about to be added."""
    tab = theatre.signed_in()[1]
    tab.press("Add another account")
    tab.type("What it is called here (may stay empty)", "work")
    tab.press_for_window(BEGIN, within="#ways").choose("Grace Hopper")
    tab.sees("#attempt")
    return tab


def history(theatre: Theatre) -> WebTab:
    """The steps of one way alone."""
    tab = theatre.signed_in()[1]
    tab.press("Renew now")
    tab.sees("#history", "The token was renewed")
    tab.click("#way-refreshing-connected text")
    tab.sees("#history-filter")
    return tab


def away(theatre: Theatre) -> WebTab:
    """The server was ended."""
    stage = theatre.stage()
    stage.sign_in()
    stage.connection.acknowledge_notice()
    with served(stage.page) as port:
        tab = theatre.tab(stage.page.address(f"http://127.0.0.1:{port}"))
        tab.sees("#account-pill", "Connected")
        tab.counts(".bone:visible", 0)
    tab.sees("#away")
    return tab


def board(theatre: Theatre) -> WebTab:
    """The fault board, on which a case was played."""
    app = create_board(again="Run `signedin demo --web` again.")
    port = theatre.until.enter_context(served(app))
    tab = theatre.tab(app.address(f"http://127.0.0.1:{port}"))
    tab.sees("#cases [data-case=refresh-token-reused]")
    tab.click("#cases [data-case=refresh-token-reused]")
    tab.sees("#verdict-judged")
    return tab


Scene = Callable[[Theatre], WebTab]

SCENES: dict[str, Scene] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        door, signed_out, ways, api_key, sign_in, popup_blocked, device, connected, notice, plan_off, usage, limit,
        refreshing, expired, error, refused, leave, accounts, history, away, board,
    )
}  # fmt: skip
"""By the name that a picture has."""
