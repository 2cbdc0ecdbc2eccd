"""Signing in from the page: a window in the click, its consent page, and each way where that window does not come."""

import re

import anyio
import pytest
from tests.support.chromium import Chromium
from tests.support.web_stage import BEGIN, WebStage, staged
from tests.support.web_tab import WebTab

from signedin_adapters.providers import SANDBOXES
from signedin_adapters.providers.codex import CODEX
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.realm import API_KEY

PERSON = "Ada Lovelace"
PRESSED_BY_NOBODY = """
addEventListener("DOMContentLoaded", () => {
  const begin = document.getElementById("entry-continue");
  new MutationObserver(() => begin.textContent && begin.click()).observe(begin, { childList: true });
});
"""
"""A script that presses the button as soon as it is there."""


def begin(page: WebTab) -> WebTab:
    """Press the one button, and look at the window that comes."""
    window = page.press_for_window(BEGIN)
    window.sees("h1", "Choose an account")
    return window


def allow(window: WebTab) -> None:
    """Say who it is, and allow everything."""
    window.choose(PERSON)
    window.press("Allow")
    window.arrives("**/done")


def test_the_window_of_the_click_leads_through_plan_consent(page: WebTab, stage: WebStage) -> None:
    """The page goes on by itself; the window learned nothing of who opened it."""
    window = begin(page)
    page.sees("#attempt", "The sign-in page is open in a window of its own.")
    page.sees("#state-authorizing.current")
    assert window.ask("() => window.opener") is None
    window.choose(PERSON)
    window.sees("form", "Use my plan")
    window.press("Allow")
    window.sees("h1", "Acme Notes is signed in")
    page.sees("#account-title", "ada@example.com")
    page.sees("#account-pill", "Connected")
    page.sees("#plan-pill", "On")
    page.misses("#attempt")
    page.focuses("#account-title")
    assert not any("code=" in url for url in page.requested)


def test_plan_use_that_was_not_allowed_is_turned_on_later(page: WebTab) -> None:
    """The page says what is missing, and its button leads to the consent page once more."""
    window = begin(page)
    window.choose(PERSON)
    window.tick("Use my plan", on=False)
    window.press("Allow")
    page.sees("#plan-pill", "Off")
    again = page.press_for_window("Turn plan use on", within="#plan")
    allow(again)
    page.sees("#plan-pill", "On")
    page.misses("#plan-enable")


def test_a_declined_consent_is_told_with_its_next_step(page: WebTab) -> None:
    """In plain words, and the button begins again."""
    window = begin(page)
    window.choose(PERSON)
    window.press("Deny")
    page.sees("#problem h2")
    page.sees("#problem", "Sign in")
    assert page.ask("() => document.querySelector('#problem code').textContent") == "user-denied-consent"
    allow(page.press_for_window("Sign in", within="#problem"))
    page.sees("#account-pill", "Connected")
    page.misses("#problem")


def test_the_codex_consent_page(sandbox: Sandbox, web_home: str, web_tab: WebTab) -> None:
    """Its window comes back to `localhost`; models and what is left of the plan are shown."""
    with staged(sandbox, web_home, provider="sandbox-codex") as stage:
        web_tab.open(stage.address).sees("#entry-continue")
        window = web_tab.press_for_window(web_tab.text("#entry-continue"))
        window.choose(PERSON)
        window.pick("Analytical Engines")
        window.press("Allow")
        web_tab.sees("#account-pill", "Connected")
        web_tab.sees("#account-facts", "Plus")
        web_tab.sees("#plan-windows", "42 % used")
        web_tab.sees("#models-list input")


def test_a_blocked_window_is_named_and_the_link_does_instead(page: WebTab) -> None:
    """A page whose windows all are blocked."""
    page.ask("() => { window.open = () => null }")
    page.press(BEGIN)
    page.sees("#attempt-blocked", "The browser blocked the sign-in window.")
    page.sees("#warned", "blocked")
    window = page.follow("Open the sign-in page")
    assert window.ask("() => window.opener") is None
    allow(window)
    page.sees("#account-pill", "Connected")


def test_the_browsers_own_blocker_is_noticed(stage: WebStage, web_tab: WebTab) -> None:
    """A window that nobody's click asked for: Chromium itself refuses it."""
    web_tab.before_each_page(PRESSED_BY_NOBODY)
    web_tab.open_until_asked(stage.address, "/sign-in")
    web_tab.sees("#attempt-blocked", "The browser blocked the sign-in window.")


def test_a_cancelled_sign_in_is_over_at_once(page: WebTab) -> None:
    """The button to begin is there again, and nothing is wrong."""
    begin(page)
    page.press("Cancel sign-in")
    page.sees("#entry-continue")
    page.misses("#attempt")
    page.misses("#problem")
    page.sees("#state-disconnected.current")


