"""A promise is kept or broken, and its ratio better or worse than on record."""

import pytest
from results.promise import Promise


@pytest.mark.parametrize(("measured", "kept"), [(3.9, True), (4.0, True), (4.1, False)])
def test_a_figure_stays_below_its_limit(measured: float, kept: bool) -> None:
    """The limit itself is within it."""
    assert Promise(name="start", measured=measured, at_most=4).kept is kept


@pytest.mark.parametrize(("measured", "kept"), [(0.8, False), (0.9, True), (1.2, True)])
def test_a_figure_stays_above_its_limit(measured: float, kept: bool) -> None:
    """Where more is better."""
    assert Promise(name="stream", measured=measured, at_least=0.9).kept is kept


def test_a_cost_that_doubled_is_twice_as_bad() -> None:
    """And one that halved is half as bad."""
    cost = Promise(name="start", measured=3, at_most=4)
    assert (cost.worse_than(1.5), cost.worse_than(6)) == (2, 0.5)


def test_a_speed_that_halved_is_twice_as_bad() -> None:
    """The other way round than a cost."""
    assert Promise(name="stream", measured=0.6, at_least=0.5).worse_than(1.2) == 2


@pytest.mark.parametrize(("measured", "worse"), [(0, 0), (2, 1)])
def test_what_was_nothing_is_compared_too(measured: float, worse: float) -> None:
    """Nothing is divided by it."""
    assert Promise(name="threads", measured=measured, at_most=3).worse_than(0) == worse


def test_a_promise_says_what_became_of_it() -> None:
    """In one line, the verdict first."""
    broken = Promise(name="start", measured=4.256, at_most=4)
    kept = Promise(name="threads", measured=0, at_most=0, unit="threads")
    assert str(broken) == "broken: start (promised at most 4 ×, measured 4.26 ×)"
    assert str(kept) == "kept: threads (promised at most 0 threads, measured 0 threads)"
