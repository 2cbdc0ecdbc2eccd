"""Owns `Session`: the tokens of an account and the times that go with them. It never redeems, stores or sends them."""

import math
from dataclasses import dataclass, replace

from signedin.secret import Secret
from signedin.waits import SET_BACK_SECONDS

ADVISORY_SECONDS = 300.0
ADVISORY_SHARE = 0.10
MANDATORY_SECONDS = 30.0
MANDATORY_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One generation of tokens.

    All times are Unix seconds by the wall clock; `expires_at` is `math.inf` for a credential that never runs out.
    `refresh_at` is the advisory point, with its jitter already inside (see `advisory_point`).
    `earliest_refresh_at` is the server's own lower bound: it binds early and manual refreshes only.
    `plan_enabled` is None where the provider has no such thing. `host_id` names the machine that signed in.
    `another_users` marks tokens whose ID token names another user than the account's: they are kept and never used.
    """

    generation: int
    access_token: Secret
    refresh_token: Secret | None
    id_token: Secret | None = None
    scopes: tuple[str, ...] = ()
    issued_at: float
    expires_at: float
    refresh_at: float
    earliest_refresh_at: float | None = None
    plan_enabled: bool | None = None
    host_id: str = ""
    another_users: bool = False

    def alive(self, at: float) -> bool:
        """Whether the access token may still be used at `at`."""
        return at < self.expires_at

    def from_the_future(self, at: float) -> bool:
        """Whether it was issued after `at`: the clock was set back since, and tells nothing about the token's end."""
        return at < self.known_since

    @property
    def known_since(self) -> float:
        """Before this time the clock must have been set back: see `from_the_future`."""
        return self.issued_at - SET_BACK_SECONDS

    def mandatory_at(self) -> float:
        """From here on a caller waits for the refresh: the last min(30 s, 2 %) of the token's life."""
        return self.expires_at - _share(self.expires_at - self.issued_at, MANDATORY_SECONDS, MANDATORY_SHARE)

    def due_at(self, at: float) -> float:
        """When a refresh is first worth asking for, as seen at `at`: the advisory point, not before the server's bound.

        The bound never holds a token back past its mandatory point. A session from the future is due at once.
        """
        if self.from_the_future(at):
            return 0.0
        bound = self.earliest_refresh_at or 0.0
        return min(max(self.refresh_at, bound), self.mandatory_at())

    def with_generation(self, generation: int) -> "Session":
        """The same tokens under the number that their commit gave them."""
        return replace(self, generation=generation)


def advisory_point(issued_at: float, expires_at: float, jitter: float) -> float:
    """When a token with this life should be refreshed in advance; `jitter` is a number in [0, 1).

    The window is the last min(300 s, 10 %) of the life; the point lies in its first half, so that processes which
    share an account do not all ask at once and each still asks well before the token ends.
    """
    if math.isinf(expires_at):
        return math.inf
    window = _share(expires_at - issued_at, ADVISORY_SECONDS, ADVISORY_SHARE)
    return expires_at - window + window * jitter / 2


def _share(life: float, seconds: float, share: float) -> float:
    return 0.0 if math.isinf(life) else min(seconds, life * share)
