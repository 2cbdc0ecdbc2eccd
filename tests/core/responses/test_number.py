"""Reading a number that an API tells."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin.responses import number


@pytest.mark.parametrize(("value", "read"), [(0, 0.0), (42, 42.0), (1.5, 1.5), ("43", 43.0), ("99.5", 99.5)])
def test_a_number_is_read_from_json_and_from_headers(value: object, read: float) -> None:
    """As a number of seconds, percent or a moment."""
    assert number.read(value) == read


@pytest.mark.parametrize(
    "value", [None, True, -1, math.inf, math.nan, 10**20, "", "-2", "1e9", "soon", "4" * 30, "٣", [42], {"a": 1}]
)
def test_anything_else_is_none(value: object) -> None:
    """Also what no calendar could show."""
    assert number.read(value) is None


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text())
def test_reading_is_total(value: object) -> None:
    """Whatever comes is a number that can be used, or none."""
    found = number.read(value)
    assert found is None or 0 <= found <= number.LARGEST
