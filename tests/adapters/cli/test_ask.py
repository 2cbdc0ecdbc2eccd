"""`signedin ask`: one question, its answer streamed to stdout."""

import io
import sys

import pytest
from tests.support.command import Run

from signedin_adapters.sandbox import Sandbox

ANSWER = (
    "You asked: “Why is it so?” (4 words). This is sandbox-large in the signedin sandbox; nothing left this machine."
)


def given(monkeypatch: pytest.MonkeyPatch, text: bytes, *, terminal: bool = False) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(text))
    monkeypatch.setattr(stdin, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdin", stdin)


@pytest.mark.parametrize("words", [("Why is it so?",), ("Why", "is", "it", "so?")])
def test_the_answer_is_all_that_stdout_gets(run: Run, signed_in: Sandbox, words: tuple[str, ...]) -> None:
    """With one line end after it; the question may be one word or many."""
    ran = run("ask", *words)
    assert (ran.code, ran.out, ran.err) == (0, f"{ANSWER}\n", "")


def test_a_dash_or_a_pipe_gives_the_question(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """From stdin, to its end."""
    for arguments in (("ask", "-"), ("ask",)):
        given(monkeypatch, b"Why is\nit so?\n")
        assert run(*arguments).out == f"{ANSWER}\n"


def test_on_a_terminal_a_question_has_to_be_given(
    run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for input that was not announced: exit 2."""
    given(monkeypatch, b"", terminal=True)
    ran = run("ask")
    assert ran.code == 2
    assert "There is nothing to ask" in ran.err


@pytest.mark.parametrize("text", [b"", b" \n"])
def test_an_empty_question_is_none(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    """Nothing is sent."""
    signed_in.requests.clear()
    given(monkeypatch, text)
    assert run("ask", "-").code == 2
    assert run("ask", "").code == 2
    assert len(signed_in.requests) == 0


def test_bytes_that_are_no_text_do_no_harm(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in stdin nor among the arguments."""
    given(monkeypatch, b"caf\xe9")
    assert "caf\N{REPLACEMENT CHARACTER}" in run("ask", "-").out
    assert "caf\N{REPLACEMENT CHARACTER}" in run("ask", "caf\udce9").out


def test_a_question_without_end_is_refused(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, before it is sent."""
    given(monkeypatch, b"x" * 2_000_000)
    assert run("ask", "-").code == 2


def test_as_one_object(run: Run, signed_in: Sandbox) -> None:
    """Text, model, status and request id."""
    told = run("ask", "Why is it so?", "--json").json()
    assert told["request_id"].startswith("req_")
    del told["request_id"]
    assert told == {"schema": 1, "text": ANSWER, "model": "sandbox-large", "status": "completed"}


def test_another_model_may_be_asked(run: Run, signed_in: Sandbox) -> None:
    """Once; the chosen one stays."""
    assert "This is sandbox-small" in run("ask", "--model", "sandbox-small", "Why?").out
    assert "This is sandbox-large" in run("ask", "Why?").out


def test_a_refused_model_names_the_way_to_choose_another(run: Run, signed_in: Sandbox) -> None:
    """Exit 9."""
    ran = run("ask", "--model", "gpt-none", "Why?")
    assert (ran.code, ran.out) == (9, "")
    assert "signedin models" in ran.err


def test_a_limit_in_mid_answer_is_told_after_what_came(run: Run, signed_in: Sandbox) -> None:
    """Exit 9; the half answer is there, on a line of its own."""
    signed_in.faults.inject("stream-failed-limit")
    ran = run("ask", "Why is it so?")
    assert ran.code == 9
    assert ran.out.startswith("You asked: “Why is it so?”")
    assert ran.out.endswith("\n")
    assert "This app's share of your plan is used up" in ran.err


@pytest.mark.parametrize(
    ("fault", "status", "case", "code"),
    [
        ("stream-cut", "incomplete", "stream-incomplete", 5),
        ("stream-incomplete", "incomplete", "stream-incomplete", 5),
        ("stream-error-event", "failed", "provider-outage", 5),
        ("stream-failed-limit", "failed", "app-usage-limit-hit", 9),
    ],
)
def test_an_answer_that_broke_off_is_one_object_with_its_error(
    run: Run, signed_in: Sandbox, fault: str, status: str, case: str, code: int
) -> None:
    """What came is not lost."""
    signed_in.faults.inject(fault)
    ran = run("ask", "Why is it so?", "--json")
    told = ran.json()
    assert (ran.code, told["status"], told["error"]["case"]) == (code, status, case)
    assert told["text"].startswith("You asked")


@pytest.mark.parametrize(
    ("fault", "case", "code"),
    [("api-503", "provider-outage", 5), ("api-429-limit", "app-usage-limit-hit", 9), ("api-401", "api-401-loop", 4)],
)
def test_a_question_that_gets_no_answer_is_an_error(
    run: Run, signed_in: Sandbox, fault: str, case: str, code: int
) -> None:
    """With the exit code of its case."""
    signed_in.faults.inject(fault, times=None)
    ran = run("ask", "Why?", "--json")
    assert (ran.code, ran.json()["error"]["case"]) == (code, case)


def test_with_plan_use_declined_the_way_to_allow_it_is_named(run: Run, sandbox: Sandbox) -> None:
    """Exit 9, and nothing is sent to the API."""
    sandbox.faults.inject("identity-only")
    run("login", "--provider", "sandbox")
    sandbox.requests.clear()
    ran = run("ask", "Why?")
    assert ran.code == 9
    assert "signedin login --enable-plan" in ran.err
    assert not [record for record in sandbox.requests if record.path.startswith("/v1/")]


def test_an_answer_cannot_steer_the_terminal(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tabs and line ends stay, everything else that is not text goes."""
    monkeypatch.setattr("signedin_adapters.sandbox.event_stream.answer_text", lambda _: "a\tb\x1b[31m\nc\x07")
    assert run("ask", "Why?").out == "a\tb[31m\nc\n"


def test_an_api_with_rules_of_its_own_is_asked_by_them(run: Run, codex: Sandbox) -> None:
    """The first model by priority answers; one that is refused is refused in a sentence, and that is not shown."""
    assert "This is sandbox-codex in" in run("ask", "Why?").out
    ran = run("ask", "--model", "gpt-none", "Why?")
    assert ran.code == 9
    assert "This model is not available to you" in ran.err
    assert "not supported" not in ran.err
