"""What people are told to run: it means what they asked for, and can be run as it stands."""

import re
from pathlib import Path

import pytest
from tests.support.command import Run

from signedin_adapters.sandbox import Sandbox


def told(run: Run, *arguments: str) -> str:
    """Everything that a command says, on one line."""
    ran = run(*arguments)
    return " ".join((ran.out + ran.err).split())


@pytest.mark.parametrize(
    "command", [("status",), ("ask", "hello"), ("refresh",), ("models",), ("usage",), ("accounts",)]
)
def test_a_provider_that_was_asked_for_is_named(run: Run, sandbox: Sandbox, command: tuple[str, ...]) -> None:
    """Plain `login` would sign in at the default one."""
    assert "signedin login --provider sandbox-native" in told(run, "--provider", "sandbox-native", *command)


def test_nothing_is_named_that_was_not_asked_for(run: Run, signed_in: Sandbox) -> None:
    """What a command means without a word, `login` means as well."""
    run("logout", "--yes")
    assert "Run signedin login." in told(run, "status")
    assert "Run signedin login." in told(run, "ask", "hello")


def test_an_account_that_was_asked_for_is_named(run: Run, signed_in: Sandbox) -> None:
    """As its label has to be typed."""
    run("login", "--new", "--label", "at work")
    run("logout", "--yes", "--account", "at work")
    assert "Run signedin login --account 'at work'." in told(run, "status", "--account", "at work")
    assert "Run signedin login --account 'at work'." in told(run, "ask", "hello", "--account", "at work")


def test_other_commands_mean_the_same_account(run: Run, signed_in: Sandbox) -> None:
    """A model is chosen where it was refused."""
    run("login", "--new", "--label", "work")
    said = told(run, "ask", "hello", "--account", "work", "--model", "no-such-model")
    assert "signedin models --account work, then signedin use --account work." in said


@pytest.mark.parametrize(
    ("typed", "to_type"),
    [
        (("--provider", "sandbox"), "login --provider sandbox"),
        (("--provider", "sandbox", "--new", "--label", "at work"), "login --provider sandbox --new --label 'at work'"),
        (("--account", "ada@example.com", "--again"), "login --account ada@example.com --again"),
    ],
)
def test_a_sign_in_that_failed_is_repeated_as_it_was_typed(
    run: Run, signed_in: Sandbox, typed: tuple[str, ...], to_type: str
) -> None:
    """Account, provider and what was to become of it."""
    run("logout", "--yes")
    signed_in.faults.inject("callback-denied")
    assert f"Run signedin {to_type} if that was a slip." in told(run, "login", *typed)


def test_what_a_case_asks_for_takes_the_place_of_what_was_typed(run: Run, signed_in: Sandbox) -> None:
    """A new account is nobody's again, and has no other's label; its provider stays."""
    signed_in.faults.inject("id-token-wrong-sub")
    said = told(run, "login", "--account", "ada@example.com", "--again")
    assert "Run signedin login --provider sandbox --new to add the other account" in said


def test_a_key_is_asked_for_where_one_signs_in_with_a_key(run: Run, home: Path) -> None:
    """Plain `login` would be refused there."""
    (home / "config.toml").write_text('[providers.keys]\nregistration = "api-key"\napi_base = "https://api.example"\n')
    for name in ("openai", "keys"):
        assert f"Run signedin login --provider {name} --api-key." in told(run, "--provider", name)
        assert f"run signedin login --provider {name} --api-key." in told(run, "login", "--provider", name)


def test_an_account_that_exists_under_another_provider_is_named(run: Run, sandbox: Sandbox, home: Path) -> None:
    """Issuer and client make an account, not the provider's name."""
    (home / "config.toml").write_text(
        f'[providers.twin]\nissuer = "{sandbox.issuer}/native"\nclient_id = "sandbox-native"\n'
        f'api_base = "{sandbox.issuer}/native/v1"\nscopes = ["openid", "profile", "email", "offline_access"]\n'
    )
    assert run("login", "--provider", "sandbox-native").code == 0
    (home / "apps" / "signedin" / "preferences.json").write_text('{"schema": 1, "store": "file"}')
    said = told(run, "login", "--provider", "twin")
    assert "Whoever signed in has an account here already: ada@example.com." in said
    assert "Use that one with --account LABEL" in said


# Pages.


def test_settings_that_are_spoken_of_have_an_address(run: Run, sandbox: Sandbox) -> None:
    """Of the provider's own page, where the profile knows it, for people and programs."""
    sandbox.faults.inject("device-disabled", 2)
    login = ("login", "--provider", "sandbox-codex", "--device")
    assert f"The page: {sandbox.issuer} More:" in told(run, *login)
    assert run(*login, "--json").json()["error"]["remedy"].endswith(f"The page: {sandbox.issuer}")


def test_an_end_that_was_not_confirmed_can_be_looked_after(run: Run, signed_in: Sandbox) -> None:
    """Where the provider lists what is connected."""
    signed_in.faults.inject("revoke-503", 5)
    ran = run("logout", "--yes")
    assert re.search(rf"disconnect signedin in the provider's settings: {re.escape(signed_in.issuer)}\n", ran.out)
