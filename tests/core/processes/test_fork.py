"""Forked workers: a child has its parent's account and nothing of what its parent has under way.

Real forks, of a plain program with threads, and a sandbox that counts and can hold its answers back.
"""

from collections.abc import Generator

import pytest
from tests.support.fork_process import ForkingProcess
from tests.support.token_desk import HeldRequest
from tests.support.world import LIFETIME, World

from signedin_adapters.stores.lock import held


@pytest.fixture
def program(signed_in: World) -> Generator[ForkingProcess]:
    """A program that is signed in."""
    with signed_in.forking_app() as program:
        assert program.do("look").generation == 1
        yield program


@pytest.fixture
def redeeming(program: ForkingProcess, signed_in: World) -> Generator[HeldRequest]:
    """The program's refresh is under way, because its token has all but run out: the server holds its answer back."""
    signed_in.clock.advance(LIFETIME - 10)
    with signed_in.desk.holding("decided") as request:
        program.begin("begin")
        request.wait_for()
        program.finish()
        yield request


def end_child(program: ForkingProcess) -> None:
    """The parent listens again."""
    program.begin("exit")
    assert program.read()["child"]


def lock_of(world: World) -> str:
    """The account's lock."""
    (path,) = world.home.glob("apps/*/accounts/*/lock")
    return str(path)


# While the parent redeems.


def test_a_child_waits_for_its_parents_redemption_and_takes_what_comes_of_it(
    program: ForkingProcess, redeeming: HeldRequest, signed_in: World
) -> None:
    """Like any other process: one redemption, and the same token for both."""
    program.do("fork")
    program.begin("token")
    assert program.read()["waits"]
    redeeming.release()
    child = program.finish()
    assert (child.state, child.generation) == ("connected", 2)
    end_child(program)
    program.do("join")
    parent = program.do("token")
    assert parent.pid == program.pid != child.pid
    assert (parent.generation, parent.served) == (2, child.served)
    assert signed_in.redemptions == ["refreshed"]


def test_a_worker_of_multiprocessing_does_the_same(
    program: ForkingProcess, redeeming: HeldRequest, signed_in: World
) -> None:
    """That library forks in its own way, and ends its workers in its own way."""
    program.begin("multiprocessing")
    redeeming.release()
    worker = program.finish()
    assert (worker.state, worker.generation) == ("connected", 2)
    assert worker.pid != program.pid
    program.do("join")
    assert program.do("token").served == worker.served
    assert signed_in.redemptions == ["refreshed"]


def test_a_child_that_ends_leaves_its_parents_lock_alone(
    program: ForkingProcess, redeeming: HeldRequest, signed_in: World
) -> None:
    """The parent's redemption goes on, and is committed."""
    program.do("fork")
    end_child(program)
    assert held(lock_of(signed_in))
    redeeming.release()
    assert program.do("join").generation == 2
    assert not held(lock_of(signed_in))
    assert signed_in.redemptions == ["refreshed"]


def test_a_child_outlives_its_parent(program: ForkingProcess, redeeming: HeldRequest, signed_in: World) -> None:
    """It keeps nothing of the dead one's, so the lock is free, and it knows a doubt for what it is."""
    program.do("fork")
    program.kill()
    assert not held(lock_of(signed_in))
    redeeming.release()
    doubting = program.do("token")
    assert (doubting.state, doubting.generation, doubting.in_doubt) == ("connected", 1, True)
    assert signed_in.redemptions == ["refreshed"]
    signed_in.clock.advance(60)
    told = program.do("token")
    assert (told.state, told.case) == ("expired", "refresh-interrupted")
    assert signed_in.redemptions == ["refreshed", "refresh_token_reused"]


# What threads of the parent were doing.


def test_a_child_waits_for_no_lock_of_its_parents_threads(program: ForkingProcess) -> None:
    """Whoever held them is not there to free them: it uses, refreshes and listens all the same."""
    program.begin("hold-locks")
    assert program.read()["held"]
    program.do("fork")
    assert program.do("token").served
    assert program.do("subscribe").deadlines
    assert program.do("refresh").generation == 2
    program.kill()


def test_deadlines_are_kept_in_a_child_while_somebody_listens_there(program: ForkingProcess) -> None:
    """A listener goes with the fork, and its thread is made anew; without one there is none."""
    program.do("fork")
    assert not program.do("token").deadlines
    end_child(program)
    assert program.do("subscribe").deadlines
    program.do("fork")
    assert program.do("token").deadlines


# What the parent has in memory alone.


def test_what_the_parent_could_not_save_is_not_the_childs(program: ForkingProcess, signed_in: World) -> None:
    """The child uses the old access token, says why, and redeems nothing."""
    old = program.do("token").served
    program.begin("lost-disk")
    unsaved = program.do("refresh")
    assert (unsaved.generation, unsaved.degraded) == (2, True)
    child = program.do("fork")
    assert (child.generation, child.case, child.degraded) == (1, "unsaved-elsewhere", True)
    assert program.do("refresh").error == "unsaved-elsewhere"
    assert program.do("token").served == old
    assert signed_in.redemptions == ["refreshed"]
    end_child(program)
    assert program.do("token").generation == 2


def test_a_child_is_signed_out_of_what_lies_in_its_parents_memory(world: World) -> None:
    """A copied refresh token would be spent twice; the parent goes on with its own."""
    with world.forking_app(store="memory") as program:
        assert program.do("sign-in").generation == 1
        world.sandbox.requests.clear()
        assert program.do("fork").state == "disconnected"
        assert program.do("refresh").error == "not-signed-in"
        end_child(program)
        assert world.redemptions == []
        assert program.do("refresh").generation == 2
