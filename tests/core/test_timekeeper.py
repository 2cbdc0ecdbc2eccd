"""The thread that makes things happen by the clock, while somebody listens."""

import threading
from collections.abc import Callable, Iterator

import pytest
from tests.support.stage import PATIENCE

from signedin import events as ev
from signedin.timekeeper import Due, Timekeeper


class Appointments:
    """What is due, one after the other, on a clock that is set by hand."""

    def __init__(self, *at: float) -> None:
        self.now, self.at = 0.0, list(at)
        self.kept: list[ev.Event] = []
        self.keeper = Timekeeper(next_due=self.next_due, fire=self.fire, clock=lambda: self.now)
        self._met = threading.Condition()

    def next_due(self, at: float) -> Due | None:
        """The next one; at once where the clock was set back before its beginning."""
        return (self.at[0] if at >= 0 else at, lambda at: ev.RefreshDue(at=at)) if self.at else None

    def fire(self, event: ev.Event) -> None:
        """It happened."""
        with self._met:
            self.at.pop(0)
            self.kept.append(event)
            self._met.notify_all()

    def wait_for(self, count: int) -> None:
        """Until so many happened."""
        with self._met:
            assert self._met.wait_for(lambda: len(self.kept) >= count, PATIENCE)


def keepers() -> list[threading.Thread]:
    """The threads of this kind."""
    return [thread for thread in threading.enumerate() if thread.name == "signedin deadlines"]


@pytest.fixture
def appointments() -> Iterator[Callable[..., Appointments]]:
    """Makes them, and lets them go."""
    made: list[Appointments] = []

    def make(*at: float) -> Appointments:
        made.append(Appointments(*at))
        return made[-1]

    yield make
    for each in made:
        each.keeper.attend(False)
    for thread in keepers():
        thread.join(PATIENCE)


def test_what_is_due_happens_at_once(appointments: Callable[..., Appointments]) -> None:
    """One after the other, with the time at which it happens."""
    here = appointments(0.0, 0.0)
    here.now = 5.0
    here.keeper.attend(True)
    here.wait_for(2)
    assert here.kept == [ev.RefreshDue(at=5.0)] * 2


def test_what_is_not_due_waits_for_its_time(appointments: Callable[..., Appointments]) -> None:
    """And is looked at again when the account moved."""
    here = appointments(100.0)
    here.keeper.attend(True)
    here.keeper.look_again()
    assert here.kept == []
    here.now = 100.0
    here.keeper.look_again()
    here.wait_for(1)


def test_the_wall_clock_decides(appointments: Callable[..., Appointments]) -> None:
    """A short wait is slept through without being woken."""
    here = appointments(0.02)
    here.keeper.attend(True)
    here.now = 0.02
    here.wait_for(1)


def test_a_timer_that_fires_late_fires_once(appointments: Callable[..., Appointments]) -> None:
    """The machine slept for hours: what was due happens at the time of waking up."""
    here = appointments(100.0)
    here.keeper.attend(True)
    here.now = 4 * 3600.0
    here.keeper.look_again()
    here.wait_for(1)
    assert here.kept == [ev.RefreshDue(at=4 * 3600.0)]


def test_what_comes_next_is_judged_by_the_time_now(appointments: Callable[..., Appointments]) -> None:
    """Where the clock was set back, something is due at once that was not."""
    here = appointments(100.0)
    here.keeper.attend(True)
    here.now = -4 * 3600.0
    here.keeper.look_again()
    here.wait_for(1)
    assert here.kept == [ev.RefreshDue(at=-4 * 3600.0)]


def test_there_is_one_thread_while_it_is_wanted(appointments: Callable[..., Appointments]) -> None:
    """A daemon, which ends when nobody wants it any more, and can be wanted again."""
    here = appointments()
    for _ in range(2):
        here.keeper.attend(True)
        here.keeper.attend(True)
        [thread] = keepers()
        assert thread.daemon
        here.keeper.attend(False)
        thread.join(PATIENCE)
        assert keepers() == []


def test_what_is_needed_happens_although_nobody_listens() -> None:
    """The thread comes with the need, at the next look, and goes with it."""
    gone, need = threading.Event(), [True]

    def fire(_: ev.Event) -> None:
        need.clear()
        gone.set()

    keeper = Timekeeper(
        next_due=lambda _: (0.0, lambda at: ev.SaveDue(at=at)), fire=fire, clock=lambda: 1.0, needed=lambda: bool(need)
    )
    keeper.look_again()
    (thread,) = keepers()
    assert gone.wait(PATIENCE)
    thread.join(PATIENCE)
    keeper.look_again()
    assert keepers() == []


def test_without_a_thread_to_be_had_the_next_move_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever moves the account is not told of it, and hangs on nothing."""

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    met = threading.Event()
    keeper = Timekeeper(
        next_due=lambda _: (0.0, lambda at: ev.SaveDue(at=at)),
        fire=lambda _: met.set(),
        clock=lambda: 1.0,
        needed=lambda: not met.is_set(),
    )
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        keeper.look_again()
    assert keepers() == []
    keeper.look_again()
    assert met.wait(PATIENCE)


def test_unwanted_nothing_happens(appointments: Callable[..., Appointments]) -> None:
    """Without a listener, whoever asks finds what is due."""
    here = appointments(0.0)
    here.keeper.look_again()
    assert here.kept == []
    assert keepers() == []
