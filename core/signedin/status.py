"""Owns the judgement of `status`: where an account stands, from what lies on disk and the clock alone.

Pure, without key, lock or network, and proved equal to the machine's load event. On the path of `status`: it imports
nothing but `signedin.states` and `signedin.waits`.
"""

from signedin.facts import AccountFacts, AttemptFacts, HealthFacts, SessionFacts
from signedin.states import KEPT_FLAGS, Flag, State
from signedin.waits import in_force

_WITHHOLDING = ("session-undecryptable",)
_HARMLESS = ("file-too-open",)
_ANOTHER_USERS = "refresh-token-other-user"


class Status:
    """Where an account stands. `case` is an id of the catalogue or None, `flags` sorted names, times Unix seconds."""

    __slots__ = ("case", "flags", "retry_at", "session", "state")

    def __init__(
        self,
        state: State,
        *,
        case: str | None = None,
        flags: tuple[str, ...] = (),
        retry_at: float | None = None,
        session: SessionFacts | None = None,
    ) -> None:
        self.state, self.case, self.flags, self.retry_at, self.session = state, case, flags, retry_at, session


def judge(account: AccountFacts, *, at: float, attempt: AttemptFacts | None = None, rebound: bool = False) -> Status:
    """Where the account stands at `at`. Authorizing and Refreshing are never written: they show while a lock is held.

    `rebound` says that the configuration names other endpoints than the session was made with.
    """
    settled = _settled(account, at, attempt, rebound)
    if account.signing_in:
        settled.state = State.AUTHORIZING
    elif account.refreshing and settled.state in (State.CONNECTED, State.ERROR):
        settled.state = State.REFRESHING
    return settled


def _settled(account: AccountFacts, at: float, attempt: AttemptFacts | None, rebound: bool) -> Status:
    session = account.session
    for fault in account.faults:
        if fault.case in _HARMLESS:
            continue
        state = State.EXPIRED if fault.case in _WITHHOLDING else State.ERROR
        return Status(state, case=fault.case)
    if account.signed_out or session is None:
        mine = attempt is not None and attempt.account_id == account.id
        return Status(State.DISCONNECTED, case=attempt.case if attempt is not None and mine else None)
    health = account.health if account.health and account.health.generation == session.generation else None
    dead = _dead(account, session, health, at)
    if dead is not None:
        return Status(State.EXPIRED, case=dead, session=session)
    if rebound:
        return Status(State.ERROR, case="configuration-changed", session=session)
    if session.another_users or (health is not None and health.case == _ANOTHER_USERS):
        return Status(State.ERROR, case=_ANOTHER_USERS, session=session)
    return _held(account, session, health, at)


def _dead(account: AccountFacts, session: SessionFacts, health: HealthFacts | None, at: float) -> str | None:
    """Why only signing in again helps; None where it would not."""
    if account.copied:
        return "copied-to-second-machine"
    if health is not None and health.state == State.EXPIRED.value:
        return health.case or "session-ended"
    if not session.has_refresh_token and at >= session.expires_at:
        return "refresh-token-absent"
    return None


def _held(account: AccountFacts, session: SessionFacts, health: HealthFacts | None, at: float) -> Status:
    flags = {flag for flag in health.flags if flag in KEPT_FLAGS} if health is not None else set[str]()
    if session.plan_enabled:
        flags.add(Flag.PLAN_ENABLED.value)
    if account.answered:
        flags.add(Flag.STORAGE_DEGRADED.value)
    elif account.intent and not account.refreshing:
        flags.add(Flag.IN_DOUBT.value)
    case, retry_at, state = "unsaved-elsewhere" if account.answered else None, None, State.CONNECTED
    if health is not None and health.retry_at is not None:
        in_error = health.state == State.ERROR.value
        if in_error or in_force(since=health.backed_off_at, until=health.retry_at, at=at):
            case, retry_at = health.case or "unclassified", health.retry_at
            state = State.ERROR if in_error else State.CONNECTED
    return Status(state, case=case, flags=tuple(sorted(flags)), retry_at=retry_at, session=session)
