"""Owns when a usage limit ends, as the answer that met it says: in its error, else in its headers.

Pure and total. Moments are the server's, so they count from the answer's own `Date` and no clock is asked; where
nothing is told, nothing is guessed.
"""

from signedin.oauth import date
from signedin.oauth.messages import Response
from signedin.oauth.refusal import LONGEST_WAIT_SECONDS
from signedin.oauth.strict_json import MalformedJson, member, parse_object
from signedin.responses import number

_WINDOWS = ("primary", "secondary")
_FULL_PERCENT = 100.0


def seconds(response: Response) -> float | None:
    """How many seconds after the answer the limit ends, 30 days at most; None where it does not say."""
    error = _error(response.body)
    told = _from_now(member(error, "resets_in_seconds"), member(error, "resets_at"), response)
    return told if told is not None else _from_headers(response)


def _from_headers(response: Response) -> float | None:
    """When the last of the windows that are used up begins anew."""
    ends = [_window_end(f"x-codex-{window}", response) for window in _WINDOWS]
    return max((end for end in ends if end is not None), default=None)


def _window_end(window: str, response: Response) -> float | None:
    if (number.read(response.header(f"{window}-used-percent")) or 0.0) < _FULL_PERCENT:
        return None
    return _from_now(response.header(f"{window}-reset-after-seconds"), response.header(f"{window}-reset-at"), response)


def _from_now(wait: object, moment: object, response: Response) -> float | None:
    """Seconds from a number of them, else from a moment in Unix seconds."""
    left, ends_at, answered_at = number.read(wait), number.read(moment), date.read(response.header("date"))
    if left is None and ends_at is not None and answered_at is not None:
        left = max(0.0, ends_at - answered_at)
    return None if left is None else min(left, LONGEST_WAIT_SECONDS)


def _error(body: bytes) -> object:
    try:
        return parse_object(body).get("error")
    except MalformedJson:
        return None
