"""Which options of `signedin login` go together: what contradicts itself is said before anybody is asked anything."""

import pytest
from tests.support.command import Run

from signedin_adapters.sandbox import Sandbox


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--label", "work"), "--label names a new account: add --new, or leave it out to sign in to ada@example.com."),
        (("--again", "--label", "work"), "--label names a new account"),
        (("--replace", "--label", "work"), "--replace keeps the account's label"),
        (("--new", "--account", "ada@example.com"), "a new one is named with --label"),
        (("--new", "--replace"), "--new adds an account and --replace changes one"),
        (("--new", "--label", " work"), "a label is one short line of text"),
        (("--new", "--label", "a" * 121), "a label is one short line of text"),
        (("--new", "--label", "a\x1b[2J"), "a label is one short line of text"),
    ],
)
def test_what_contradicts_itself_is_bad_usage(
    run: Run, signed_in: Sandbox, arguments: tuple[str, ...], said: str
) -> None:
    """Exit 2, what to do instead, and no request."""
    signed_in.requests.clear()
    ran = run("login", *arguments)

    assert ran.code == 2
    assert said in " ".join(ran.err.split())
    assert not list(signed_in.requests)


def test_a_port_that_the_provider_does_not_know_is_bad_usage(run: Run, codex: Sandbox) -> None:
    """Those that it knows are named; nothing is bound and nobody is asked. Elsewhere any port will do."""
    one, other = codex.codex_ports
    codex.requests.clear()
    ran = run("login", "--provider", "sandbox-codex", "--again", "--port", "1")

    assert ran.code == 2
    assert f"sends the browser back to port {one} or {other} alone" in ran.err
    assert not list(codex.requests)
    assert run("login", "--provider", "sandbox-codex", "--again", "--port", str(other)).code == 0


def test_a_label_names_a_first_account(run: Run, sandbox: Sandbox) -> None:
    """There is none yet, so it is new by itself."""
    assert run("login", "--provider", "sandbox", "--label", "work").code == 0
    assert run("--json").json()["account"]["label"] == "work"


@pytest.mark.parametrize("option", ["--again", "--replace", "--enable-plan"])
def test_without_an_account_there_is_nothing_to_repeat(run: Run, sandbox: Sandbox, option: str) -> None:
    """Each is then the first sign-in."""
    assert run("login", "--provider", "sandbox", option).code == 0
    assert len(run("accounts", "--json").json()["accounts"]) == 1


@pytest.mark.parametrize("how", ["again", "logout"])
def test_signing_in_again_keeps_the_account(run: Run, signed_in: Sandbox, how: str) -> None:
    """Its id and its registration; the provider has one entry as before."""
    before, registered = run("--json").json()["account"], len(signed_in.registrations.all())
    if how == "logout":
        run("logout", "--yes")
    assert run("login", *(["--again"] if how == "again" else [])).code == 0

    assert run("--json").json()["account"] == before
    assert len(signed_in.registrations.all()) == registered
