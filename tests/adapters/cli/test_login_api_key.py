"""`signedin login --api-key`: a key from stdin, tried, kept, told apart, removed."""

import io

import pytest
from tests.support.command import STATUS_KEYS, Person, Run

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.realm import API_KEY


def pipe(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_key_from_a_pipe_signs_in(run: Run, keys: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is a status with the key's last four characters; then everything works, and signing out says more."""
    pipe(f" {API_KEY}\n", monkeypatch)
    ran = run("login", "--api-key", "--provider", keys, "--json")
    assert ran.code == 0
    assert set(ran.json()) == STATUS_KEYS
    assert ran.json()["account"]["label"] == "sk-...cdef"
    assert "sk-...cdef" in run("status").out
    assert run("models").code == run("ask", "hello").code == run("status", "--verify").code == 0
    assert run("refresh").code == 2
    ended = run("logout", "--yes")
    assert f"only ended at the provider's page: {sandbox.url}" in ended.out
    pipe(API_KEY, monkeypatch)
    assert run("login", "--api-key", "--provider", keys).code == 0
    assert run("logout", "--yes", "--json").json()["revoked"] is None


def test_a_label_is_the_users(run: Run, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one is given, the key is called that."""
    pipe(API_KEY, monkeypatch)
    ran = run("login", "--api-key", "--provider", keys, "--new", "--label", "work", "--json")
    assert ran.json()["account"]["label"] == "work"


def test_a_person_types_unseen(keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prompt is there, the key is not."""
    person = Person("login", "--api-key", "--provider", keys)
    person.reads("API key (not shown): ")
    person.types(f"{API_KEY}\n")
    assert person.leaves() == 0
    assert API_KEY not in person.screen


def test_a_refused_key_is_a_case(run: Run, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 4, nothing is kept, and the key is not repeated."""
    pipe("sk-" + "w" * 40, monkeypatch)
    ran = run("login", "--api-key", "--provider", keys)
    assert ran.code == 4
    assert "The API key was refused" in ran.err
    assert "www" not in ran.out + ran.err
    assert run("accounts", "--json").json()["accounts"] == []


def test_a_key_that_works_again_is_well_at_its_next_success(
    run: Run, start: Run, keys: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused for a while, for a bill that was not paid: nothing has to be signed in again, in no process."""
    pipe(API_KEY, monkeypatch)
    run("login", "--api-key", "--provider", keys)
    monkeypatch.setattr(sandbox, "api_keys", frozenset[str]())
    assert start("ask", "hello").code == 4
    assert start("--json").json()["case"]["id"] == "api-key-rejected"

    monkeypatch.setattr(sandbox, "api_keys", frozenset({API_KEY}))
    assert start("ask", "hello").code == 0
    assert start("--json").json()["state"] == "connected"
    assert start().code == 0


@pytest.mark.parametrize("text", ["", "\n", "short\n", f"{API_KEY} {API_KEY}\n"])
def test_what_is_no_key_is_bad_usage(text: str, run: Run, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent."""
    pipe(text, monkeypatch)
    assert run("login", "--api-key", "--provider", keys).code == 2


@pytest.mark.parametrize("arguments", [("--api-key", API_KEY), (f"--api-key={API_KEY}",)])
def test_a_key_among_the_arguments_is_refused(arguments: tuple[str, ...], run: Run, keys: str) -> None:
    """And not repeated."""
    ran = run("login", "--provider", keys, *arguments)
    assert ran.code == 2
    assert "stdin" in ran.err
    assert API_KEY not in ran.err


def test_a_browser_is_not_for_keys(run: Run, keys: str) -> None:
    """Exit 7, with the command to run."""
    ran = run("login", "--provider", keys)
    assert ran.code == 7
    assert "login --provider keys --api-key" in ran.err


def test_without_a_provider_it_is_openai(run: Run, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be a key goes nowhere, so the account that is asked for is seen by its absence alone."""
    pipe("short", monkeypatch)
    ran = run("login", "--api-key")
    assert ran.code == 2
    assert "That is no API key" in ran.err


def test_a_key_in_the_environment_is_named_and_never_used(
    run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`status` and `login` say so on stderr; requests carry the sign-in's own token."""
    assert "OPENAI_API_KEY" not in run("status").err
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    for line in ("status", "status --json", "login"):
        ran = run(*line.split())
        assert "OPENAI_API_KEY is set. It is never used here" in ran.err
        assert "sk-of" not in ran.out + ran.err
    assert run("models").code == 0
    assert "OPENAI_API_KEY" in run("explain", "env-key-overrides-login").out
