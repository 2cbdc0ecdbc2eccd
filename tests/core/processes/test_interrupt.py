"""Ctrl-C, at every point of an exchange, in programs on asyncio, on trio and on plain threads.

The program takes its leave at once, and only then does the exchange go on: it belongs to the account, and the process
waits for it. So the next process has the new session.
"""

import signal

import pytest
from tests.support.app_process import AppProcess, Standing
from tests.support.points import REFRESH
from tests.support.token_desk import Moment
from tests.support.world import World, connected

RUNNERS = ("asyncio", "trio", "threads")
EVENT_LOOPS = ("asyncio", "trio")
OURS_LOST = ("Exception ignored", "Exception in thread", "Error", "never awaited", "was destroyed", "never retrieved")


def assert_interrupted(app: AppProcess) -> None:
    """It ended by itself, as a program does that nobody taught about Ctrl-C, and told nothing else."""
    assert app.wait() == -signal.SIGINT
    complaints = app.complaints()
    assert complaints.splitlines()[-1] == "KeyboardInterrupt"
    assert not [lost for lost in OURS_LOST if lost in complaints.replace("CancelledError", "")], complaints


def assert_refreshed(world: World, times: int) -> None:
    assert world.redemptions == ["refreshed"] * times
    assert (world.grant.rotations, world.grant.ended) == (times, None)


def assert_goes_on(world: World, generation: int) -> None:
    """The next process has the session of that generation, without a doubt."""
    with world.app() as survivor:
        assert survivor.do("ask") == connected(generation)
        assert survivor.do("refresh") == connected(generation + 1)


@pytest.mark.parametrize("point", REFRESH)
def test_interrupted_in_a_refresh(signed_in: World, point: str) -> None:
    """Whatever was left to do is done."""
    for times, runner in enumerate(RUNNERS, start=1):
        signed_in.expire()
        with signed_in.errand(runner, "token", interrupted_at=point) as app:
            assert app.read() == {"interrupted": True}
            assert_interrupted(app)
        assert_refreshed(signed_in, times)
    assert_goes_on(signed_in, 1 + len(RUNNERS))


@pytest.mark.parametrize("moment", ["arrived", "decided"])
def test_interrupted_while_the_server_takes_its_time(signed_in: World, moment: Moment) -> None:
    """The answer is waited for, and saved."""
    for times, runner in enumerate(RUNNERS, start=1):
        signed_in.expire()
        with (
            signed_in.desk.holding(moment) as request,
            signed_in.errand(runner, "token", interrupted_at="none") as app,
        ):
            request.wait_for()
            app.interrupt()
            assert app.read() == {"interrupted": True}
            request.release()
            assert_interrupted(app)
        assert_refreshed(signed_in, times)
    assert_goes_on(signed_in, 1 + len(RUNNERS))


@pytest.mark.parametrize("runner", EVENT_LOOPS)
@pytest.mark.parametrize("point", ["answered", "redeemed"])
def test_interrupted_before_a_sign_in_was_to_be_saved(world: World, point: str, runner: str) -> None:
    """The attempt is over, nobody is signed in, and the tokens that nobody wants are revoked."""
    with world.errand(runner, "sign-in", interrupted_at=point) as app:
        assert app.read() == {"interrupted": True}
        assert_interrupted(app)
    assert world.grant.ended == "revoked"
    with world.app() as survivor:
        assert survivor.do("look") == Standing(state="disconnected", generation=0, case="login-cancelled")
        assert survivor.do("sign-in") == connected(1)


@pytest.mark.parametrize("runner", EVENT_LOOPS)
@pytest.mark.parametrize("point", ["parsed", "sealed", "renamed", "committed", "published"])
def test_interrupted_while_a_sign_in_is_saved(world: World, point: str, runner: str) -> None:
    """It can no longer be given up: the session is there."""
    with world.errand(runner, "sign-in", interrupted_at=point) as app:
        assert app.read() == {"interrupted": True}
        assert_interrupted(app)
    assert_goes_on(world, 1)


@pytest.mark.parametrize("runner", EVENT_LOOPS)
@pytest.mark.parametrize("point", ["marked", "revoked", "clearing", "unlocked"])
def test_interrupted_in_a_sign_out(signed_in: World, point: str, runner: str) -> None:
    """It is carried out to its end."""
    with signed_in.errand(runner, "sign-out", interrupted_at=point) as app:
        assert app.read() == {"interrupted": True}
        assert_interrupted(app)
    signed_in.assert_over()
