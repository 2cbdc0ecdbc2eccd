"""A real Secret Service: gnome-keyring on a D-Bus of its own, and apps as processes that keep their keys in it."""

from collections.abc import Generator
from pathlib import Path

import pytest
from tests.support import desktop as desktops
from tests.support.app_process import AppProcess, Standing
from tests.support.connected import announce
from tests.support.desktop import Desktop

from signedin.record import Preferences
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores.opening import choose

pytestmark = pytest.mark.linux

SERVICE = "signedin:acme-notes"


@pytest.fixture
def sandbox() -> Generator[Sandbox]:
    """A server that lets refresh as often as one likes."""
    with Sandbox(auto_approve=True, earliest_refresh_at="absent").running() as sandbox:
        yield sandbox


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Path:
    """A home that knows the sandbox."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    announce(sandbox, str(home))
    return home


@pytest.fixture
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Desktop]:
    """A session bus, with no keyring on it yet."""
    with desktops.session(tmp_path_factory.mktemp("run")) as desktop:
        yield desktop


@pytest.fixture
def logged_in(desktop: Desktop) -> Desktop:
    """The same with gnome-keyring, unlocked and empty."""
    desktop.log_in()
    return desktop


def app(home: Path, desktop: Desktop | None) -> AppProcess:
    return AppProcess(home, store="keyring", environment=desktop.environment if desktop else None)


def connected(generation: int) -> Standing:
    return Standing(state="connected", generation=generation)


def test_a_keyring_that_answers_is_chosen(logged_in: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody decided otherwise, the key goes into the keyring."""
    for name, value in logged_in.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SIGNEDIN_STORE", raising=False)
    assert choose(app="Acme Notes", preferences=Preferences(), secret=True) == "keyring"


def test_signing_in_puts_one_key_into_the_keyring(home: Path, logged_in: Desktop) -> None:
    """One entry, called after app and account; the key is nowhere on disk, and the probe left nothing."""
    with app(home, logged_in) as first:
        signed_in = first.do("sign-in")
    assert signed_in == connected(1)
    entries = logged_in.entries(SERVICE)
    assert list(entries) == [signed_in.account]
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert entries[signed_in.account].encode() not in written


def test_another_process_goes_on_with_the_same_key(home: Path, logged_in: Desktop) -> None:
    """It opens the session, refreshes it, and leaves the keyring as it was."""
    with app(home, logged_in) as first:
        first.do("sign-in")
    before = logged_in.entries(SERVICE)
    with app(home, logged_in) as second:
        assert second.do("look") == connected(1)
        assert second.do("refresh") == connected(2)
    assert logged_in.entries(SERVICE) == before


def test_signing_out_takes_the_key_away(home: Path, logged_in: Desktop) -> None:
    """Nothing of ours is left in the keyring."""
    with app(home, logged_in) as first:
        first.do("sign-in")
        assert first.do("sign-out").state == "disconnected"
    assert logged_in.entries(SERVICE) == {}


def test_a_locked_keyring_keeps_the_session(home: Path, logged_in: Desktop) -> None:
    """Who has the key goes on and can save; a new process says that it is locked; unlocked, nothing was lost."""
    with app(home, logged_in) as first:
        first.do("sign-in")
        logged_in.lock()
        assert first.do("refresh") == connected(2)
        with app(home, logged_in) as second:
            seen = second.do("look")
            assert (seen.state, seen.generation, seen.case) == ("error", 0, "keyring-locked")
    logged_in.unlock()
    with app(home, logged_in) as third:
        assert third.do("refresh") == connected(3)


def test_a_keyring_that_is_gone_and_comes_back(home: Path, logged_in: Desktop) -> None:
    """The app says that none answers; once one does, a retry finds the session as it was."""
    with app(home, logged_in) as first:
        first.do("sign-in")
    logged_in.log_out()
    with app(home, logged_in) as second:
        seen = second.do("look")
        assert (seen.state, seen.generation, seen.case) == ("error", 0, "keyring-backend-missing")
        logged_in.log_in()
        assert second.do("retry") == connected(1)


@pytest.mark.parametrize("on_a_bus", [True, False])
def test_no_keyring_is_told_before_a_browser_opens(
    home: Path, desktop: Desktop, sandbox: Sandbox, on_a_bus: bool
) -> None:
    """Neither a bus without a Secret Service nor no bus at all lets a sign-in begin."""
    with app(home, desktop if on_a_bus else None) as first:
        told = first.do("sign-in")
    assert told == Standing(state="disconnected", generation=0, error="keyring-backend-missing")
    assert len(sandbox.requests) == 0