def test_a_reload_during_a_sign_in_loses_nothing(page: WebTab) -> None:
    """The page comes back with the same sign-in under way, and its end is seen."""
    window = begin(page)
    page.reload()
    page.sees("#attempt-says", "Open the sign-in page, if it is not open already.")
    page.misses("#attempt-blocked")
    allow(window)
    page.sees("#account-pill", "Connected")


def test_the_last_address_is_pasted(page: WebTab, sandbox: Sandbox) -> None:
    """A wrong one is told beside the box and ends nothing; the right one signs in."""
    page.ask("() => { window.open = () => null }")
    page.press(BEGIN)
    page.sees("#attempt")
    page.click("#attempt-elsewhere summary")
    label = "Paste the whole address that the browser ended on"
    page.press("Use this address")
    page.sees("#attempt-paste-error", "Paste the address first.")
    page.type(label, "https://example.com/")
    page.press("Use this address")
    page.sees("#attempt-paste-error", re.compile("[a-z]{4}"))
    page.focuses("#attempt-url")
    page.type(label, sandbox.sign_in(page.ask("() => document.getElementById('attempt-open').href")))
    page.press("Use this address")
    page.sees("#account-pill", "Connected")


def test_over_ssh_the_page_names_the_tunnel(
    web_home: str, sandbox: Sandbox, web_tab: WebTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line to type on the other machine, ready to be copied, and the box to paste into stands open."""
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.8 22")
    with staged(sandbox, web_home) as stage:
        web_tab.open(stage.address).sees("#entry-continue")
        begin(web_tab)
        web_tab.sees("#attempt-ssh", re.compile(r"^ssh .*-L "))
        web_tab.sees("#attempt-url")


def test_a_code_on_another_device(page: WebTab, sandbox: Sandbox, chromium: Chromium) -> None:
    """Typed on the provider's page in somebody else's browser; no window opens here."""
    page.press("Another provider")
    page.pick_value("sandbox-native")
    page.press("Use a code on another device")
    page.sees("#attempt-digits", re.compile(r"\w{4}-\w{4}"))
    elsewhere = chromium.web_tab().open(page.text("#attempt-place"))
    elsewhere.type("Code", page.text("#attempt-digits"))
    elsewhere.press("Continue")
    elsewhere.choose(PERSON)
    elsewhere.press("Allow")
    elsewhere.sees("h1", "Done")
    page.sees("#account-pill", "Connected")


def test_another_device_is_asked_for_where_codes_are(page: WebTab) -> None:
    """At a sandbox a sandbox is chosen, never a real service."""
    page.press("Another device")
    chosen = page.ask("() => document.querySelector('#ways-providers :checked').value")
    assert chosen in SANDBOXES
    page.sees("#ways-device")


def test_what_a_provider_wants_said_stands_before_its_button(sandbox: Sandbox, web_home: str, web_tab: WebTab) -> None:
    """Until somebody has signed in to it."""
    with staged(sandbox, web_home, provider="sandbox-codex") as stage:
        web_tab.open(stage.address).sees("#entry-notice", CODEX.notice or "")
        stage.sign_in()
        web_tab.sees("#account-pill", "Connected")
        anyio.run(stage.connection.sign_out)
        web_tab.sees("#entry-continue")
        web_tab.misses("#entry-notice")


def test_an_api_key(page: WebTab, web_home: str, sandbox: Sandbox) -> None:
    """A wrong one is refused beside the field; a good one signs in and stands nowhere on the page."""
    with open(f"{web_home}/config.toml", "w", encoding="utf-8") as file:
        file.write(f'[providers.keys]\nregistration = "api-key"\napi_base = "{sandbox.api_base}"\n')
    page.reload()
    page.press("Another provider")
    page.pick_value("keys")
    page.type("API key", "sk-wrong-wrong-wrong-wrong-wrong")
    page.press("Sign in with this key")
    page.sees("#ways-key-error", re.compile("key", re.IGNORECASE))
    page.type("API key", API_KEY)
    page.press("Sign in with this key")
    page.sees("#account-pill", "Connected")
    page.misses("#ways")
    assert API_KEY not in page.ask("() => document.documentElement.outerHTML")
    assert page.ask("() => document.getElementById('ways-key-field').value") == ""


def test_the_keyboard_alone_leads_from_the_opening_to_signed_in(page: WebTab) -> None:
    """Tab and Enter do everything, on the page and in the window."""
    page.tab_to(BEGIN)
    window = page.key_for_window("Enter")
    window.sees("h1", "Choose an account")
    window.tab_to(PERSON)
    window.keys("Enter")
    window.sees("form", "Use my plan")
    window.tab_to("Allow")
    window.keys("Enter")
    window.arrives("**/done")
    page.sees("#account-pill", "Connected")
    page.focuses("#account-title")
    page.tab_to("Renew now")
