"""kill -9, at every point of an exchange: whoever comes next goes on, or is told what happened.

Real processes over sealed files, and a server that ends the sign-in when a token is spent twice. What the next process
finds is held against the server's own record.
"""

import pytest
from tests.support.app_process import Standing
from tests.support.points import REFRESH
from tests.support.token_desk import Moment
from tests.support.world import World, connected

NOTHING_INTENDED = ("waiting", "claimed", "read", "intent-begun")
NOTHING_SENT = ("intended", "connected")
NOT_SEALED = ("answered", "parsed", "sealing")
SEALED = "sealed"
SAVED = ("renamed", "committed", "identified", "published", "released")

NOBODY = Standing(state="disconnected", generation=0)


def kill(world: World, *, at: str, during: str) -> None:
    """One process comes as far as the point."""
    with world.app() as victim:
        victim.kill_at(at, during)


def assert_works_again(world: World, *, in_doubt_at: int) -> None:
    """The living token is used and nothing is sent; once it has run out, the refresh that works ends the doubt."""
    before, rotations = world.redemptions, world.grant.rotations
    with world.app() as survivor:
        assert survivor.do("ask") == connected(in_doubt_at, in_doubt=True)
        assert world.redemptions == before
        world.expire()
        assert survivor.do("token") == connected(in_doubt_at + 1)
        assert survivor.do("ask") == connected(in_doubt_at + 1)
    assert world.redemptions == [*before, "refreshed"]
    assert (world.grant.rotations, world.grant.ended) == (rotations + 1, None)


def assert_interrupted(world: World) -> None:
    """The living token is used and nothing is sent; once it has run out, the app says what happened.

    The registration is kept, and signing in again is all that it takes.
    """
    before = world.redemptions
    with world.app() as survivor:
        assert survivor.do("ask") == connected(1, in_doubt=True)
        assert world.redemptions == before
        world.expire()
        told = survivor.do("token")
        assert (told.state, told.case, told.error) == ("expired", "refresh-interrupted", "refresh-interrupted")
    assert world.redemptions == [*before, "refresh_token_reused"]
    with world.app() as later:
        assert later.do("look") == Standing(state="expired", generation=1, case="refresh-interrupted")
        assert later.do("sign-in") == connected(2)


def test_every_point_of_a_refresh_is_held_here() -> None:
    """In its order; those of the server come between the last that sent nothing and the first with an answer."""
    assert (*NOTHING_INTENDED, *NOTHING_SENT, *NOT_SEALED, SEALED, *SAVED) == tuple(REFRESH)


@pytest.mark.parametrize("point", NOTHING_INTENDED)
def test_killed_before_anything_was_intended(signed_in: World, point: str) -> None:
    """The kernel frees the lock of the dead, and nothing else had happened: the old session works."""
    kill(signed_in, at=point, during="refresh")
    with signed_in.app() as survivor:
        assert survivor.do("look") == connected(1)
        assert survivor.do("refresh") == connected(2)
    assert signed_in.redemptions == ["refreshed"]
    assert (signed_in.grant.rotations, signed_in.grant.ended) == (1, None)


@pytest.mark.parametrize("point", NOTHING_SENT)
def test_killed_before_the_token_was_sent(signed_in: World, point: str) -> None:
    """What it intended is in doubt, and the old session works."""
    kill(signed_in, at=point, during="refresh")
    assert_works_again(signed_in, in_doubt_at=1)


def test_killed_before_the_server_decided(signed_in: World) -> None:
    """A server that finds nobody waiting and does nothing leaves the old session."""
    with signed_in.app() as victim, signed_in.desk.holding("arrived") as request:
        victim.begin("refresh")
        request.wait_for()
        victim.kill()
        request.drop()
    assert_works_again(signed_in, in_doubt_at=1)


@pytest.mark.parametrize("moment", ["arrived", "decided"])
def test_killed_before_the_server_answered(signed_in: World, moment: Moment) -> None:
    """The server spends the token and finds nobody to answer: nobody could know its successor."""
    with signed_in.app() as victim, signed_in.desk.holding(moment) as request:
        victim.begin("refresh")
        request.wait_for()
        victim.kill()
    assert_interrupted(signed_in)


@pytest.mark.parametrize("point", NOT_SEALED)
def test_killed_before_the_answer_was_sealed(signed_in: World, point: str) -> None:
    """The spent token's successor dies with the process that held it."""
    kill(signed_in, at=point, during="refresh")
    assert_interrupted(signed_in)


def test_killed_with_an_answer_that_no_disk_would_take(signed_in: World) -> None:
    """While its holder lives it is used there and waited for elsewhere; dead, it is lost like one never read."""
    with signed_in.app() as victim, signed_in.app() as witness:
        victim.begin("lost-disk")
        unsaved = victim.do("refresh")
        assert (unsaved.state, unsaved.generation, unsaved.degraded) == ("connected", 2, True)
        assert victim.do("ask").generation == 2
        assert witness.do("refresh").error == "unsaved-elsewhere"
        victim.kill()
    assert signed_in.redemptions == ["refreshed"]
    assert_interrupted(signed_in)


def test_killed_before_the_sealed_answer_got_its_name(signed_in: World) -> None:
    """It is whole and on the disk: the next claim finishes that commit, and nothing is sent."""
    kill(signed_in, at=SEALED, during="refresh")
    with signed_in.app() as survivor:
        assert survivor.do("ask") == connected(1, in_doubt=True)
        assert survivor.do("refresh") == connected(2)
        assert signed_in.redemptions == ["refreshed"]
        assert survivor.do("ask") == connected(2)
        assert survivor.do("refresh") == connected(3)
    assert (signed_in.grant.rotations, signed_in.grant.ended) == (2, None)


