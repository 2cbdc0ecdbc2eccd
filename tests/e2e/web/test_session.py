"""A session as the page shows it: renewed, run out, ended, signed out, and every state lit in the picture."""

import re

import anyio
import pytest
from tests.support.page import wait_until
from tests.support.web_stage import BEGIN, WebStage
from tests.support.web_tab import WebTab

from signedin.testing import FakeClock
from signedin_adapters.sandbox import Sandbox


def test_a_renewal_is_seen_as_it_happens(signed_in: WebTab, stage: WebStage) -> None:
    """The box is lit while the provider has not answered; then the way back is lit, and the history has both."""
    with stage.refresh_held() as held:
        signed_in.press("Renew now")
        held.wait_for_arrival()
        signed_in.sees("#state-refreshing.current")
        signed_in.sees("#account-pill", "Refreshing")
    signed_in.sees("#state-connected.current")
    signed_in.sees("#way-refreshing-connected.current")
    signed_in.sees("#history li:first-child", "The token was renewed")
    signed_in.sees("#said", "Renewed.")


def test_a_token_that_runs_out_is_renewed_before_anybody_notices(page: WebTab, stage: WebStage) -> None:
    """The countdown goes down to seconds on the page, and up again without a press."""
    stage.sandbox.access_ttl = 3
    stage.sign_in()
    page.sees("#account-until", re.compile("Good for another [0-3] second"))
    stage.sandbox.access_ttl = 3600
    page.sees("#account-until", re.compile("Good for another (1 hour|59 minutes)"))
    page.sees("#history", "The token was due to be renewed")
    page.sees("#history", "The token was renewed")


def test_a_session_that_ended_elsewhere_leads_to_signing_in(signed_in: WebTab, sandbox: Sandbox) -> None:
    """The case in plain words, told once, with its one next step as a button that does it."""
    sandbox.revoke_all()
    sandbox.expire_access_tokens()
    signed_in.press("Renew now")
    signed_in.sees("#state-expired.current")
    signed_in.sees("#account-pill", "Expired")
    signed_in.sees("#problem h2")
    signed_in.misses("#refusal")
    window = signed_in.press_for_window("Sign in", within="#problem")
    window.choose("Ada Lovelace")
    signed_in.sees("#account-pill", "Connected")
    signed_in.misses("#problem")


def test_an_outage_is_no_sign_out_and_is_tried_again(signed_in: WebTab, stage: WebStage, clock: FakeClock) -> None:
    """The credential is kept; "Try again" asks at once, and what was wrong is gone."""
    clock.advance(7200)
    stage.arm("token-503@always")
    signed_in.press("Renew now")
    signed_in.sees("#state-error.current")
    signed_in.sees("#account-pill", "Error")
    signed_in.sees("#account-title", "ada@example.com")
    stage.sandbox.faults.clear()
    signed_in.press("Try again", within="#problem")
    signed_in.sees("#state-connected.current")
    signed_in.misses("#problem")


def test_signing_out_asks_first(signed_in: WebTab, sandbox: Sandbox) -> None:
    """Whoever stays is signed in as before; whoever leaves is signed out at the provider, too."""
    signed_in.press("Sign out", within="#account")
    signed_in.sees("#leave", "forgets the session of ada@example.com")
    signed_in.focuses("#leave button[value=stay]")
    signed_in.press("Stay signed in")
    signed_in.misses("#leave")
    signed_in.sees("#account-pill", "Connected")
    signed_in.press("Sign out", within="#account")
    signed_in.press("Sign out", within="#leave")
    signed_in.sees("#account-pill", "Disconnected")
    signed_in.sees("#entry-continue")
    signed_in.sees("#said", "Signed out.")
    assert sandbox.grants.all()[-1].ended is not None


def test_escape_is_no_sign_out(signed_in: WebTab) -> None:
    """The dialog goes, and the focus is where it was."""
    signed_in.press("Sign out", within="#account")
    signed_in.sees("#leave")
    signed_in.keys("Escape")
    signed_in.misses("#leave")
    signed_in.sees("#account-pill", "Connected")
    signed_in.focuses("#account-leave")


def test_a_sign_out_that_was_not_confirmed_says_so(signed_in: WebTab, stage: WebStage) -> None:
    """Signed out here; the provider did not say that it was so there."""
    stage.arm("revoke-503@always")
    signed_in.press("Sign out", within="#account")
    signed_in.press("Sign out", within="#leave")
    signed_in.sees("#said", "The provider did not confirm it.")
    signed_in.sees("#account-pill", "Disconnected")


def test_the_notice_is_shown_once(page: WebTab, stage: WebStage) -> None:
    """After the first sign-in with the plan, until somebody has read it."""
    stage.sign_in()
    page.sees("#notice", "You're using your ChatGPT plan")
    page.press("Got it")
    page.misses("#notice")
    page.reload()
    page.sees("#account-pill", "Connected")
    page.misses("#notice")


def test_accounts_are_added_and_switched(signed_in: WebTab) -> None:
    """The page turns to the one that was chosen, and back."""
    signed_in.press("Add another account")
    signed_in.type("What it is called here (may stay empty)", "work")
    window = signed_in.press_for_window(BEGIN, within="#ways")
    window.choose("Grace Hopper")
    window.press("Allow")
    signed_in.sees("#account-title", "grace@example.com")
    signed_in.sees("#account-facts", "work")
    signed_in.counts("#accounts-list li", 2)
    signed_in.press("Switch to ada@example.com")
    signed_in.sees("#account-title", "ada@example.com")
    signed_in.sees("#said", "This page is about ada@example.com now.")


@pytest.mark.parametrize("own", ["own address", "same browser"])
def test_two_tabs_show_the_same(signed_in: WebTab, stage: WebStage, own: str) -> None:
    """What is done in one is seen in the other, without a press there."""
    other = signed_in.another().open(stage.address if own == "own address" else signed_in.url)
    other.sees("#account-pill", "Connected")
    signed_in.press("Sign out", within="#account")
    signed_in.press("Sign out", within="#leave")
    other.sees("#account-pill", "Disconnected")
    window = other.press_for_window(BEGIN)
    signed_in.sees("#attempt")
    window.choose("Ada Lovelace")
    signed_in.sees("#account-pill", "Connected")
    other.sees("#account-pill", "Connected")
    assert other.errors == []


def test_what_the_host_does_is_seen(signed_in: WebTab, stage: WebStage) -> None:
    """On the connection that it gave."""
    anyio.run(stage.connection.sign_out)
    signed_in.sees("#account-pill", "Disconnected")


def test_a_report_is_downloaded(signed_in: WebTab) -> None:
    """A zip file, with nothing secret in it."""
    with open(signed_in.download("Download report"), "rb") as file:
        assert file.read(2) == b"PK"


def test_a_dead_page_needs_no_more_of_the_server(signed_in: WebTab, stage: WebStage) -> None:
    """A tab that is closed ends its stream."""
    other = signed_in.another().open(signed_in.url)
    other.sees("#link-says", "Live")
    feed = stage.page._desk.feed
    wait_until(lambda: feed.readers == 2)
    other.close()
    wait_until(lambda: feed.readers == 1)
