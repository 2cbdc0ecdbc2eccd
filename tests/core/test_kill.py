"""kill -9, at the points where it hurts: whoever comes next goes on, or is told what happened.

Real processes over sealed files, and a sandbox that outlives them. Each is stopped at a named point of its exchange and
killed there, holding the lock.
"""

from collections.abc import Generator
from pathlib import Path

import pytest
from tests.support.app_process import AppProcess, Standing, introduce

from signedin_adapters.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Generator[Sandbox]:
    """A server that rotates strictly and lets refresh as often as one likes."""
    with Sandbox(auto_approve=True, earliest_refresh_at="absent").running() as sandbox:
        yield sandbox


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Path:
    """A home that knows the sandbox."""
    introduce(sandbox, tmp_path)
    return tmp_path


@pytest.fixture
def signed_in(home: Path) -> Path:
    """A home with an account, whose app has ended."""
    with app(home) as first:
        assert first.do("sign-in") == connected(1)
    return home


def app(home: Path) -> AppProcess:
    return AppProcess(home, store="file")


def connected(generation: int, *, in_doubt: bool = False) -> Standing:
    return Standing(state="connected", generation=generation, in_doubt=in_doubt)


def kill(home: Path, *, at: str, during: str) -> None:
    with app(home) as victim:
        victim.kill_at(at, during)


def test_killed_before_anything_was_written(signed_in: Path) -> None:
    """The kernel frees the lock of the dead, and nothing else had happened."""
    kill(signed_in, at="claimed", during="refresh")
    with app(signed_in) as survivor:
        assert survivor.do("look") == connected(1)
        assert survivor.do("refresh") == connected(2)


def test_killed_before_the_token_was_sent(signed_in: Path) -> None:
    """What it intended is in doubt: the session is used, and the refresh that works ends the doubt."""
    kill(signed_in, at="intended", during="refresh")
    with app(signed_in) as survivor:
        assert survivor.do("look") == connected(1, in_doubt=True)
        assert survivor.do("ask") == connected(1, in_doubt=True)
        assert survivor.do("refresh") == connected(2)


def test_killed_before_the_answer_was_saved(signed_in: Path) -> None:
    """The spent token's successor is lost: the old access token serves while it lives, then the app says what happened.

    The registration is kept, and signing in again is all that it takes.
    """
    kill(signed_in, at="answered", during="refresh")
    with app(signed_in) as survivor:
        assert survivor.do("ask") == connected(1, in_doubt=True)
        told = survivor.do("refresh")
        assert (told.state, told.case, told.error) == ("expired", "refresh-interrupted", "refresh-interrupted")
    with app(signed_in) as later:
        assert later.do("look") == Standing(state="expired", generation=1, case="refresh-interrupted")
        assert later.do("sign-in") == connected(2)


def test_killed_before_the_new_session_was_announced(signed_in: Path) -> None:
    """What was saved counts: the next process has the new session, without a doubt."""
    kill(signed_in, at="committed", during="refresh")
    with app(signed_in) as survivor:
        assert survivor.do("look") == connected(2)
        assert survivor.do("ask") == connected(2)
        assert survivor.do("refresh") == connected(3)


def test_another_process_outlives_the_one_that_was_refreshing(signed_in: Path) -> None:
    """A process that runs all along waits for no dead holder, and adopts what the dead one had saved."""
    with app(signed_in) as witness:
        assert witness.do("look") == connected(1)
        kill(signed_in, at="committed", during="refresh")
        kill(signed_in, at="intended", during="refresh")
        assert witness.do("refresh").generation == 2
        assert witness.do("refresh") == connected(3)


def test_killed_in_the_middle_of_signing_in(home: Path, sandbox: Sandbox) -> None:
    """Nobody is signed in, and the issued registration, saved before the code was spent, is used again."""
    kill(home, at="answered", during="sign-in")
    with app(home) as survivor:
        assert survivor.do("look") == Standing(state="disconnected", generation=0)
        assert survivor.do("sign-in") == connected(1)
    assert [request.note for request in sandbox.requests if request.path == "/api/accounts/authorize"] == [
        "registration",
        "returning sign-in",
    ]
