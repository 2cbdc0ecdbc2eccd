"""The clock that tests move."""

import time

from signedin.testing import FakeClock


def test_it_goes_with_the_systems() -> None:
    """Until it is moved."""
    before = time.time()
    assert before <= FakeClock()() <= time.time()


def test_it_stands_where_it_was_put() -> None:
    """Seconds pass when a test says so."""
    clock = FakeClock(1_790_000_000.0)
    assert clock() == clock() == 1_790_000_000.0


def test_it_moves_both_ways() -> None:
    """A clock may be set back, too; how far it was moved is known."""
    clock = FakeClock(1_790_000_000.0)
    clock.advance(3600)
    clock.advance(-600)
    assert (clock(), clock.offset) == (1_790_003_000.0, 3000.0)
