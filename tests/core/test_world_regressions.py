"""What once failed in the simulated world (see test_world), written out: one test for each bug that it found."""

from collections.abc import Generator

import pytest
from tests.support.simulated.world import World
from tests.support.simulated.world import world as new_world

from signedin.states import State


@pytest.fixture
def world() -> Generator[World]:
    """Two processes on one account, which is signed in; all is well again in the end, and everything must hold."""
    with new_world() as world:
        yield world
        world.calm()


def test_a_sign_out_while_a_sign_in_is_being_committed_is_final(world: World) -> None:
    """The commit outranks the sign-outs before it, never one which already ended its session."""
    world.sign_in(0)
    world.go_until(0, "end")
    world.go_until(0, "rename session")
    world.go_until(0, "sync")
    world.sign_out(1, revoke=False)
    world.go_until(1, "rename signed-out")
    world.go_until(1, "sync")
    world.settle()
    assert world.watch.loaded().state is State.DISCONNECTED


def test_a_sign_out_that_fails_leaves_nobody_waiting_for_an_answer(world: World) -> None:
    """Whoever held an unsaved answer and signs out holds it no longer, though the marker could not be written."""
    world.refresh(0)
    world.go_until(0, "answered")
    world.set_disk("read-only")
    world.settle()
    assert world.processes[0].account.context.unsaved is not None
    world.sign_out(0, revoke=False)
    world.settle()
    assert world.processes[0].could_not_sign_out
    world.set_disk("well")
    world.wait(4000.0)
    world.ask(1)
    world.settle()
    assert world.processes[1].account.context.case != "unsaved-elsewhere"


def test_a_look_that_is_stopped_hides_no_sign_out(world: World) -> None:
    """What one thread has not read to the end yet counts for no other thread as seen."""
    world.sign_out(0, revoke=False)
    world.settle()
    world.wait(20.0)
    world.ask(1)
    world.wait(20.0)
    world.ask(1)
    assert world.processes[1].last is None, "the second one reads for itself"


def test_a_sign_out_that_goes_on_under_the_look_is_seen(world: World) -> None:
    """What changed while it was read is read again at once: the sign-out itself is long over."""
    world.sign_out(0, revoke=False)
    world.go_until(0, "rename intent")
    world.wait(20.0)
    world.ask(1)
    world.go(1, 1)
    world.go_until(0, "sync")
    world.go_until(1, "end")
    assert world.processes[1].last is not None
    assert world.processes[1].last.session is None


def test_status_takes_no_notice_of_an_intent_that_a_sign_in_went_past(world: World) -> None:
    """Whoever cannot save an answer holds the intent on, while another signs in: `status` tells of the latter."""
    world.refresh_until(0, "answered")
    world.set_disk("read-only")
    world.settle()
    world.set_disk("well")
    world.sign_in(1)
    world.settle()
    assert world.watch.judged().case is None
