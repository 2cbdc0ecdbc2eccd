"""Storage: a real keyring on a desktop, and the programs that use it as processes of their own."""

import sys
from pathlib import Path

import pytest
from tests.support import impatient_program
from tests.support.command import ONLY_LOOKING, Ran, Run, ended
from tests.support.command_line import asked_to_authorize
from tests.support.desktop import Desktop
from tests.support.keyrings import NO_BUS
from tests.support.user import User

pytestmark = pytest.mark.linux


@pytest.fixture
def run(run: Run) -> Run:
    """The command with less patience, as a process: its connection to the desktop ends with it."""
    root = Path(__file__).parents[2]

    def run_or_start(*arguments: str) -> Ran:
        if arguments[0] in ONLY_LOOKING:
            return run(*arguments)
        return ended(sys.executable, "-m", impatient_program.__name__, "command", *arguments, cwd=root)

    return run_or_start


def signed_in(user: User, acme: str, desktop: Desktop) -> None:
    """Ada's key lies in the keyring."""
    assert user.types("login", "--provider", acme).code == 0, user.ran.err
    assert len(desktop.entries("signedin:signedin")) == 1


@pytest.mark.case("keyring-backend-missing")
def test_a_session_whose_keyring_is_gone(
    user: User, acme: str, desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed in at the desktop, then used over SSH, where there is no D-Bus; at the desktop nothing was lost."""
    signed_in(user, acme, desktop)
    with monkeypatch.context() as over_ssh:
        over_ssh.setenv("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
        user.types("ask", "Hello")
        user.was_told("SIGNEDIN_STORE=file signedin login --again")
        user.stands("connected")
        user.logged()
        user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("keyring-backend-missing")
def test_the_remedy_for_a_keyring_that_is_gone(
    user: User, acme: str, desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stays over SSH signs in again with the key in a file, and needs no keyring from then on.

    The log also has that the old session, whose key lies in the keyring, was of no use to that sign-in.
    """
    signed_in(user, acme, desktop)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
    user.types("ask", "Hello")
    user.was_told()
    with monkeypatch.context() as once:
        once.setenv("SIGNEDIN_STORE", "file")
        assert user.types("login", "--again").code == 0, user.ran.err
    user.stands("connected", names_case=False)
    user.logged()
    user.is_diagnosed("store-unavailable", status="cleared")
    user.keeps_the_session()


@pytest.mark.case("keyring-backend-missing")
def test_a_first_sign_in_without_a_keyring(user: User, acme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends before a browser opens; what the remedy says then works."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
    user.types("login", "--provider", acme)
    user.was_told("SIGNEDIN_STORE=file signedin login --provider acme --again")
    assert not asked_to_authorize(user.sandbox)
    user.stands("disconnected", names_case=False)
    user.leaves_out("logged", because="no step was taken: the log has the sign-in that failed, which diagnose reads")
    user.is_diagnosed()
    with monkeypatch.context() as once:
        once.setenv("SIGNEDIN_STORE", "file")
        assert user.types("login", "--again", "--provider", acme).code == 0, user.ran.err
    user.keeps_the_session()


@pytest.mark.case("keyring-locked")
def test_a_locked_keyring(user: User, acme: str, desktop: Desktop) -> None:
    """The desktop was left alone: unlocking is enough, and nobody is sent to sign in."""
    signed_in(user, acme, desktop)
    desktop.lock()
    user.types("ask", "Hello")
    user.was_told("Unlock the keyring")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    desktop.unlock()
    user.keeps_the_session()


@pytest.mark.case("keyring-hung")
def test_a_keyring_that_never_answers(user: User, acme: str, desktop: Desktop) -> None:
    """Its process is stopped; the command gives up on it, and says what may be waiting."""
    signed_in(user, acme, desktop)
    desktop.hang()
    user.types("ask", "Hello")
    user.was_told("look for its window", "SIGNEDIN_STORE=file signedin login --again")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    desktop.unlock()
    user.keeps_the_session()
