"""What it means that a file cannot be used."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.observed import NUMBERS

from signedin.cases import CASES
from signedin.classify.disk import disk_case


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EFBIG])
def test_no_room_and_no_writing_are_one_case(number: int) -> None:
    """The disk's or the user's share, or a disk that is not written to."""
    assert disk_case(number) == "disk-full-or-readonly"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENOTDIR, errno.EISDIR])
def test_what_is_not_ours_or_not_what_it_was_is_one_case(number: int) -> None:
    """Somebody else's file, a link, or another thing in its place."""
    assert disk_case(number) == "file-permission-or-owner"


@pytest.mark.parametrize(
    "number",
    [None, 0, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOLCK, errno.ENAMETOOLONG, errno.ESTALE, errno.EBUSY],
)
def test_the_rest_has_no_case_of_its_own(number: int | None) -> None:
    """A disk that fails, a name that is too long, a drive that does not lock: the message has the symbol."""
    assert disk_case(number) == "store-unavailable"


@pytest.mark.parametrize(
    ("windows", "number", "case"),
    [
        (5, errno.EACCES, "file-permission-or-owner"),
        (19, errno.EACCES, "disk-full-or-readonly"),
        (32, errno.EACCES, "store-unavailable"),
        (33, errno.EACCES, "store-unavailable"),
        (39, errno.EINVAL, "disk-full-or-readonly"),
        (112, errno.ENOSPC, "disk-full-or-readonly"),
        (1295, errno.EINVAL, "disk-full-or-readonly"),
        (1314, errno.EINVAL, "file-permission-or-owner"),
        (3, errno.ENOENT, "store-unavailable"),
    ],
)
def test_windows_says_more_than_its_errno(windows: int, number: int, case: str) -> None:
    """A file that a virus scanner has open is nobody else's. Not run on Windows."""
    assert disk_case(number, windows) == case


@given(st.none() | NUMBERS, st.none() | NUMBERS)
def test_any_number_has_a_case(number: int | None, windows: int | None) -> None:
    """Total, and one of the catalogue."""
    assert disk_case(number, windows) in CASES
