"""Which store is opened where nobody named one: never a key file without a word of the user's."""

from pathlib import Path

import pytest
from tests.support.fake_keyring import FAKE

from signedin.errors import StoreError
from signedin.ports import Store
from signedin.record import Preferences
from signedin_adapters.stores import keyring_key, opening
from signedin_adapters.stores.opening import choose


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is set but the home, and no keyring is there."""
    for name in ("SIGNEDIN_STORE", "SIGNEDIN_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIGNEDIN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(keyring_key, "BACKENDS", ())


def chosen(*, secret: bool = True, store: str | None = None) -> str:
    """The choice for the app "demo"."""
    return choose(app="demo", preferences=Preferences(store=store), secret=secret)


def test_without_a_keyring_nothing_is_chosen_silently() -> None:
    """The exact command is in the message."""
    with pytest.raises(StoreError, match="SIGNEDIN_STORE=file") as caught:
        chosen()
    assert caught.value.case == "keyring-backend-missing"


@pytest.mark.usefixtures("fake_keyring")
def test_a_keyring_that_answers_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the default wherever there is one."""
    monkeypatch.setattr(keyring_key, "BACKENDS", (FAKE,))
    assert chosen() == "keyring"


def test_what_the_user_chose_before_is_kept() -> None:
    """The question is asked once."""
    assert chosen(store="file") == "file"


def test_a_passphrase_is_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names a file with one wants the key under it."""
    monkeypatch.setenv("SIGNEDIN_PASSPHRASE_FILE", "/run/secrets/passphrase")
    assert chosen() == "file"


def test_what_has_no_secret_needs_no_keyring() -> None:
    """The sandbox's accounts lie in files, whatever was chosen for others."""
    assert chosen(secret=False, store="keyring") == "file"


@pytest.mark.parametrize("name", ["memory", "file", "keyring", "vault"])
def test_the_environment_has_the_last_word(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """SIGNEDIN_STORE names ours and third parties' alike."""
    monkeypatch.setenv("SIGNEDIN_STORE", name)
    assert chosen(secret=False, store="file") == name


@pytest.mark.parametrize("name", ["memory", "file", "keyring"])
def test_each_store_opens_without_touching_anything(name: str, tmp_path: Path) -> None:
    """Opening makes no directory and asks no keyring."""
    store: Store = getattr(opening, name)(app="Acme Notes")
    assert store.kind == name
    assert list(store.records()) == []
    assert list(tmp_path.iterdir()) == []


def test_the_app_gets_accounts_of_its_own(tmp_path: Path) -> None:
    """Its slug is its directory."""
    opening.file(app="Acme Notes").probe()
    assert (tmp_path / "home" / "apps" / "acme-notes" / "accounts").is_dir()
