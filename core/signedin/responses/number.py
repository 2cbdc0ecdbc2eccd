"""Owns reading a number that an API tells, in JSON or as a header. Pure and total: nonsense is None."""

import re

LARGEST = 253402300799.0
"""The last second of the year 9999 in Unix seconds: beyond it nothing here means anything."""

_TEXT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")


def read(value: object) -> float | None:
    """A number from 0 to LARGEST, also one that a header's text is."""
    if isinstance(value, str):
        return read(float(value)) if _TEXT.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST:
        return None
    return float(value)
