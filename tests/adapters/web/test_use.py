"""Using the connection on the page: models, one question, usage."""

import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest
from tests.support.page import Browser

from signedin import Connection
from signedin.responses import Answer, ask
from signedin_adapters.sandbox import FaultSpec, Sandbox
from signedin_adapters.web import use_routes

SignIn = Callable[..., dict[str, object]]


def test_models_are_listed_and_chosen(browser: Browser, sign_in: SignIn) -> None:
    """The chosen one is marked, and every page sees it."""
    sign_in()
    listed = browser.get("/models").json()
    assert (listed["stale"], listed["case"]) == (False, None)
    assert [each["selected"] for each in listed["models"]][:2] == [True, False]
    wanted = listed["models"][1]["id"]
    with browser.events() as events:
        next(events)
        browser.does("/model", id=wanted)
        assert next(events).data["model"] == wanted
    assert [each["id"] for each in browser.get("/models").json()["models"] if each["selected"]] == [wanted]


def test_a_model_that_is_not_listed_is_refused(browser: Browser, sign_in: SignIn) -> None:
    """With those that are."""
    sign_in()
    answer = browser.post("/model", id="gpt-imaginary")
    assert (answer.status_code, answer.json()["error"]["case"]) == (400, "unknown-model")


def test_a_list_that_cannot_be_had_anew_is_shown_as_stale(browser: Browser, sign_in: SignIn, sandbox: Sandbox) -> None:
    """With the case, in plain words."""
    sign_in()
    browser.get("/models")
    sandbox.faults.add(FaultSpec.parse("api-503@always"))
    listed = browser.get("/models?refresh=1").json()
    assert listed["stale"] is True
    assert listed["case"]["title"]
    assert listed["models"]


def test_nobody_signed_in_has_no_models(browser: Browser) -> None:
    """The case says so."""
    answer = browser.get("/models")
    assert (answer.status_code, answer.json()["error"]["case"]) == (409, "not-signed-in")


def test_nobody_signed_in_has_used_nothing(browser: Browser) -> None:
    """There is nothing to tell, and no trouble either."""
    answer = browser.get("/usage")
    assert (answer.status_code, answer.json()) == (200, None)


def test_an_answer_is_streamed(
    browser: Browser, sign_in: SignIn, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Piece by piece, while more is to come; the last line says that it is whole."""
    sign_in()
    monkeypatch.setattr(sandbox, "pace", 0.02)
    with browser.lines("/ask", prompt="Why is the sky blue?") as lines:
        pieces = list(lines)
    assert len(pieces) > 2
    assert all(set(piece) == {"text"} for piece in pieces[:-1])
    assert pieces[-1] == {"done": True, "model": browser.get("/models").json()["models"][0]["id"]}


def test_an_answer_that_breaks_off_says_why(browser: Browser, sign_in: SignIn, sandbox: Sandbox) -> None:
    """After what came of it."""
    sign_in()
    sandbox.faults.add(FaultSpec.parse("stream-cut"))
    with browser.lines("/ask", prompt="hello") as lines:
        *_, last = lines
    assert last["error"]["case"] == "stream-incomplete"


@pytest.mark.parametrize("allowed", [False, None])
def test_a_question_that_is_not_sent_says_why(browser: Browser, sign_in: SignIn, allowed: bool | None) -> None:
    """Where nobody is signed in, or plan use is off."""
    if allowed is not None:
        sign_in(allow_plan=allowed)
    with browser.lines("/ask", prompt="hello") as lines:
        (line,) = lines
    assert line["error"]["case"] == ("not-signed-in" if allowed is None else "plan-use-off")


def test_a_reader_who_leaves_ends_the_answer(
    browser: Browser, sign_in: SignIn, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody goes on reading, and paying for, what is not wanted any more."""
    ended = threading.Event()

    @asynccontextmanager
    async def watched(connection: Connection, prompt: str, *, model: str | None) -> AsyncGenerator[Answer]:
        try:
            async with ask(connection, prompt, model=model) as answer:
                yield answer
        finally:
            ended.set()

    monkeypatch.setattr(use_routes, "ask", watched)
    monkeypatch.setattr(sandbox, "pace", 0.2)
    sign_in()
    with browser.lines("/ask", prompt="hello") as lines:
        assert "text" in next(lines)
        assert not ended.is_set()
    assert ended.wait(5)


@pytest.mark.parametrize("prompt", ["", "  ", None, 7])
def test_an_empty_question_is_refused(browser: Browser, prompt: object) -> None:
    """Nothing is sent."""
    assert browser.post("/ask", prompt=prompt).status_code == 400


@pytest.mark.usefixtures("own_ports")
def test_usage_is_told_where_the_provider_does(browser: Browser, sign_in: SignIn, sandbox: Sandbox) -> None:
    """Its windows; elsewhere there is nothing, and a page of the provider's to look at."""
    assert sign_in()["usage_url"] == sandbox.issuer
    assert browser.get("/usage").json() is None
    sign_in(provider="sandbox-codex")
    windows = browser.get("/usage").json()["windows"]
    assert [window["name"] for window in windows] == ["primary", "secondary"]
    assert windows[0]["used_percent"] == 42
