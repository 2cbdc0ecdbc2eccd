"""When two clocks are too far apart."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin.classify.clock import clock_case


@pytest.mark.parametrize("skew", [61.0, -61.0, 86_400.0, math.inf, -math.inf])
def test_more_than_a_minute_is_a_wrong_clock(skew: float) -> None:
    """In either direction."""
    assert clock_case(skew) == "clock-skew"


@pytest.mark.parametrize("skew", [None, 0.0, 60.0, -60.0, math.nan])
def test_a_minute_or_nothing_known_is_none(skew: float | None) -> None:
    """Answers take their time."""
    assert clock_case(skew) is None


@given(st.none() | st.floats())
def test_any_number_is_judged(skew: float | None) -> None:
    """Total."""
    assert clock_case(skew) in (None, "clock-skew")
