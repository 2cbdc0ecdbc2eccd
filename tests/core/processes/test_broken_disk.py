"""Disks that are full, read-only or otherwise broken, at the moments where it hurts: no session is lost by them.

Real processes on a real disk, broken by means that bind root as well, and a sandbox outside that counts.
"""

import json
import os
import subprocess
import threading
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from tests.support.app_process import AppProcess, Standing
from tests.support.broken_disk import BrokenDisk, OwnMounts, own_mounts
from tests.support.command import SIGNEDIN
from tests.support.nursery import Nursery
from tests.support.stage import PATIENCE, REVOKE
from tests.support.world import LIFETIME, World, connected

from signedin.context import SAVE_SECONDS

pytestmark = pytest.mark.linux

DISK = "disk-full-or-readonly"


@pytest.fixture(scope="module")
def apart() -> Generator[tuple[OwnMounts, Nursery]]:
    """Where the disks are, and where the apps come from that see them."""
    with ExitStack() as stack:
        mounts = stack.enter_context(own_mounts())
        yield mounts, stack.enter_context(Nursery(through=mounts.through))


@pytest.fixture
def disk(apart: tuple[OwnMounts, Nursery], tmp_path_factory: pytest.TempPathFactory) -> Generator[BrokenDisk]:
    """A small disk of its own, which is well."""
    with BrokenDisk(apart[0], tmp_path_factory.mktemp("disk")) as disk:
        yield disk


@pytest.fixture
def world(world: World, disk: BrokenDisk, apart: tuple[OwnMounts, Nursery]) -> World:
    """The home lies on the disk."""
    disk.take(world.home / "sandbox.json")
    return replace(world, home=disk.home, nursery=apart[1])


@pytest.fixture
def app(signed_in: World) -> Generator[AppProcess]:
    """An app that is signed in, on a disk that is well."""
    with signed_in.app() as app:
        assert app.do("look") == connected(1)
        yield app


@pytest.fixture
def unsaved(app: AppProcess, disk: BrokenDisk) -> AppProcess:
    """An app whose disk became read-only between the server's answer and the commit."""
    app.stop_at("parsed", "refresh")
    disk.make_read_only()
    app.go_on()
    assert app.finish() == degraded(2, case=DISK)
    return app


def degraded(generation: int, *, case: str) -> Standing:
    """Where an account stands whose session lies in memory alone, or in another process' memory."""
    return Standing(state="connected", generation=generation, case=case, degraded=True)


