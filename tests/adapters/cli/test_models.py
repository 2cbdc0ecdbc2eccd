"""`signedin models` and `signedin use`: the account's own list, and choosing from it."""

import json

import pytest
from tests.support.command import STATUS_KEYS, Run

from signedin_adapters.sandbox import Sandbox


def test_the_list_comes_in_the_servers_order_with_the_first_one_marked(run: Run, signed_in: Sandbox) -> None:
    """Nothing was chosen yet, and a word on stderr says how to choose."""
    ran = run("models")
    assert ran.code == 0
    assert ran.out == "* sandbox-large  Sandbox Large\n  sandbox-small  Sandbox Small\n"
    assert "signedin use MODEL" in ran.err


def test_a_chosen_model_is_marked_and_remembered(run: Run, signed_in: Sandbox) -> None:
    """By `models`, `status` and `ask`."""
    ran = run("use", "sandbox-small")
    assert (ran.code, ran.out) == (0, "sandbox-small is used from now on.\n")
    assert "* sandbox-small" in run("models").out
    assert run("status", "--json").json()["model"] == "sandbox-small"
    assert "sandbox-small" in run("ask", "Which one?").out


def test_as_one_object(run: Run, signed_in: Sandbox) -> None:
    """Id, name and selected of each, when it was fetched, and whether it is stale; nothing on stderr."""
    ran = run("models", "--json")
    told = ran.json()
    assert told["schema"] == 1
    assert told["models"] == [
        {"id": "sandbox-large", "name": "Sandbox Large", "selected": True},
        {"id": "sandbox-small", "name": "Sandbox Small", "selected": False},
    ]
    assert told["fetched_at"].endswith("Z")
    assert told["stale"] is False
    assert ran.err == ""


def test_use_shares_the_object_of_status(run: Run, signed_in: Sandbox) -> None:
    """With the model in it."""
    told = run("use", "sandbox-small", "--json").json()
    assert told.keys() == STATUS_KEYS
    assert told["model"] == "sandbox-small"


def test_a_model_that_is_not_listed_is_refused_with_the_list(run: Run, signed_in: Sandbox) -> None:
    """Exit 9, and the choice stays."""
    ran = run("use", "gpt-none")
    assert (ran.code, ran.out) == (9, "")
    assert "sandbox-large, sandbox-small" in ran.err
    assert run("use", "gpt-none", "--json").json()["error"]["case"] == "unknown-model"
    assert run("status", "--json").json()["model"] is None


def test_a_model_that_is_gone_is_named(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is marked in its place."""
    run("use", "sandbox-small")
    gone = [{"slug": "sandbox-new"}]
    monkeypatch.setattr("signedin_adapters.sandbox.api.MODELS", gone)
    ran = run("models")
    assert ran.out == "  sandbox-new\n"
    assert "sandbox-small, which you chose, is no longer listed" in ran.err


def test_without_a_list_the_case_is_told(run: Run, signed_in: Sandbox) -> None:
    """An outage is temporary: exit 5, for both commands."""
    signed_in.faults.inject("models-520", times=None)
    assert (run("models").code, run("use", "sandbox-small").code) == (5, 5)
    assert run("models", "--json").json()["error"]["case"] == "provider-outage"
    signed_in.faults.clear()
    signed_in.faults.inject("models-empty")
    assert run("models", "--json").json()["error"]["case"] == "catalogue-empty"


@pytest.mark.parametrize("command", [("models",), ("use", "sandbox-small"), ("ask", "Why?"), ("usage",)])
def test_with_nobody_signed_in_the_way_in_is_named(run: Run, command: tuple[str, ...]) -> None:
    """Exit 3, and nothing is asked of anyone."""
    ran = run(*command)
    assert (ran.code, ran.out) == (3, "")
    assert "signedin login" in ran.err
    assert run(*command, "--json").json()["error"]["case"] == "not-signed-in"


def test_names_cannot_steer_the_terminal(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are a stranger's text; the object has them whole, escaped by JSON."""
    monkeypatch.setattr("signedin_adapters.sandbox.api.MODELS", [{"slug": "m", "display_name": "\x1b[2JBoo"}])
    assert "\x1b" not in run("models").out
    ran = run("models", "--json")
    assert "\x1b" not in ran.out
    assert json.loads(ran.out)["models"][0]["name"] == "\x1b[2JBoo"


def test_an_earlier_list_is_shown_as_what_it_is(run: Run, signed_in: Sandbox) -> None:
    """With its own time in both forms, and a word to people about the reason; `use` chooses from it."""
    fetched_at = run("models", "--json").json()["fetched_at"]
    signed_in.faults.inject("models-520", times=None)
    told = run("models", "--json").json()
    assert (told["fetched_at"], told["stale"]) == (fetched_at, True)
    assert [model["id"] for model in told["models"]] == ["sandbox-large", "sandbox-small"]
    ran = run("models")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "* sandbox-large  Sandbox Large")
    assert f"This list is from {fetched_at}, and there is none of now: " in ran.err
    chosen = run("use", "sandbox-small")
    assert (chosen.code, chosen.out) == (0, "sandbox-small is used from now on.\n")
    assert fetched_at in chosen.err
    signed_in.faults.clear()
    assert run("models", "--json").json()["stale"] is False


def test_a_list_that_is_the_same_is_not_fetched_again(run: Run, signed_in: Sandbox) -> None:
    """The provider confirms it."""
    run("models")
    assert run("models").out == "* sandbox-large  Sandbox Large\n  sandbox-small  Sandbox Small\n"
    assert [asked.status for asked in signed_in.requests if asked.path == "/v1/models"] == [200, 304]


def test_a_model_is_chosen_from_the_newest_list(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has gone is refused, and one that has come is taken, whatever is kept."""
    run("models")
    monkeypatch.setattr("signedin_adapters.sandbox.api.MODELS", [{"slug": "sandbox-new"}])
    assert run("use", "sandbox-small").code == 9
    assert run("use", "sandbox-new").code == 0


def test_a_refusal_is_told_and_no_earlier_list_in_its_place(run: Run, signed_in: Sandbox) -> None:
    """What the plan or its limit refuses passes with no second try: exit 9."""
    run("models")
    signed_in.faults.inject("api-429-limit")
    assert run("models").code == 9


def test_an_api_without_an_order_is_listed_by_priority(run: Run, codex: Sandbox) -> None:
    """Hidden ones and those of newer tools are not on the list."""
    assert [model["id"] for model in run("models", "--json").json()["models"]] == [
        "sandbox-codex",
        "sandbox-codex-mini",
    ]
