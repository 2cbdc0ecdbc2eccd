"""Using the plan from the page: a prompt that streams, models, limits; each trouble with its one next step."""

import re

from tests.support.web_stage import WebStage
from tests.support.web_tab import WebTab

from signedin_adapters.sandbox import Sandbox

LONG = "one two three " * 12


def test_a_prompt_is_answered(signed_in: WebTab) -> None:
    """As text, whatever stands in it; what was asked can be asked again."""
    signed_in.type("Your prompt", "<b>hello</b> <script>alert(1)</script>")
    signed_in.press("Ask")
    signed_in.sees("#ask-says", "Answered by")
    signed_in.sees("#ask-text", "You asked: “<b>hello</b> <script>")
    signed_in.counts("#ask-text *", 0)
    signed_in.sees("#ask-send")
    signed_in.focuses("#ask-prompt")


def test_an_answer_is_seen_as_it_comes_and_can_be_stopped(signed_in: WebTab, sandbox: Sandbox) -> None:
    """What came stays; the page says that it was stopped, and another prompt is answered."""
    sandbox.pace = 0.05
    signed_in.type("Your prompt", LONG)
    signed_in.press("Ask")
    signed_in.sees("#ask-text", "You asked:")
    signed_in.sees("#ask-says", "Answering…")
    signed_in.press("Stop")
    signed_in.sees("#ask-says", "Stopped.")
    assert "nothing left this machine" not in signed_in.text("#ask-text")
    sandbox.pace = 0
    signed_in.type("Your prompt", "again")
    signed_in.press("Ask")
    signed_in.sees("#ask-text", "“again” (1 word)")


def test_a_prompt_is_sent_by_the_keyboard(signed_in: WebTab) -> None:
    """Ctrl+Enter in the field."""
    signed_in.type("Your prompt", "hello")
    signed_in.click("#ask-prompt")
    signed_in.keys("Control+Enter")
    signed_in.sees("#ask-says", "Answered by")


def test_an_answer_that_breaks_off_says_why(signed_in: WebTab, stage: WebStage) -> None:
    """Beside what came, in plain words."""
    stage.arm("stream-cut")
    signed_in.type("Your prompt", "hello")
    signed_in.press("Ask")
    signed_in.sees("#ask-error h3")
    signed_in.sees("#ask-text", "You asked:")


def test_the_plans_limit_leads_to_the_page_that_manages_it(signed_in: WebTab, stage: WebStage) -> None:
    """What is used up is told once, and where it can be seen; the session is good as before."""
    stage.arm("api-429-limit")
    signed_in.type("Your prompt", "hello")
    signed_in.press("Ask")
    signed_in.sees("#ask-says", "No answer came.")
    signed_in.sees("#problem h2")
    signed_in.sees("#problem a[href]", "Manage usage")
    signed_in.misses("#ask-error")
    signed_in.sees("#account-flags", "Usage is paused")
    signed_in.sees("#account-pill", "Connected")


def test_a_model_is_chosen(signed_in: WebTab) -> None:
    """It is marked, and answers the next prompt."""
    signed_in.sees("#models-list input")
    unchosen = "#models-list label:not(:has(:checked))"
    name = signed_in.text(f"{unchosen} strong")
    signed_in.click(f"{unchosen} input")
    signed_in.sees("#account-facts", re.compile("Model"))
    signed_in.sees("#models-list label:has(:checked)", name)
    chosen = signed_in.ask("() => document.querySelector('#models-list :checked').value")
    signed_in.type("Your prompt", "hello")
    signed_in.press("Ask")
    signed_in.sees("#ask-says", f"Answered by {chosen}.")


def test_a_catalogue_that_does_not_come_is_told(signed_in: WebTab, stage: WebStage) -> None:
    """The list stays as it was last fetched."""
    signed_in.sees("#models-list input")
    stage.arm("models-520@always")
    signed_in.press("Refresh the list")
    signed_in.sees("#models-says", "This is the list as it was last fetched.")
    signed_in.sees("#models-list input")
