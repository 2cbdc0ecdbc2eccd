"""Owns `Context`: all that the machine remembers beside the state. Frozen; a step replaces it and never changes it."""

import math
from dataclasses import dataclass, replace
from enum import Enum

from signedin import cases
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag, State

RETRY_SECONDS = 15.0
"""The first wait after a failure. It doubles with each further one."""
RETRY_SECONDS_LIMIT = 3600.0
"""The longest wait, unless the server asks for more."""
_FAILURES_LIMIT = 16


class Exchange(Enum):
    """What is under way at the token endpoint. There is one at most.

    `LATE` is a refresh whose session was dropped meanwhile: its outcome frees the slot and decides nothing more.
    """

    REFRESH = "refresh"
    CODE = "code"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sign-in attempt. `returns_to` is where it ends up if it fails; a code that arrives while a refresh is under
    way is held until that is over; from `committing` on it can no longer be given up."""

    id: str
    deadline: float
    returns_to: State
    held_code: Secret | None = None
    client_id: str = ""
    code_seen: bool = False
    committing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`generation` outlives the session, so that health and late answers can be told apart after it is dropped.

    `unauthorized` is the generation that the API last refused with a 401, until it accepts one again.
    `retry_at` is Unix seconds: in Error the time of the next try, in Connected the end of a refresh's back-off.
    `signed_out` holds from a sign-out until a session is held again; `reading` counts the LoadAccount commands whose
    answer is still out. Together they tell a reading of the store that is older than the sign-out.
    """

    session: Session | None = None
    generation: int = 0
    attempt: Attempt | None = None
    exchange: Exchange | None = None
    case: str | None = None
    retry_at: float | None = None
    failures: int = 0
    unauthorized: int | None = None
    flags: frozenset[Flag] = frozenset()
    signed_out: bool = False
    reading: int = 0

    def alive(self, at: float) -> bool:
        """Whether a session is held whose access token may still be used at `at`."""
        return self.session is not None and self.session.alive(at)

    def refreshable(self) -> bool:
        """Whether there is a refresh token, and the slot for spending it is free."""
        return self.session is not None and self.session.refresh_token is not None and self.exchange is None

    def backing_off(self, at: float) -> bool:
        """Whether the last failure still asks for patience at `at`."""
        return self.retry_at is not None and at < self.retry_at

    def refresh_due_at(self) -> float:
        """When (Unix seconds) a refresh is first worth asking for: at once where the API refused this very token."""
        if self.session is None:
            return math.inf
        due_at = 0.0 if self.unauthorized == self.generation else self.session.due_at()
        return max(due_at, self.retry_at or 0.0)

    def next_wait(self) -> float:
        """How many seconds to wait after one more failure."""
        return min(RETRY_SECONDS * 2.0**self.failures, RETRY_SECONDS_LIMIT)

    # What it becomes.

    def holding(self, session: Session) -> "Context":
        """With this session in hand, and the plan flag as the session says."""
        flags = self.flags - {Flag.PLAN_ENABLED}
        if session.plan_enabled:
            flags |= {Flag.PLAN_ENABLED}
        return replace(self, session=session, generation=session.generation, flags=flags, signed_out=False)

    def without_session(self, case: str) -> "Context":
        """With no token in hand; a refresh that is under way is nobody's from here on."""
        return replace(
            self,
            session=None,
            exchange=self.late_exchange(),
            case=case,
            retry_at=None,
            failures=0,
            unauthorized=None,
            flags=frozenset(),
        )

    def late_exchange(self) -> Exchange | None:
        """What the slot holds once the session is dropped."""
        return Exchange.LATE if self.exchange is Exchange.REFRESH else self.exchange

    def well(self) -> "Context":
        """Without doubt, back-off and case; a 401 that is in the air keeps the count of failures."""
        flags = self.flags - {Flag.IN_DOUBT, Flag.STORAGE_DEGRADED}
        case = self.case if cases.flag_of(self.case) in flags else None
        failures = 0 if self.unauthorized is None else self.failures
        well = replace(self, case=case, retry_at=None, failures=failures, flags=flags)
        return well.returning_to(State.CONNECTED)

    def degraded(self, *, durable: bool, case: str | None) -> "Context":
        """With what is not durable announced as such."""
        if durable:
            return self
        return replace(self, flags=self.flags | {Flag.STORAGE_DEGRADED}, case=case)

    def after_failure(self, at: float, case: str, retry_after: float = 0.0) -> "Context":
        """With one more failure: the wait doubles, and is never shorter than the server's wish, in seconds."""
        retry_at = at + max(self.next_wait(), retry_after)
        return replace(self, case=case, retry_at=retry_at, failures=min(self.failures + 1, _FAILURES_LIMIT))

    def in_trouble(self, at: float, case: str) -> "Context":
        """With one more failure, which no time ends where it is a bug."""
        troubled = self.after_failure(at, case)
        return replace(troubled, retry_at=None) if cases.is_bug(case) else troubled

    def returning_to(self, state: State) -> "Context":
        """While a sign-in runs, what happens to the older session moves the place that it would return to."""
        if self.attempt is None:
            return self
        return replace(self, attempt=replace(self.attempt, returns_to=state))

    def after_reading(self) -> "Context":
        """With one answer of the store less to come."""
        return replace(self, reading=max(0, self.reading - 1))