@pytest.mark.parametrize("point", SAVED)
def test_killed_once_the_answer_was_saved(signed_in: World, point: str) -> None:
    """What was saved counts: the new session works, without a doubt."""
    kill(signed_in, at=point, during="refresh")
    with signed_in.app() as survivor:
        assert survivor.do("look") == connected(2)
        assert survivor.do("ask") == connected(2)
        assert signed_in.redemptions == ["refreshed"]
        assert survivor.do("refresh") == connected(3)
    assert (signed_in.grant.rotations, signed_in.grant.ended) == (2, None)


def test_killed_again_while_it_was_in_doubt(signed_in: World) -> None:
    """A doubt outlives those who did not come to resolve it, and ends with the first answer."""
    kill(signed_in, at="intended", during="refresh")
    signed_in.expire()
    for point in ("read", "intent-begun", "intended", "connected"):
        kill(signed_in, at=point, during="token")
        assert signed_in.redemptions == []
    with signed_in.app() as survivor:
        assert survivor.do("look") == connected(1, in_doubt=True)
        assert survivor.do("token") == connected(2)
    assert (signed_in.grant.rotations, signed_in.grant.ended) == (1, None)


def test_killed_with_the_answer_that_ended_a_doubt(signed_in: World) -> None:
    """Sealed, it is found and used; the doubt is over."""
    kill(signed_in, at="intended", during="refresh")
    signed_in.expire()
    kill(signed_in, at=SEALED, during="token")
    with signed_in.app() as survivor:
        assert survivor.do("token") == connected(2)
        assert survivor.do("ask") == connected(2)
    assert signed_in.redemptions == ["refreshed"]


def test_another_process_outlives_the_one_that_was_refreshing(signed_in: World) -> None:
    """A process that runs all along waits for no dead holder, and adopts what the dead one had saved."""
    with signed_in.app() as witness:
        assert witness.do("look") == connected(1)
        kill(signed_in, at="committed", during="refresh")
        kill(signed_in, at="claimed", during="refresh")
        assert witness.do("refresh") == connected(2)
        assert witness.do("refresh") == connected(3)
    assert signed_in.redemptions == ["refreshed", "refreshed"]


# Signing in.


@pytest.mark.parametrize("point", ["answered", "redeemed", "parsed", "sealed"])
def test_killed_before_a_sign_in_was_saved(world: World, point: str) -> None:
    """Nobody is signed in; the issued registration was saved before the code was spent, and is used again."""
    kill(world, at=point, during="sign-in")
    with world.app() as survivor:
        assert survivor.do("look") == NOBODY
        assert survivor.do("sign-in") == connected(1)
    assert world.visits == ["registration", "returning sign-in"]


@pytest.mark.parametrize("moment", ["arrived", "decided"])
def test_killed_while_the_server_redeems_the_code(world: World, moment: Moment) -> None:
    """The same."""
    with world.app() as victim, world.desk.holding(moment) as request:
        victim.begin("sign-in")
        request.wait_for()
        victim.kill()
    with world.app() as survivor:
        assert survivor.do("look") == NOBODY
        assert survivor.do("sign-in") == connected(1)
    assert world.visits == ["registration", "returning sign-in"]


@pytest.mark.parametrize("point", ["renamed", "committed", "published"])
def test_killed_once_a_sign_in_was_saved(world: World, point: str) -> None:
    """The session is there, though nobody was told."""
    kill(world, at=point, during="sign-in")
    with world.app() as survivor:
        assert survivor.do("look") == connected(1)
        assert survivor.do("ask") == connected(1)
        assert survivor.do("refresh") == connected(2)


@pytest.mark.parametrize("point", ["answered", "redeemed", "parsed", "sealed"])
def test_killed_in_a_second_sign_in(signed_in: World, point: str) -> None:
    """The session before it is as it was."""
    kill(signed_in, at=point, during="sign-in")
    with signed_in.app() as survivor:
        assert survivor.do("ask") == connected(1)
        assert survivor.do("refresh") == connected(2)


@pytest.mark.parametrize("point", ["renamed", "committed", "published"])
def test_killed_once_a_sign_in_after_a_sign_out_was_saved(signed_in: World, point: str) -> None:
    """It outranks the marker by its own rename: the session is there, and is never revoked by the next start."""
    with signed_in.app() as first:
        assert first.do("sign-out").state == "disconnected"
    kill(signed_in, at=point, during="sign-in")
    with signed_in.app() as survivor:
        assert survivor.do("look") == connected(2)
        assert survivor.do("refresh") == connected(3)
    assert not signed_in.grant.ended


# Signing out.


@pytest.mark.parametrize("point", ["marked", "revoked", "clearing", "unlocked", "cleared"])
def test_killed_in_a_sign_out(signed_in: World, point: str) -> None:
    """Nobody is signed in, and the next start finishes: revoked, and neither token nor key is left."""
    kill(signed_in, at=point, during="sign-out")
    with signed_in.app() as survivor:
        assert survivor.do("look").state == "disconnected"
    signed_in.assert_over()
    with signed_in.app() as later:
        assert later.do("sign-in").state == "connected"


def test_killed_in_a_sign_out_that_the_provider_did_not_confirm(signed_in: World) -> None:
    """The next start asks again, and the token that was kept for that goes with its key."""
    signed_in.sandbox.faults.inject("revoke-503", times=None)
    kill(signed_in, at="kept", during="sign-out")
    assert signed_in.grant.ended is None
    signed_in.sandbox.faults.clear()
    for point in ("clearing", "unlocked"):
        kill(signed_in, at=point, during="look")
    with signed_in.app() as survivor:
        assert survivor.do("look").state == "disconnected"
    signed_in.assert_over()
