"""Owns when two clocks are too far apart."""

from signedin.oauth.date import TOLERANCE_SECONDS


def clock_case(skew: float | None) -> str | None:
    """The case of a server's clock that is `skew` seconds ahead of ours; None where that is nothing, or unknown."""
    return "clock-skew" if skew is not None and abs(skew) > TOLERANCE_SECONDS else None
