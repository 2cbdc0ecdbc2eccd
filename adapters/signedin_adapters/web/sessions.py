"""Owns `Sessions`: who may see the page. A secret that works once brings a browser in, a cookie keeps it in.

Whoever starts the page hands its user an address with a secret in the fragment, which no server and no log ever sees;
the page trades it for a cookie. Beside the cookie each request that changes something carries a token, which only the
page itself can read. All of it lies in memory: a page that is started again asks to be opened again.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

SECRET_SECONDS = 60.0
"""How long an address may wait until it is opened."""
SESSION_SECONDS = 12 * 3600.0
AT_MOST = 16
"""Browsers that are in at once, and addresses that wait to be opened; a newcomer puts the oldest out."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSession:
    """One browser that was let in. `token` is what its page sends beside the cookie."""

    token: str
    ends_at: float


class Sessions:
    """Secrets that wait and browsers that are in. `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, float] = {}
        self._inside: dict[str, PageSession] = {}

    def address(self, base: str) -> str:
        """Where a page that is served at `base` is to be opened: it has a new secret in its fragment."""
        return f"{base.rstrip('/')}/#{self.invite()}"

    def invite(self) -> str:
        """A new secret: it lets one browser in, once, within SECRET_SECONDS."""
        secret = secrets.token_urlsafe(32)
        _put_in(self._waiting, secret, self._clock() + SECRET_SECONDS)
        return secret

    def admit(self, secret: str) -> tuple[str, PageSession] | None:
        """The cookie's value and the session that a good secret buys; None for any other."""
        ends_at = self._waiting.pop(secret, 0.0)
        if self._clock() >= ends_at:
            return None
        cookie = secrets.token_urlsafe(32)
        session = PageSession(token=secrets.token_urlsafe(32), ends_at=self._clock() + SESSION_SECONDS)
        _put_in(self._inside, cookie, session)
        return cookie, session

    def find(self, cookie: str | None) -> PageSession | None:
        """The session of a cookie that is still good."""
        session = self._inside.get(cookie or "")
        if session is None or self._clock() >= session.ends_at:
            self._inside.pop(cookie or "", None)
            return None
        return session

    def dismiss(self, cookie: str) -> None:
        """Let this browser in no longer, if it was."""
        self._inside.pop(cookie, None)


def _put_in(table: dict[str, Value], key: str, value: Value) -> None:
    """Add the newest; dictionaries keep their order, so the first is the oldest."""
    while len(table) >= AT_MOST:
        del table[next(iter(table))]
    table[key] = value
