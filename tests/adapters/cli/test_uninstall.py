"""`docs/uninstall.md`, followed to the letter: afterwards nothing secret is left, in the home or in the keyring."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.command import Ran, Run
from tests.support.fake_keyring import FAKE, FakeKeyring

from signedin_adapters.cli.command_table import COMMANDS
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores import keyring_key

PAGE = Path(__file__).parents[3] / "docs" / "uninstall.md"
LEFT = {"app.json", "config.toml", "sandbox.json", "preferences.json", "attempt.json", "host-id", "sign-in.lock", "log"}
"""What the page says that signing out and forgetting leave."""


def commands() -> tuple[list[str], ...]:
    """The words after `signedin` in the page's blocks, a list of lines for each block."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return tuple([line.removeprefix("signedin ") for line in block.splitlines()] for block in blocks)


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeKeyring]]:
    """A keyring that is only pretended, and chosen."""
    FakeKeyring.reset()
    monkeypatch.setattr(keyring_key, "BACKENDS", (FAKE,))
    monkeypatch.setenv("SIGNEDIN_STORE", "keyring")
    yield FakeKeyring
    FakeKeyring.reset()


@pytest.fixture
def two_accounts(run: Run, sandbox: Sandbox, home: Path, keyring: type[FakeKeyring]) -> None:
    """The same person signed in twice, each session under a key of its own."""
    assert run("login", "--provider", "sandbox", "--timeout", "20").code == 0
    assert run("login", "--provider", "sandbox", "--timeout", "20", "--new", "--label", "work").code == 0
    assert len(keyring.entries) == 2


def labels(run: Run) -> list[str]:
    """The accounts that are there."""
    return [account["label"] for account in run("accounts", "--json").json()["accounts"]]


def follow(run: Run, block: list[str]) -> list[Ran]:
    """Type what a block says, for each account where it says LABEL, and yes where that is asked."""
    typed = [
        line.replace("LABEL", label).split() for line in block for label in (labels(run) if "LABEL" in line else [""])
    ]
    return [run(*words, *(["--yes"] if words[0] in ("logout", "forget") else [])) for words in typed]


def test_every_command_of_the_page_exists(run: Run) -> None:
    """In the blocks and in the sentences, with its options."""
    named = re.findall(r"`signedin ([^`]+)`", PAGE.read_text()) + [line for block in commands() for line in block]
    for words in map(str.split, named):
        assert words[0] in COMMANDS
        assert run(*words, "--help").code == 0


def test_signing_out_and_forgetting_leave_nothing_secret(
    run: Run, two_accounts: None, home: Path, keyring: type[FakeKeyring], sandbox: Sandbox
) -> None:
    """Both sessions are revoked, the keyring is empty, and what is left is what the page lists."""
    sign_out, forget, check = commands()
    sandbox.requests.clear()
    assert [ran.code for ran in follow(run, sign_out)] == [0, 0, 0]
    assert len([request for request in sandbox.requests if "revo" in request.path]) == 2
    assert keyring.entries == {}
    assert not [path for name in ("session", "key", "revocation-pending*") for path in home.rglob(f"accounts/*/{name}")]

    assert [ran.code for ran in follow(run, forget)] == [0, 0]
    left = {path.name for place in (home, home / "apps" / "signedin") for path in place.iterdir()}
    assert left - {"apps", "accounts"} <= LEFT
    assert not list((home / "apps" / "signedin" / "accounts").iterdir())

    none, nobody = follow(run, check)
    assert none.out.startswith("There are no accounts yet.")
    assert nobody.code == 3


def test_what_is_left_is_what_the_page_lists() -> None:
    """By the names of the files."""
    page = PAGE.read_text()
    assert [name for name in LEFT if name not in page] == []


def test_an_end_that_was_not_confirmed_is_tried_again_by_forgetting(
    run: Run, two_accounts: None, home: Path, keyring: type[FakeKeyring], sandbox: Sandbox
) -> None:
    """And whatever comes of that, no key and no token stays."""
    sign_out, forget, _ = commands()
    sandbox.faults.inject("revoke-503", times=None)
    assert "did not confirm it" in follow(run, sign_out)[1].out
    assert len(keyring.entries) == 2
    sandbox.requests.clear()
    assert all("did not confirm" in ran.out for ran in follow(run, forget))
    assert [request for request in sandbox.requests if "revo" in request.path]
    assert keyring.entries == {}
    assert not list((home / "apps" / "signedin" / "accounts").iterdir())


def test_looking_makes_no_home(run: Run, home: Path) -> None:
    """The last check leaves nothing behind that would have to be deleted again."""
    home.rmdir()
    follow(run, commands()[-1])
    assert not home.exists()