def status(disk: BrokenDisk) -> dict[str, Any]:
    """What `signedin status` says there."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(disk.home), "SIGNEDIN_HOME": str(disk.home)}
    command = [*disk.mounts.through, SIGNEDIN, "--app", "Acme Notes", "--provider", "sandbox", "--json", "status"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


# Before the token is sent.


@pytest.mark.parametrize("broken", ["full", "read-only"])
def test_a_disk_that_could_not_take_the_answer_is_met_before_anything_is_sent(
    app: AppProcess, world: World, disk: BrokenDisk, broken: str
) -> None:
    """The token is not spent, the old one serves, the case says why, and room is all that it takes."""
    old = app.do("token").served
    disk.break_down(broken)
    assert app.do("refresh").error == DISK
    used = app.do("token")
    assert (used.state, used.generation, used.case, used.served) == ("connected", 1, DISK, old)
    assert world.redemptions == []
    disk.mend(broken)
    assert app.do("refresh") == connected(2)
    assert world.redemptions == ["refreshed"]


def test_a_disk_that_fills_up_after_the_intent_has_room_for_the_answer(
    app: AppProcess, world: World, disk: BrokenDisk
) -> None:
    """It was reserved before the token was sent."""
    app.stop_at("intended", "refresh")
    disk.fill()
    app.go_on()
    assert app.finish() == connected(2)
    app.kill()
    with world.app() as later:
        assert later.do("look") == connected(2)


# Between the answer and the commit.


def test_an_answer_that_cannot_be_saved_is_used_and_said_to_be_unsaved(app: AppProcess, disk: BrokenDisk) -> None:
    """The new token serves, from memory."""
    old = app.do("token").served
    app.stop_at("parsed", "refresh")
    disk.make_read_only()
    app.go_on()
    assert app.finish() == degraded(2, case=DISK)
    assert app.do("token").served not in ("", old)


def test_others_say_that_the_session_is_unsaved_and_never_redeem(
    unsaved: AppProcess, world: World, disk: BrokenDisk
) -> None:
    """The old access token serves them while it lives."""
    told = status(disk)
    assert (told["state"], told["case"]["id"], told["flags"]) == (
        "connected",
        "unsaved-elsewhere",
        ["plan_enabled", "storage_degraded"],
    )
    with world.app() as other:
        seen = other.do("token")
        assert (seen.state, seen.generation, seen.case, seen.degraded) == ("connected", 1, "unsaved-elsewhere", True)
        assert seen.served
        assert other.do("refresh").error == "unsaved-elsewhere"
        assert other.do("token").served == seen.served
    assert world.redemptions == ["refreshed"]


def test_others_wait_for_it_also_once_their_token_has_run_out(unsaved: AppProcess, world: World) -> None:
    """An Error, with a time of the next try: the grant is well, and not theirs to renew."""
    with world.app() as other:
        other.do("look")
        world.clock.advance(LIFETIME + 60)
        seen = other.do("token")
        assert (seen.state, seen.case, seen.error) == ("error", "unsaved-elsewhere", "unsaved-elsewhere")
        assert seen.retry_at is not None
    assert world.redemptions == ["refreshed"]


def test_it_is_saved_as_soon_as_the_disk_is_well_and_taken_by_others(
    unsaved: AppProcess, world: World, disk: BrokenDisk
) -> None:
    """By itself, and without another refresh."""
    with world.app() as other:
        other.do("look")
        new = unsaved.do("token").served
        disk.make_writable()
        world.clock.advance(SAVE_SECONDS + 1)
        unsaved.do("token")
        saved = unsaved.do("saved")
        assert (saved.state, saved.case, saved.degraded) == ("connected", None, False)
        taken = other.do("refresh")
        assert (taken.state, taken.generation, taken.degraded) == ("connected", saved.generation, False)
        assert other.do("token").served == new
    assert world.redemptions == ["refreshed"]
    assert status(disk)["case"] is None


def test_what_is_unsaved_is_saved_before_its_own_refresh_token_is_spent(
    unsaved: AppProcess, world: World, disk: BrokenDisk
) -> None:
    """As long as it cannot be saved, nothing is sent."""
    assert unsaved.do("refresh").error == DISK
    assert world.redemptions == ["refreshed"]
    disk.make_writable()
    fresh = unsaved.do("refresh")
    assert (fresh.state, fresh.case, fresh.degraded, fresh.error) == ("connected", None, False, None)
    assert world.redemptions == ["refreshed", "refreshed"]
    with world.app() as later:
        assert later.do("look") == connected(fresh.generation)


def test_a_process_that_dies_unsaved_takes_the_answer_with_it(
    unsaved: AppProcess, world: World, disk: BrokenDisk
) -> None:
    """What is left is a doubt: the old access token serves while it lives, and then it is said what happened."""
    unsaved.kill()
    disk.make_writable()
    with world.app() as later:
        assert later.do("token").in_doubt
        assert world.redemptions == ["refreshed"]
        world.clock.advance(LIFETIME + 60)
        told = later.do("token")
        assert (told.state, told.case) == ("expired", "refresh-interrupted")
    assert world.redemptions == ["refreshed", "refresh_token_reused"]


# Where the answer lies whole in the intent, and only its name could not be given.


@pytest.fixture
def sealed(app: AppProcess, disk: BrokenDisk) -> AppProcess:
    """An app whose commit failed at the very last step: the rename."""
    app.stop_at("parsed", "refresh")
    disk.pin("session")
    app.go_on()
    seen = app.finish()
    assert (seen.state, seen.generation, seen.degraded) == ("connected", 2, True)
    return app


def test_others_leave_a_sealed_answer_alone_while_it_cannot_be_named(sealed: AppProcess, world: World) -> None:
    """They say so, and redeem nothing."""
    with world.app() as other:
        seen = other.do("refresh")
        assert (seen.state, seen.generation, seen.error) == ("connected", 1, "store-unavailable")
    assert world.redemptions == ["refreshed"]


def test_a_sealed_answer_outlives_its_process(sealed: AppProcess, world: World, disk: BrokenDisk) -> None:
    """Whoever comes next gives it its name, and nothing is lost."""
    new = sealed.do("token").served
    sealed.kill()
    disk.unpin("session")
    with world.app() as later:
        assert later.do("look").in_doubt
        assert later.do("refresh") == connected(2)
        assert later.do("token").served == new
    assert world.redemptions == ["refreshed"]


def test_a_sealed_answer_is_saved_by_its_process_once_it_can_be(
    sealed: AppProcess, world: World, disk: BrokenDisk
) -> None:
    """Whatever kept it from its name."""
    disk.unpin("session")
    world.clock.advance(SAVE_SECONDS + 1)
    sealed.do("token")
    saved = sealed.do("saved")
    assert (saved.state, saved.case, saved.degraded) == ("connected", None, False)
    with world.app() as later:
        assert later.do("look") == connected(saved.generation)


# At the sign-in.


@pytest.fixture(params=["full", "read-only"])
def broken(request: pytest.FixtureRequest) -> str:
    """How the disk was broken while the user signed in."""
    how: str = request.param
    return how


@pytest.fixture
def signed_in_unsaved(world: World, disk: BrokenDisk, broken: str) -> Generator[AppProcess]:
    """An app that could not save a sign-in."""
    with world.app() as app:
        app.stop_at("parsed", "sign-in")
        disk.break_down(broken)
        app.go_on()
        assert app.finish() == degraded(1, case="persist-failed-at-login")
        yield app


def test_a_sign_in_that_cannot_be_saved_is_saved_later(
    signed_in_unsaved: AppProcess, world: World, disk: BrokenDisk, broken: str
) -> None:
    """Signed in, with the word that it is not saved; then by itself it is."""
    assert signed_in_unsaved.do("token").served
    assert status(disk)["state"] == "disconnected"
    disk.mend(broken)
    world.clock.advance(SAVE_SECONDS + 1)
    signed_in_unsaved.do("token")
    saved = signed_in_unsaved.do("saved")
    assert (saved.state, saved.case) == ("connected", None)
    with world.app() as later:
        assert later.do("look") == connected(saved.generation)


def test_a_sign_out_elsewhere_ends_what_was_never_saved(
    signed_in_unsaved: AppProcess, world: World, disk: BrokenDisk, broken: str
) -> None:
    """It came later than the sign-in, and wins; the tokens that it could not see are revoked."""
    disk.mend(broken)
    with world.app() as other:
        assert other.do("sign-out").state == "disconnected"
    revoked = threading.Event()
    world.sandbox.on_request = lambda record: revoked.set() if record.path == REVOKE else None
    world.clock.advance(SAVE_SECONDS + 1)
    signed_in_unsaved.do("token")
    assert signed_in_unsaved.do("saved").state == "disconnected"
    assert revoked.wait(PATIENCE)
    with world.app() as later:
        assert later.do("look").state == "disconnected"
    ended = signed_in_unsaved.do("token")
    assert (ended.state, ended.served) == ("disconnected", "")
