"""SIGSTOP of the process that holds the claim, for longer than any of its deadlines, then SIGCONT.

Meanwhile nobody else spends a token, nobody who has a living one waits, and a sign-out is not delayed. What the stopped
process was about to get is kept afterwards, or, after a sign-out, revoked.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from tests.support.app_process import AppProcess
from tests.support.nursery import PATIENCE
from tests.support.world import World, connected

from signedin.ports import CLEARING_SECONDS

STOPS = ("claimed", "intended", "connected", "answer-waits", "answered", "parsed", "sealing", "sealed")
"""Before the commit: "answer-waits" is with the answer in the socket, of a server that was done."""
COMMITTED = ("committed", "identified", "published")
IN_THE_REQUEST = ("connected", "answer-waits")
DEADLINE_SECONDS = 1.0
"""Of the request of a holder that stops in the middle of it: long enough to come that far."""


@contextmanager
def stopped(world: World, at: str) -> Generator[AppProcess]:
    """A process that stands there in a refresh, holding the claim, and whose every deadline will be over."""
    with world.app() as holder:
        if at in IN_THE_REQUEST:
            holder.begin(f"limit exchange {DEADLINE_SECONDS}")
            holder.begin("limit late 0.05")
        if at == "answer-waits":
            with world.desk.holding("decided") as request:
                holder.begin("refresh")
                request.wait_for()
                holder.stop()
        else:
            holder.stop_at(at, "refresh")
        yield holder


@contextmanager
def impatient(world: World, holder_at: str = "") -> Generator[AppProcess]:
    """A process that waits for a claim only for a moment, but for longer than the holder's deadline."""
    wait = 1.2 * DEADLINE_SECONDS if holder_at in IN_THE_REQUEST else 0.2
    with world.app() as other:
        for limit in (f"claim {wait}", f"clearing {wait}", "look 0.05"):
            other.begin(f"limit {limit}")
        yield other


def until_adopted(app: AppProcess, generation: int) -> None:
    """Another process' commit is seen within a second."""
    deadline = time.monotonic() + PATIENCE
    while app.do("look") != connected(generation):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("point", STOPS)
def test_a_stopped_holder(signed_in: World, point: str) -> None:
    """A living token is served at once; without one the wait has an end, and nothing is sent. The answer is kept."""
    with stopped(signed_in, point) as holder, impatient(signed_in, point) as other:
        sent = signed_in.redemptions
        assert other.do("token") == connected(1)
        signed_in.expire()
        assert other.do("token").error == "lock-timeout"
        assert signed_in.redemptions == sent
        holder.go_on()
        assert holder.finish() == connected(2)
        until_adopted(other, 2)
    assert signed_in.redemptions == ["refreshed"]
    assert (signed_in.grant.rotations, signed_in.grant.ended) == (1, None)


@pytest.mark.parametrize("point", COMMITTED)
def test_a_holder_that_stopped_after_its_commit(signed_in: World, point: str) -> None:
    """Nobody waits for it: what it saved is adopted without its claim."""
    with stopped(signed_in, point) as holder, signed_in.app() as other:
        assert other.do("token") == connected(2)
        assert other.do("ask") == connected(2)
        holder.go_on()
        assert holder.finish() == connected(2)
    assert signed_in.redemptions == ["refreshed"]


def test_a_waiter_takes_what_a_stopped_holder_saved(signed_in: World) -> None:
    """It waits for the claim, and has the session as soon as that is there, though the claim is never let go."""
    with signed_in.app() as holder, signed_in.app() as waiter:
        holder.begin("stop parsed")
        holder.begin("stop committed")
        holder.begin("refresh")
        holder.wait_until_stopped()
        assert waiter.do("look") == connected(1)
        waiter.begin("refresh")
        holder.go_on()
        holder.wait_until_stopped()
        assert waiter.finish() == connected(2)
        assert waiter.do("ask") == connected(2)
        holder.go_on()
        assert holder.finish() == connected(2)
    assert signed_in.redemptions == ["refreshed"]


@pytest.mark.parametrize("point", STOPS)
def test_a_sign_out_does_not_wait_for_a_stopped_holder(signed_in: World, point: str) -> None:
    """It is final: the late answer is neither committed nor used, the sign-in is over, and nothing is left on disk."""
    with stopped(signed_in, point) as holder, impatient(signed_in, point) as other:
        assert other.do("sign-out").state == "disconnected"
        assert signed_in.grant.ended == "revoked"
        holder.go_on()
        assert holder.finish().state == "disconnected"
        assert other.do("look").state == "disconnected"
    signed_in.assert_over()
    assert signed_in.grant.rotations <= 1


@pytest.mark.parametrize("point", ["sealed", "answered"])
def test_a_late_answer_is_revoked_though_the_sign_out_could_not(signed_in: World, point: str) -> None:
    """The provider was out of reach for the sign-out: the holder ends the sign-in with the token that it got."""
    with stopped(signed_in, point) as holder, impatient(signed_in, point) as other:
        signed_in.sandbox.faults.inject("revoke-503", times=None)
        assert other.do("sign-out").case == "logout-not-effective"
        assert signed_in.grant.ended is None
        signed_in.sandbox.faults.clear()
        holder.go_on()
        assert holder.finish().state == "disconnected"
    signed_in.assert_over()


def test_a_late_answer_whose_holder_is_killed_is_revoked_by_the_next_start(signed_in: World) -> None:
    """It was given its name after a sign-out that it could not see, and nobody had taken it back."""
    with signed_in.app() as holder, impatient(signed_in) as other:
        holder.begin("stop sealed")
        holder.begin("stop renamed")
        holder.begin("refresh")
        holder.wait_until_stopped()
        signed_in.sandbox.faults.inject("revoke-503", times=None)
        assert other.do("sign-out").case == "logout-not-effective"
        holder.go_on()
        holder.wait_until_stopped()
        holder.kill()
    signed_in.sandbox.faults.clear()
    assert signed_in.grant.ended is None
    with signed_in.app() as survivor:
        assert survivor.do("look").state == "disconnected"
    signed_in.assert_over()


@pytest.mark.parametrize("point", COMMITTED)
def test_a_sign_out_after_the_commit_of_a_stopped_holder(signed_in: World, point: str) -> None:
    """What it saved is what the sign-out ends, and the next start removes what the stopped process kept it from."""
    with stopped(signed_in, point) as holder, impatient(signed_in) as other:
        assert other.do("sign-out").state == "disconnected"
        assert signed_in.grant.ended == "revoked"
        holder.go_on()
        holder.finish()
    with signed_in.app() as survivor:
        assert survivor.do("look").state == "disconnected"
    assert signed_in.secrets == set()


def test_a_sign_out_beside_a_stopped_holder_takes_seconds(signed_in: World) -> None:
    """With the patience that users have."""
    with stopped(signed_in, "intended") as holder, signed_in.app() as other:
        assert other.do("look") == connected(1)
        begun = time.monotonic()
        assert other.do("sign-out").state == "disconnected"
        assert time.monotonic() - begun < CLEARING_SECONDS + 2.0
        holder.kill()
