"""One sign-in at a time: who holds it, since when, and what frees it."""

import os
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.support.lock_holder import holding, leave_to_a_forked_child

from signedin.errors import StoreError
from signedin.testing.sample_account import ACCOUNT, commit, sample_record, sample_session
from signedin_adapters.stores import sign_in_lock
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.lock import held
from signedin_adapters.stores.sign_in_lock import sole_sign_in

HOLDER = """
import sys, time
from signedin_adapters.stores.sign_in_lock import sole_sign_in
sys.argv[0] = "/usr/bin/acme"
with sole_sign_in(sys.argv[1], app="demo", clock=lambda: float(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A lock that was never taken."""
    return str(tmp_path / "sign-in.lock")


def elsewhere(path: str, *, since: float) -> AbstractContextManager["subprocess.Popen[str]"]:
    """Another process that signs in, until the block ends."""
    return holding(HOLDER, path, str(since))


def refusal(path: str, *, at: float) -> str:
    """What is told to whoever comes second at `at`."""
    with pytest.raises(StoreError) as refused, sole_sign_in(path, app="demo", clock=lambda: at):
        pass
    assert refused.value.case == "login-in-progress"
    return refused.value.message


def local(hour: int, *, day: int = 22) -> float:
    """An hour of a day in November 2026, as the clock on the wall has it."""
    return time.mktime((2026, 11, day, hour, 5, 0, 0, 0, -1))


def test_another_process_is_named_with_its_program_and_the_time(path: str) -> None:
    """Enough to find it at midnight; with the date where that is another day's."""
    with elsewhere(path, since=local(23)) as process:
        who = f"in process {process.pid} (acme)"
        assert refusal(path, at=local(23)) == f"Another sign-in has been running since 23:05, {who}"
        assert refusal(path, at=local(0, day=23)) == f"Another sign-in has been running since 22 Nov, 23:05, {who}"


def test_death_frees_it(path: str) -> None:
    """Nothing has to be removed, and what the dead one wrote says nothing."""
    with elsewhere(path, since=local(23)) as process:
        process.kill()
        process.wait()
        assert not held(path)
        with sole_sign_in(path, app="demo", clock=time.time):
            assert f"process {os.getpid()}" in refusal(path, at=time.time())


@pytest.mark.parametrize(
    "written",
    [b"", b"\n", b'\n{"schema": 1, "pi', b"\n[]\n", b'\n{"schema": 1, "pid": 1, "program": "a", "since": 1e999}\n'],
)
def test_what_cannot_be_read_is_not_told(path: str, written: bytes) -> None:
    """The lock decides; the message says as much as is known."""
    with sole_sign_in(path, app="demo", clock=time.time):
        Path(path).write_bytes(written)
        assert refusal(path, at=time.time()) == "Another sign-in is running"


def test_a_longer_line_of_the_one_before_leaves_nothing_behind(path: str) -> None:
    """The file is written in place: it is the lock."""
    Path(path).write_bytes(b"\n" + b"x" * 500)
    Path(path).chmod(0o600)
    with sole_sign_in(path, app="demo", clock=time.time):
        assert Path(path).read_bytes().endswith(b"}\n")


@pytest.mark.parametrize("started", ["", "-c", "-m", "/srv/acme/__main__.py", "/srv/ac\nme", "/srv/\udcff"])
def test_a_program_without_a_name_is_called_as_its_app(
    path: str, started: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing that a terminal would obey is passed on."""
    monkeypatch.setattr(sys, "argv", [started])
    with sole_sign_in(path, app="demo", clock=time.time):
        assert refusal(path, at=time.time()).endswith(f"process {os.getpid()} (demo)")


def test_whoever_only_asks_stops_no_sign_in(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`status` holds the lock for a blink: that is waited for, and another sign-in is not."""
    fcntl = pytest.importorskip("fcntl")
    asking = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(asking, fcntl.LOCK_SH)
    real_sleep = time.sleep

    def end_of_the_blink(seconds: float) -> None:
        fcntl.flock(asking, fcntl.LOCK_UN)
        real_sleep(seconds)

    monkeypatch.setattr(time, "sleep", end_of_the_blink)
    with sole_sign_in(path, app="demo", clock=time.time):
        began = time.monotonic()
        refusal(path, at=time.time())
        assert time.monotonic() - began < 4 * sign_in_lock.PATIENCE_SECONDS
    os.close(asking)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_neither_holds_nor_frees_it(path: str) -> None:
    """A child that leaves its copy of the block leaves the lock with its parent; one that lives on does not keep it."""
    leave_to_a_forked_child(sole_sign_in(path, app="demo", clock=time.time), path)


def test_the_accounts_own_lock_is_taken_once_somebody_signed_in(file_store: FileStore, app_paths: AppPaths) -> None:
    """Before that the app's: the account has no place that others would look at."""
    with file_store.sign_in_claim(ACCOUNT):
        assert held(app_paths.sign_in_lock)
    file_store.save_record(sample_record())
    commit(file_store, sample_session(), sign_in=True)
    with file_store.sign_in_claim(ACCOUNT):
        assert held(app_paths.account(ACCOUNT).sign_in_lock)
        assert not held(app_paths.sign_in_lock)


def test_a_damaged_record_stops_no_sign_in(file_store: FileStore, app_paths: AppPaths) -> None:
    """Signing in is what replaces it."""
    file_store.save_record(sample_record())
    Path(app_paths.account(ACCOUNT).record).write_bytes(b"{")
    with file_store.sign_in_claim(ACCOUNT):
        assert held(app_paths.sign_in_lock)
