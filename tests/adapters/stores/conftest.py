"""Fixtures of the stores' tests: a home, an app in it, and a keyring that is only pretended."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.fake_keyring import FakeKeyring

from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.key_file import KeyFile

NOBODY = 65534


@pytest.fixture
def app_paths(tmp_path: Path) -> AppPaths:
    """The paths of the app "demo" in a home that does not exist yet."""
    return AppPaths(str(tmp_path / "home"), "demo")


@pytest.fixture
def file_store(app_paths: AppPaths) -> FileStore:
    """Sealed files with the key in a file."""
    return FileStore(app_paths, KeyFile(app_paths), kind="file")


@pytest.fixture
def fake_keyring() -> Iterator[type[FakeKeyring]]:
    """The pretended keyring, empty."""
    FakeKeyring.reset()
    yield FakeKeyring
    FakeKeyring.reset()


@pytest.fixture
def make_foreign(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives a file to another user; without the right to do so, makes ourselves another user instead."""

    def give_away(path: str) -> None:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        else:
            stranger = os.geteuid() + 1
            monkeypatch.setattr(os, "geteuid", lambda: stranger)

    return give_away
