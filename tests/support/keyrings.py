"""Keyrings for tests that are about one: a real one on a desktop of its own, and one that is only pretended."""

from collections.abc import Generator

import pytest
from tests.support import desktop as desktops
from tests.support.desktop import Desktop
from tests.support.fake_keyring import FAKE, FakeKeyring

from signedin_adapters.stores import keyring_key

NO_BUS = "unix:path=/nonexistent"
"""Where a D-Bus is looked for that is not there, and with it no keyring."""


@pytest.fixture
def pretended_keyring(monkeypatch: pytest.MonkeyPatch) -> Generator[type[FakeKeyring]]:
    """A pretended keyring in place of the system's, for this process."""
    monkeypatch.setattr(keyring_key, "BACKENDS", (FAKE,))
    FakeKeyring.reset()
    yield FakeKeyring
    FakeKeyring.reset()


@pytest.fixture
def desktop(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Generator[Desktop]:
    """A desktop session with gnome-keyring unlocked; every process of the test is in it."""
    with desktops.session(tmp_path_factory.mktemp("run")) as desktop:
        desktop.log_in()
        for name, value in desktop.environment.items():
            monkeypatch.setenv(name, value)
        yield desktop


def raising(error: Exception) -> None:
    """Whatever the pretended keyring is asked from here on, it raises this."""

    def fail() -> None:
        raise error

    FakeKeyring.before = staticmethod(fail)
