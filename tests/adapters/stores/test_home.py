"""Where things lie, and what an app is called there."""

import os
from pathlib import Path

import pytest

from signedin_adapters.stores.home import SLUG_LENGTH, AppPaths, home, slug


def test_the_environment_names_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGNEDIN_HOME wins, and is made absolute."""
    monkeypatch.setenv("SIGNEDIN_HOME", "somewhere")
    assert home() == os.path.abspath("somewhere")


@pytest.mark.linux
def test_linux_has_the_home_where_xdg_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG_DATA_HOME if it is absolute, else ~/.local/share."""
    monkeypatch.delenv("SIGNEDIN_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert home() == "/data/signedin"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert home() == "/home/ada/.local/share/signedin"


@pytest.mark.macos
def test_macos_has_the_home_in_application_support(monkeypatch: pytest.MonkeyPatch) -> None:
    """~/Library/Application Support/signedin."""
    monkeypatch.delenv("SIGNEDIN_HOME", raising=False)
    assert home() == os.path.expanduser("~/Library/Application Support/signedin")


@pytest.mark.windows
def test_windows_has_the_home_in_local_app_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """%LOCALAPPDATA%\\signedin."""
    monkeypatch.delenv("SIGNEDIN_HOME", raising=False)
    monkeypatch.setenv("LOCALAPPDATA", r"C:\Users\ada\AppData\Local")
    assert home() == r"C:\Users\ada\AppData\Local\signedin"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("signedin", "signedin"), ("Acme Notes", "acme-notes"), ("  a/../b\0 ", "a-b"), ("v2.0", "v2-0")],
)
def test_a_slug_is_plain(name: str, expected: str) -> None:
    """Lower case, letters, digits, hyphens: never a path."""
    assert slug(name) == expected


@pytest.mark.parametrize("name", ["Acme Notes", "Zoë", "日本語", "ノート", "...", "", "x" * 200])
def test_a_slug_is_its_own_slug_and_fits(name: str) -> None:
    """A name or its slug may be given, and neither is empty or long."""
    assert slug(slug(name)) == slug(name)
    assert 0 < len(slug(name)) <= SLUG_LENGTH


def test_names_outside_ascii_do_not_meet() -> None:
    """An app sees its own accounts only, whatever its letters."""
    assert len({slug(name) for name in ("日本語", "日本", "Zoë", "Zoé", "Zo")}) == 5


@pytest.mark.parametrize("account_id", ["..", "a/b", "", ".", "a\0"])
def test_an_account_id_is_no_path(account_id: str) -> None:
    """An id that could lead elsewhere is refused."""
    with pytest.raises(ValueError, match="letters, digits and hyphens"):
        AppPaths("/home", "demo").account(account_id)


def test_a_relative_home_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes the directory later loses no account."""
    monkeypatch.chdir(tmp_path)
    paths = AppPaths("home", "demo")
    assert paths.home == str(tmp_path / "home")
    assert paths.account("a1").session.startswith(paths.home)
