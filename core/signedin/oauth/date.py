"""Owns the dates of HTTP: reading one, and what an answer's own `Date` says about the two clocks.

Pure and total: nonsense is None, never an error. It asks no clock and decides nothing.
"""

from datetime import UTC
from email.utils import parsedate_to_datetime

from signedin.oauth.messages import Response

TOLERANCE_SECONDS = 60.0
"""How far the server's clock and ours may be apart before anything is made of it."""


def read(value: str | None) -> float | None:
    """Unix seconds of an HTTP date in any of its three forms (RFC 9110 §5.6.7); None for anything else."""
    try:
        moment = parsedate_to_datetime(value or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def skew(response: Response, *, sent_at: float, received_at: float) -> float | None:
    """By how many seconds the server's clock is ahead of ours (RFC 9110 §6.6.1); None where the answer does not say.

    The times are ours, Unix seconds, around the request: a date between them is no skew, however slow the answer was
    or however long the machine slept. An answer with an `Age` comes from a cache and says nothing (RFC 9111 §5.1).
    """
    at = None if response.header("age") is not None else read(response.header("date"))
    if at is None or sent_at <= at <= received_at:
        return None if at is None else 0.0
    return min(at - sent_at, at - received_at, key=abs)
