"""Forked workers: a child has its parent's account and nothing of what its parent has under way.

Real forks, of a plain program with threads, and a sandbox that counts and can hold its answers back.
"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.support.app_process import introduce
from tests.support.fork_process import ForkingProcess
from tests.support.stage import TOKEN, HeldBack, MovedClock

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores.lock import held

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

LIFETIME = 3600


@pytest.fixture
def clock() -> MovedClock:
    """The server's clock."""
    return MovedClock()


@pytest.fixture
def sandbox(clock: MovedClock) -> Generator[Sandbox]:
    """A server that rotates strictly and lets refresh as often as one likes."""
    with Sandbox(
        auto_approve=True, earliest_refresh_at="absent", access_ttl=LIFETIME, clock=clock
    ).running() as sandbox:
        yield sandbox


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Path:
    """A home that knows the sandbox."""
    introduce(sandbox, tmp_path)
    return tmp_path


@pytest.fixture
def program(home: Path) -> Generator[ForkingProcess]:
    """A program that is signed in."""
    with ForkingProcess(home, store="file") as program:
        assert program.do("sign-in").generation == 1
        yield program


@pytest.fixture
def redeeming(program: ForkingProcess, sandbox: Sandbox, clock: MovedClock) -> Generator[HeldBack]:
    """The program's refresh is under way, because its token has all but run out: the server holds its answer back."""
    time_passes(LIFETIME - 10, clock, program)
    held_back = HeldBack(TOKEN)
    sandbox.requests.clear()
    sandbox.on_request = held_back
    program.begin("begin")
    held_back.wait_for_arrival()
    program.ends()
    yield held_back
    held_back.release()


def time_passes(seconds: float, clock: MovedClock, program: ForkingProcess) -> None:
    clock.advance(seconds)
    program.do(f"later {seconds}")


def refreshes(sandbox: Sandbox) -> int:
    """How often the token endpoint was asked."""
    return sum(record.path == TOKEN for record in sandbox.requests)


def lock_of(home: Path) -> str:
    """The account's lock."""
    (path,) = home.glob("apps/*/accounts/*/lock")
    return str(path)


# While the parent redeems.


def test_a_child_waits_for_its_parents_redemption_and_takes_what_comes_of_it(
    program: ForkingProcess, redeeming: HeldBack, sandbox: Sandbox
) -> None:
    """Like any other process: one redemption, and the same token for both."""
    program.do("fork")
    program.begin("use")
    assert program.reads()["waits"]
    redeeming.release()
    child = program.ends()
    assert (child.state, child.generation) == ("connected", 2)
    program.begin("exit")
    program.reads()
    program.do("join")
    parent = program.do("use")
    assert parent.pid == program.pid != child.pid
    assert (parent.generation, parent.served) == (2, child.served)
    assert refreshes(sandbox) == 1


def test_a_worker_of_multiprocessing_does_the_same(
    program: ForkingProcess, redeeming: HeldBack, sandbox: Sandbox
) -> None:
    """That library forks in its own way, and ends its workers in its own way."""
    program.begin("multiprocessing")
    redeeming.release()
    worker = program.ends()
    assert (worker.state, worker.generation) == ("connected", 2)
    assert worker.pid != program.pid
    program.do("join")
    assert program.do("use").served == worker.served
    assert refreshes(sandbox) == 1


def test_a_child_that_ends_leaves_its_parents_lock_alone(
    program: ForkingProcess, redeeming: HeldBack, sandbox: Sandbox, home: Path
) -> None:
    """The parent's redemption goes on, and is committed."""
    program.do("fork")
    program.begin("exit")
    program.reads()
    assert held(lock_of(home))
    redeeming.release()
    assert program.do("join").generation == 2
    assert not held(lock_of(home))
    assert refreshes(sandbox) == 1


def test_a_child_outlives_its_parent(
    program: ForkingProcess, redeeming: HeldBack, sandbox: Sandbox, clock: MovedClock, home: Path
) -> None:
    """It keeps nothing of the dead one's, so the lock is free, and it knows a doubt for what it is."""
    program.do("fork")
    program.kill()
    assert not held(lock_of(home))
    redeeming.release()
    doubting = program.do("use")
    assert (doubting.state, doubting.generation, doubting.in_doubt) == ("connected", 1, True)
    assert refreshes(sandbox) == 1
    time_passes(60, clock, program)
    told = program.do("use")
    assert (told.state, told.case) == ("expired", "refresh-interrupted")
    assert refreshes(sandbox) == 2


# What threads of the parent were doing.


def test_a_child_waits_for_no_lock_of_its_parents_threads(program: ForkingProcess, sandbox: Sandbox) -> None:
    """Whoever held them is not there to free them: it uses, refreshes and listens all the same."""
    program.begin("hold-locks")
    assert program.reads()["held"]
    program.do("fork")
    assert program.do("use").served
    assert program.do("subscribe").deadlines
    assert program.do("refresh").generation == 2
    program.kill()


def test_deadlines_are_kept_in_a_child_while_somebody_listens_there(program: ForkingProcess) -> None:
    """A listener goes with the fork, and its thread is made anew; without one there is none."""
    program.do("fork")
    assert not program.do("use").deadlines
    program.begin("exit")
    program.reads()
    assert program.do("subscribe").deadlines
    program.do("fork")
    assert program.do("use").deadlines


# What the parent has in memory alone.


def test_what_the_parent_could_not_save_is_not_the_childs(program: ForkingProcess, sandbox: Sandbox) -> None:
    """The child uses the old access token, says why, and redeems nothing."""
    old = program.do("use").served
    program.do("break-disk")
    sandbox.requests.clear()
    unsaved = program.do("refresh")
    assert (unsaved.generation, unsaved.degraded) == (2, True)
    child = program.do("fork")
    assert (child.generation, child.case, child.degraded) == (1, "unsaved-elsewhere", True)
    assert program.do("refresh").error == "unsaved-elsewhere"
    assert program.do("use").served == old
    assert refreshes(sandbox) == 1
    program.begin("exit")
    program.reads()
    assert program.do("use").generation == 2


def test_a_child_is_signed_out_of_what_lies_in_its_parents_memory(home: Path, sandbox: Sandbox) -> None:
    """A copied refresh token would be spent twice; the parent goes on with its own."""
    with ForkingProcess(home, store="memory") as program:
        assert program.do("sign-in").generation == 1
        sandbox.requests.clear()
        assert program.do("fork").state == "disconnected"
        assert program.do("refresh").error
        program.begin("exit")
        program.reads()
        assert refreshes(sandbox) == 0
        assert program.do("refresh").generation == 2
