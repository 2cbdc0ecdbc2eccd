"""The sign-ins under way in a browser: a checked request, and who has been chosen so far.

Each has an unguessable id that the forms carry, ends after ten minutes, and is settled once.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.devices import Device
from signedin_adapters.sandbox.people import Person
from signedin_adapters.sandbox.refusals import PageRefusal

ATTEMPT_TTL = 600.0
"""Seconds until a sign-in page stops working."""


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """One visit; ``expires_at`` is Unix seconds, ``person`` is None until somebody was chosen.

    ``device`` is the one that waits for the answer; None where the browser itself takes it back.
    """

    id: str
    request: AuthorizeRequest
    expires_at: float
    device: Device | None = None
    person: Person | None = None


class Attempts:
    """The open visits by id."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._open: dict[str, Attempt] = {}

    def begin(self, request: AuthorizeRequest, *, device: Device | None = None) -> Attempt:
        """Open a visit for a request that was found good."""
        now = self._clock()
        self._open = {key: attempt for key, attempt in self._open.items() if attempt.expires_at > now}
        attempt = Attempt(id=secrets.token_urlsafe(24), request=request, expires_at=now + ATTEMPT_TTL, device=device)
        self._open[attempt.id] = attempt
        return attempt

    def get(self, attempt_id: str) -> Attempt:
        """The open visit; PageRefusal if it was settled, has run out, or never was."""
        attempt = self._open.get(attempt_id)
        if attempt is None or attempt.expires_at <= self._clock():
            raise PageRefusal("invalid_request", "This page has been used already, or is too old. Sign in again.")
        return attempt

    def settle(self, attempt: Attempt) -> None:
        """Close the visit: its pages stop working."""
        self._open.pop(attempt.id, None)
