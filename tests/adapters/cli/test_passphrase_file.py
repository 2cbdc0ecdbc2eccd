"""`SIGNEDIN_PASSPHRASE_FILE`: the key under a passphrase that lies elsewhere, and what can be wrong with that file."""

import stat
from pathlib import Path

import pytest
from tests.support.command import Run
from tests.support.command_line import asked_to_authorize

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores import passphrase


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the variable names, with a passphrase in it; wrapping is made cheap."""
    monkeypatch.setattr(passphrase.WrappedKeyFile.__init__, "__kwdefaults__", {"cost": 2**4})
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    file.chmod(0o600)
    monkeypatch.setenv("SIGNEDIN_PASSPHRASE_FILE", str(file))
    return file


@pytest.fixture
def signed_in_to_acme(run: Run, acme: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Ada's key lies under the passphrase; acme is meant without a word."""
    monkeypatch.setenv("SIGNEDIN_PROVIDER", acme)
    ran = run("login")
    assert ran.code == 0, ran.err
    return acme


def test_it_is_enough_to_name_the_file(run: Run, signed_in_to_acme: str, home: Path) -> None:
    """No question, no other setting; the key beside the session is wrapped."""
    assert run("--json").json()["store"] == "file"
    assert list(home.glob("apps/signedin/accounts/*/key.wrapped"))
    assert not list(home.glob("apps/signedin/accounts/*/key"))
    assert run("ask", "hello").code == 0


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r\nmore\r\n"])
def test_the_first_line_counts_whatever_ends_it(start: Run, signed_in_to_acme: str, file: Path, ending: str) -> None:
    """An editor on Windows changes nothing."""
    file.write_bytes(b"correct horse" + ending.encode())

    assert start("ask", "hello").code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "which cannot be read"), (b"", "which holds no passphrase"), (b"\r\n", "which holds no passphrase")],
    ids=["missing", "empty", "blank"],
)
def test_what_is_no_passphrase_is_told_before_a_browser_opens(
    run: Run, acme: str, sandbox: Sandbox, file: Path, content: bytes | None, said: str
) -> None:
    """Exit 6, the variable and the file; nothing is asked of the provider."""
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    ran = run("login", "--provider", acme)

    assert ran.code == 6
    assert f"SIGNEDIN_PASSPHRASE_FILE names {file}, {said}" in ran.err
    assert not asked_to_authorize(sandbox)


def test_what_cannot_be_read_is_told(run: Run, acme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory; a file without the right to read it is told in the same words."""
    monkeypatch.setenv("SIGNEDIN_PASSPHRASE_FILE", str(tmp_path))

    assert "which cannot be read" in run("login", "--provider", acme).err


def test_a_wrong_passphrase_says_nothing_about_the_session(start: Run, signed_in_to_acme: str, file: Path) -> None:
    """The store cannot be opened; with the right one nothing was lost."""
    file.write_text("battery staple\n")
    ran = start("ask", "hello", "--json")
    assert (ran.code, ran.json()["error"]["case"]) == (6, "store-unavailable")

    file.write_text("correct horse\n")
    assert start("ask", "hello").code == 0


def test_one_that_others_may_read_is_used_and_named(run: Run, acme: str, file: Path) -> None:
    """The secrets of containers are like that; its mode is left as it is."""
    file.chmod(0o644)
    ran = run("login", "--provider", acme)

    assert ran.code == 0
    assert f"Others may read {file}, which SIGNEDIN_PASSPHRASE_FILE names." in ran.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
