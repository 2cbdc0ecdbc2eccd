"""A run complains of what is broken, and of what became much slower than on record."""

from results import ratios
from results.promise import Promise


def complaints(measured: float, *, recorded: float | None) -> list[str]:
    on_record = {} if recorded is None else {"cold_start": {"status": recorded}}
    return ratios.complaints({"cold_start": [Promise(name="status", measured=measured, at_most=4)]}, on_record)


def test_a_ratio_as_before_is_no_complaint() -> None:
    """Nor is one that is a little worse, or on no record."""
    assert complaints(2.9, recorded=2.0) == complaints(2.9, recorded=None) == []


def test_a_broken_promise_is_one() -> None:
    """Whatever is on record."""
    assert complaints(4.5, recorded=4.4) == ["cold_start: broken: status (promised at most 4 ×, measured 4.50 ×)"]


def test_a_ratio_that_grew_is_one_within_its_promise() -> None:
    """It may be kept, and twice what it was."""
    assert complaints(3.0, recorded=1.5) == ["cold_start: status: 3.00 × is 2.0 times worse than 1.50 ×"]


def test_both_may_be_said_of_one_ratio() -> None:
    """The broken promise first."""
    assert len(complaints(9.0, recorded=1.5)) == 2
