"""Disks that are full, read-only or otherwise broken, at the moments where it hurts: no session is lost by them.

Real processes on a real disk, broken by means that bind root as well, and a sandbox outside that counts.
"""

import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.support.broken_disk import BrokenDisk
from tests.support.broken_disk_app import DiskApp, Stands, status
from tests.support.stage import PATIENCE, REVOKE, TOKEN, MovedClock

from signedin.context import SAVE_SECONDS
from signedin_adapters.sandbox import Sandbox

pytestmark = pytest.mark.linux

LIFETIME = 3600
DISK = "disk-full-or-readonly"


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
def disk(tmp_path: Path, sandbox: Sandbox) -> Generator[BrokenDisk]:
    """A small disk of its own, with a home that knows the sandbox."""
    with BrokenDisk(tmp_path, sandbox) as disk:
        yield disk


@pytest.fixture
def app(disk: BrokenDisk, sandbox: Sandbox) -> Generator[DiskApp]:
    """An app that is signed in, on a disk that is well."""
    with DiskApp(disk) as app:
        assert app.do("sign-in") == connected(1)
        sandbox.requests.clear()
        yield app


@pytest.fixture
def unsaved(app: DiskApp, disk: BrokenDisk) -> DiskApp:
    """An app whose disk became read-only between the server's answer and the commit."""
    app.pause_at("answered", "refresh")
    disk.make_read_only()
    app.go_on()
    return app


def connected(generation: int, **more: object) -> Stands:
    return Stands(state="connected", generation=generation, **more)  # type: ignore[arg-type]


def refreshes(sandbox: Sandbox) -> int:
    """How often the token endpoint was asked."""
    return sum(record.path == TOKEN for record in sandbox.requests)


def time_passes(seconds: float, clock: MovedClock, *apps: DiskApp) -> None:
    clock.advance(seconds)
    for app in apps:
        app.do(f"later {seconds}")


# Before the token is sent.


@pytest.mark.parametrize("broken", ["full", "read-only"])
def test_a_disk_that_could_not_take_the_answer_is_met_before_anything_is_sent(
    app: DiskApp, disk: BrokenDisk, sandbox: Sandbox, broken: str
) -> None:
    """The token is not spent, the old one serves, the case says why, and room is all that it takes."""
    old = app.do("use").served
    disk.fill() if broken == "full" else disk.make_read_only()
    assert app.do("refresh").error == DISK
    used = app.do("use")
    assert (used.state, used.generation, used.case, used.served) == ("connected", 1, DISK, old)
    assert refreshes(sandbox) == 0
    disk.free() if broken == "full" else disk.make_writable()
    assert app.do("refresh") == connected(2)
    assert refreshes(sandbox) == 1


def test_a_disk_that_fills_up_after_the_intent_has_room_for_the_answer(app: DiskApp, disk: BrokenDisk) -> None:
    """It was reserved before the token was sent."""
    app.pause_at("intended", "refresh")
    disk.fill()
    assert app.go_on() == connected(2)
    app.kill()
    with DiskApp(disk) as later:
        assert later.do("look") == connected(2)


# Between the answer and the commit.


def test_an_answer_that_cannot_be_saved_is_used_and_said_to_be_unsaved(app: DiskApp, disk: BrokenDisk) -> None:
    """The new token serves, from memory."""
    old = app.do("use").served
    app.pause_at("answered", "refresh")
    disk.make_read_only()
    degraded = connected(2, case=DISK, category="environment", degraded=True)
    assert app.go_on() == degraded
    assert app.do("use").served not in ("", old)


def test_others_say_that_the_session_is_unsaved_and_never_redeem(
    unsaved: DiskApp, disk: BrokenDisk, sandbox: Sandbox
) -> None:
    """The old access token serves them while it lives."""
    told = status(disk)
    assert (told["state"], told["case"]["id"], told["flags"]) == (
        "connected",
        "unsaved-elsewhere",
        ["plan_enabled", "storage_degraded"],
    )
    with DiskApp(disk) as other:
        seen = other.do("use")
        assert (seen.state, seen.generation, seen.case, seen.degraded) == ("connected", 1, "unsaved-elsewhere", True)
        assert seen.served
        assert other.do("refresh").error == "unsaved-elsewhere"
        assert other.do("use").served == seen.served
    assert refreshes(sandbox) == 1


def test_others_wait_for_it_also_once_their_token_has_run_out(
    unsaved: DiskApp, disk: BrokenDisk, sandbox: Sandbox, clock: MovedClock
) -> None:
    """An Error of the environment, with a time of the next try: the grant is well, and not theirs to renew."""
    with DiskApp(disk) as other:
        time_passes(LIFETIME + 60, clock, other)
        seen = other.do("use")
        assert (seen.state, seen.case, seen.category) == ("error", "unsaved-elsewhere", "environment")
        assert (seen.error, seen.retries) == ("unsaved-elsewhere", True)
    assert refreshes(sandbox) == 1


def test_it_is_saved_as_soon_as_the_disk_is_well_and_taken_by_others(
    unsaved: DiskApp, disk: BrokenDisk, sandbox: Sandbox, clock: MovedClock
) -> None:
    """By itself, and without another refresh."""
    with DiskApp(disk) as other:
        other.do("look")
        new = unsaved.do("use").served
        disk.make_writable()
        time_passes(SAVE_SECONDS + 1, clock, unsaved, other)
        unsaved.do("use")
        saved = unsaved.do("saved")
        assert (saved.state, saved.case, saved.degraded) == ("connected", None, False)
        taken = other.do("refresh")
        assert (taken.state, taken.generation, taken.degraded) == ("connected", saved.generation, False)
        assert other.do("use").served == new
    assert refreshes(sandbox) == 1
    assert status(disk)["case"] is None


