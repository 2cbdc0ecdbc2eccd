"""Owns `Context`: all that the machine remembers beside the state. Frozen; a step replaces it and never changes it."""

import math
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from signedin import cases
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag, State
from signedin.waits import RETRY_SECONDS, RETRY_SECONDS_LIMIT, in_force

SAVE_SECONDS = 30.0
"""How often a session that could not be saved is tried to save again."""
_FAILURES_LIMIT = 16


class Exchange(Enum):
    """What is under way at the token endpoint. There is one at most.

    `LATE` is a refresh whose session was dropped meanwhile: its outcome frees the slot and decides nothing more.
    """

    REFRESH = "refresh"
    CODE = "code"
    LATE = "late"


class Unsaved(Enum):
    """Where a session came from that the store does not hold yet: a refresh, or a sign-in, which a marker yields to."""

    REFRESH = "refresh"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sign-in attempt. `returns_to` is where it ends up if it fails, `timeout_case` what it means if time runs out;
    a code that arrives while a refresh is under way is held until that is over; from `committing` on it can no longer
    be given up."""

    id: str
    deadline: float
    returns_to: State
    timeout_case: str = "callback-never-arrives"
    held_code: Secret | None = None
    client_id: str = ""
    code_seen: bool = False
    committing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`generation` outlives the session, so that health and late answers can be told apart after it is dropped.

    `unauthorized` is the generation that the API last refused with a 401, until it accepts one again.
    `retry_at` is Unix seconds: in Error the time of the next try, in Connected the end of a refresh's back-off;
    `backed_off_at` is when that wait began.
    `signed_out` holds from a sign-out until a session is held again; `reading` counts the LoadAccount commands whose
    answer is still out. Together they tell a reading of the store that is older than the sign-out.
    `unsaved` holds while the session lies in memory alone; `save_at`, Unix seconds, is when it is saved again.
    """

    session: Session | None = None
    generation: int = 0
    attempt: Attempt | None = None
    exchange: Exchange | None = None
    case: str | None = None
    retry_at: float | None = None
    backed_off_at: float | None = None
    failures: int = 0
    unauthorized: int | None = None
    flags: frozenset[Flag] = frozenset()
    signed_out: bool = False
    reading: int = 0
    unsaved: Unsaved | None = None
    save_at: float = 0.0

    def alive(self, at: float) -> bool:
        """Whether a session is held whose access token may still be used at `at`."""
        return self.session is not None and self.session.alive(at)

    def refreshable(self) -> bool:
        """Whether there is a refresh token, and the slot for spending it is free."""
        return self.session is not None and self.session.refresh_token is not None and self.exchange is None

    def backing_off(self, at: float) -> bool:
        """Whether the last failure still asks for patience at `at`."""
        return in_force(since=self.backed_off_at, until=self.retry_at, at=at)

    def retry_due_at(self, at: float) -> float | None:
        """When (Unix seconds) the next try is due as seen at `at`; None where no wait was set."""
        return self.retry_at if self.retry_at is None or self.backing_off(at) else min(self.retry_at, at)

    def refresh_due_at(self, at: float) -> float:
        """When (Unix seconds) a refresh is first worth asking for, as seen at `at`.

        At once where the API refused this very token, and where the clock was set back since it was issued.
        While it is in doubt whether the refresh token was spent, only when the access token has run out.
        """
        if self.session is None:
            return math.inf
        due_at = self.session.expires_at if Flag.IN_DOUBT in self.flags else self.session.due_at(at)
        if self.refused():
            due_at = 0.0
        return max(due_at, self.retry_due_at(at) or 0.0)

    def save_due_at(self, at: float) -> float:
        """When (Unix seconds) a session that lies in memory alone is saved again, as seen at `at`."""
        waiting = in_force(since=self.save_at - SAVE_SECONDS, until=self.save_at, at=at)
        return self.save_at if waiting else min(self.save_at, at)

    def refused(self) -> bool:
        """Whether the API refused the access token in hand."""
        return self.session is not None and self.unauthorized == self.generation

    def next_wait(self) -> float:
        """How many seconds to wait after one more failure."""
        return min(RETRY_SECONDS * 2.0**self.failures, RETRY_SECONDS_LIMIT)

    # What it becomes.

    def holding(self, session: Session) -> "Context":
        """With this session in hand, and the plan flag as the session says."""
        flags = self.flags - {Flag.PLAN_ENABLED}
        if session.plan_enabled:
            flags |= {Flag.PLAN_ENABLED}
        generation = session.generation
        return replace(self, session=session, generation=generation, flags=_one(flags), signed_out=False, unsaved=None)

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
            unsaved=None,
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

    def degraded(self, at: float, unsaved: Unsaved | None, case: str | None) -> "Context":
        """With what is not in the store announced as such, and due to be saved."""
        if unsaved is None:
            return self
        flags = self.flags | {Flag.STORAGE_DEGRADED}
        return replace(self, flags=flags, case=case, unsaved=unsaved, save_at=at + SAVE_SECONDS)

    def saved(self) -> "Context":
        """With what is in hand in the store as well; the case of a back-off, a bug or another flag stays."""
        flags = self.flags - {Flag.STORAGE_DEGRADED}
        other = self.retry_at is not None or cases.flag_of(self.case) in flags
        kept = self.case is not None and (other or cases.is_bug(self.case))
        return replace(self, flags=flags, case=self.case if kept else None)

    def after_failure(self, at: float, case: str, retry_after: float = 0.0) -> "Context":
        """With one more failure: the wait doubles, and is never shorter than the server's wish, in seconds."""
        retry_at = at + max(self.next_wait(), retry_after)
        failures = min(self.failures + 1, _FAILURES_LIMIT)
        return replace(self, case=case, retry_at=retry_at, backed_off_at=at, failures=failures)

    def waiting(self, case: str, *, since: float | None, until: float) -> "Context":
        """With the wait of another process, which is no failure of ours; our next one is longer than it was."""
        waited = RETRY_SECONDS_LIMIT if since is None else until - since
        failures = self.failures
        while failures < _FAILURES_LIMIT and RETRY_SECONDS * 2.0**failures <= min(waited, RETRY_SECONDS_LIMIT / 2):
            failures += 1
        return replace(self, case=case, retry_at=until, backed_off_at=since, failures=failures)

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


@cache
def _one(flags: frozenset[Flag]) -> frozenset[Flag]:
    """The same object for all accounts that have these flags: it is larger than all else that a context holds."""
    return flags
