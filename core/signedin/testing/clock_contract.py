"""Owns the contract of `signedin.ports.Clock` as a suite: subclass it, give it a clock, and pytest runs it."""

import math
import threading
import time

import pytest

from signedin.ports import Clock


class ClockContract:
    """What every clock must do. A subclass overrides the fixture `clock`."""

    @pytest.fixture
    def clock(self) -> Clock:
        """A clock."""
        raise NotImplementedError("override the fixture `clock`")

    def test_it_gives_a_number(self, clock: Clock) -> None:
        """A finite one; what runs out is compared with it."""
        assert isinstance(clock(), float)
        assert math.isfinite(clock())

    def test_it_counts_in_seconds(self, clock: Clock) -> None:
        """Neither in milliseconds nor in nanoseconds: it goes no faster than time does. It may stand still."""
        before, began = clock(), time.monotonic()
        threading.Event().wait(0.02)
        moved = clock() - before
        assert abs(moved) <= time.monotonic() - began + 1.0

    def test_it_may_be_asked_by_any_thread(self, clock: Clock) -> None:
        """Exchanges run on threads of their own."""
        told: list[float] = []
        thread = threading.Thread(target=lambda: told.append(clock()))
        thread.start()
        thread.join()
        assert abs(told[0] - clock()) < 60.0