def test_what_is_unsaved_is_saved_before_its_own_refresh_token_is_spent(
    unsaved: DiskApp, disk: BrokenDisk, sandbox: Sandbox
) -> None:
    """As long as it cannot be saved, nothing is sent."""
    assert unsaved.do("refresh").error == DISK
    assert refreshes(sandbox) == 1
    disk.make_writable()
    fresh = unsaved.do("refresh")
    assert (fresh.state, fresh.case, fresh.degraded, fresh.error) == ("connected", None, False, "")
    assert refreshes(sandbox) == 2
    with DiskApp(disk) as later:
        assert later.do("look") == connected(fresh.generation)


def test_a_process_that_dies_unsaved_takes_the_answer_with_it(
    unsaved: DiskApp, disk: BrokenDisk, sandbox: Sandbox, clock: MovedClock
) -> None:
    """What is left is a doubt: the old access token serves while it lives, and then it is said what happened."""
    unsaved.kill()
    disk.make_writable()
    with DiskApp(disk) as later:
        assert later.do("use").in_doubt
        assert refreshes(sandbox) == 1
        time_passes(LIFETIME + 60, clock, later)
        told = later.do("use")
        assert (told.state, told.case) == ("expired", "refresh-interrupted")
    assert refreshes(sandbox) == 2


# Where the answer lies whole in the intent, and only its name could not be given.


@pytest.fixture
def sealed(app: DiskApp, disk: BrokenDisk) -> DiskApp:
    """An app whose commit failed at the very last step: the rename."""
    app.pause_at("answered", "refresh")
    disk.pin("session")
    seen = app.go_on()
    assert (seen.state, seen.generation, seen.degraded) == ("connected", 2, True)
    return app


def test_others_leave_a_sealed_answer_alone_while_it_cannot_be_named(
    sealed: DiskApp, disk: BrokenDisk, sandbox: Sandbox
) -> None:
    """They say so, and redeem nothing."""
    with DiskApp(disk) as other:
        seen = other.do("refresh")
        assert (seen.state, seen.generation) == ("connected", 1)
        assert seen.error
    assert refreshes(sandbox) == 1


def test_a_sealed_answer_outlives_its_process(sealed: DiskApp, disk: BrokenDisk, sandbox: Sandbox) -> None:
    """Whoever comes next gives it its name, and nothing is lost."""
    new = sealed.do("use").served
    sealed.kill()
    disk.unpin("session")
    with DiskApp(disk) as later:
        assert later.do("look").in_doubt
        assert later.do("refresh") == connected(2)
        assert later.do("use").served == new
    assert refreshes(sandbox) == 1


def test_a_sealed_answer_is_saved_by_its_process_once_it_can_be(
    sealed: DiskApp, disk: BrokenDisk, clock: MovedClock
) -> None:
    """Whatever kept it from its name."""
    disk.unpin("session")
    time_passes(SAVE_SECONDS + 1, clock, sealed)
    sealed.do("use")
    saved = sealed.do("saved")
    assert (saved.state, saved.case, saved.degraded) == ("connected", None, False)
    with DiskApp(disk) as later:
        assert later.do("look") == connected(saved.generation)


# At the sign-in.


@pytest.fixture
def signed_in_unsaved(disk: BrokenDisk) -> Generator[DiskApp]:
    """An app whose disk became read-only while the user signed in."""
    with DiskApp(disk) as app:
        app.pause_at("answered", "sign-in")
        disk.make_read_only()
        seen = app.go_on()
        assert seen == connected(1, case="persist-failed-at-login", category="environment", degraded=True)
        yield app


def test_a_sign_in_that_cannot_be_saved_is_saved_later(
    signed_in_unsaved: DiskApp, disk: BrokenDisk, clock: MovedClock
) -> None:
    """Signed in, with the word that it is not saved; then by itself it is."""
    assert signed_in_unsaved.do("use").served
    assert status(disk)["state"] == "disconnected"
    disk.make_writable()
    time_passes(SAVE_SECONDS + 1, clock, signed_in_unsaved)
    signed_in_unsaved.do("use")
    saved = signed_in_unsaved.do("saved")
    assert (saved.state, saved.case) == ("connected", None)
    with DiskApp(disk) as later:
        assert later.do("look") == connected(saved.generation)


def test_a_sign_out_elsewhere_ends_what_was_never_saved(
    signed_in_unsaved: DiskApp, disk: BrokenDisk, sandbox: Sandbox, clock: MovedClock
) -> None:
    """It came later than the sign-in, and wins; the tokens that it could not see are revoked."""
    disk.make_writable()
    with DiskApp(disk) as other:
        assert other.do("sign-out").state == "disconnected"
    revoked = threading.Event()
    sandbox.on_request = lambda record: revoked.set() if record.path == REVOKE else None
    time_passes(SAVE_SECONDS + 1, clock, signed_in_unsaved)
    signed_in_unsaved.do("use")
    assert signed_in_unsaved.do("saved").state == "disconnected"
    assert revoked.wait(PATIENCE)
    with DiskApp(disk) as later:
        assert later.do("look").state == "disconnected"
    ended = signed_in_unsaved.do("use")
    assert (ended.state, ended.served) == ("disconnected", "")
