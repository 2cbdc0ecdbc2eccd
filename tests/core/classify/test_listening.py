"""What it means that no port could be had."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.observed import NUMBERS

from signedin.cases import CASES
from signedin.classify.listening import is_in_use, listening_case


@pytest.mark.parametrize(
    ("refused", "case"),
    [
        ({1455: errno.EADDRINUSE}, "port-in-use-other-tool"),
        ({1455: errno.EACCES, 1457: errno.EADDRINUSE}, "port-in-use-other-tool"),
        ({1455: errno.EACCES}, "port-excluded-windows"),
        ({1455: errno.EACCES, 1457: errno.EADDRNOTAVAIL}, "port-excluded-windows"),
        ({0: errno.EADDRNOTAVAIL}, "listener-silent"),
        ({1455: errno.EPERM}, "listener-silent"),
        ({1455: 0}, "listener-silent"),
        ({}, "listener-silent"),
    ],
)
def test_what_somebody_has_outranks_what_the_system_keeps(refused: dict[int, int], case: str) -> None:
    """And that outranks a machine on which nothing may listen."""
    assert listening_case(refused) == case


def test_a_port_of_the_systems_choice_is_reserved_for_nobody() -> None:
    """Where even that is denied, another port would not help."""
    assert listening_case({0: errno.EACCES}) == "listener-silent"


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, 10024, 10055])
def test_a_process_that_has_nothing_left_to_listen_with_is_told_so(number: int) -> None:
    """The machine lets others listen."""
    assert listening_case({0: number}) == "no-thread"


@pytest.mark.parametrize(
    ("number", "case"),
    [
        (10013, "port-excluded-windows"),
        (10048, "port-in-use-other-tool"),
        (10047, "listener-silent"),
        (10049, "listener-silent"),
    ],
)
def test_windows_has_numbers_of_its_own(number: int, case: str) -> None:
    """Hyper-V's reserved ports are denied though nobody has them. Not run on Windows."""
    assert listening_case({1455: number}) == case
    assert is_in_use(number) is (case == "port-in-use-other-tool")


@given(st.dictionaries(st.integers(0, 65_535), NUMBERS))
def test_whatever_the_system_says_has_a_case(refused: dict[int, int]) -> None:
    """Total, and one of the catalogue."""
    assert listening_case(refused) in CASES
