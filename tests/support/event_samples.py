"""Sample events: for each type, variants that differ in every field a guard looks at."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tests.support.walk import CODE, START, session

from signedin import events as ev
from signedin.record import Health
from signedin.session import Session
from signedin.states import Flag, State

ATTEMPTS = ("one", "two")


def samples_of(
    kind: type[Any], at: float = START, generation: int = 1, attempt_ids: tuple[str, ...] = ATTEMPTS
) -> list[ev.Event]:
    """All variants of the event at the time `at`, around the generation that an account is known to have."""
    return samples(at, generation, attempt_ids)[kind]


@lru_cache(maxsize=8)
def samples(at: float, generation: int, attempt_ids: tuple[str, ...]) -> dict[type[Any], list[ev.Event]]:
    """All variants of every event."""
    plain: dict[type[Any], list[dict[str, Any]]] = {
        ev.AccountLoaded: list(_loads(at, generation)),
        ev.StoreFailed: [{"case": case} for case in ("keyring-locked", "session-undecryptable", "schema-newer")],
        ev.SignInRequested: [{"attempt_id": attempt_ids[-1], "deadline": at + 600}],
        ev.CallbackRejected: [{"attempt_id": attempt_ids[0], "case": "state-mismatch-stale-tab"}],
        ev.CodeReceived: [{"attempt_id": id_, "code": CODE, "client_id": "client"} for id_ in attempt_ids],
        ev.SignInFailed: [{"attempt_id": id_, "case": "user-denied-consent"} for id_ in attempt_ids],
        ev.SignInCancelled: [{"attempt_id": id_} for id_ in attempt_ids],
        ev.SignInTimedOut: [{"attempt_id": id_} for id_ in attempt_ids],
        ev.CodeExchanged: [{"attempt_id": id_, "session": session(0, issued_at=at)} for id_ in attempt_ids],
        ev.CodeExchangeFailed: [{"attempt_id": id_, "case": "code-expired-or-used"} for id_ in attempt_ids],
        ev.SessionCommitted: [
            {"attempt_id": id_, "session": session(generation + 1, issued_at=at), **kept}
            for id_ in attempt_ids
            for kept in ({}, {"durable": False, "case": "persist-failed-at-login"})
        ],
        ev.RefreshDue: [{}],
        ev.RefreshRequested: [{}],
        ev.TokenRefreshed: [
            {"session": session(generation + 1, issued_at=at)},
            {"session": session(generation + 1, issued_at=at, refresh=False)},
            {"session": session(generation + 1, issued_at=at), "durable": False, "case": "disk-full-or-readonly"},
        ],
        ev.SaveDue: [{}],
        ev.SessionSaved: [{"session": session(generation + 1, issued_at=at)}],
        ev.SessionAdopted: [{"session": session(generation + 1, issued_at=at)}],
        ev.RefreshRejected: [{"case": "refresh-token-reused"}],
        ev.RefreshFailed: [
            {"case": "offline"},
            {"case": "provider-outage", "retry_after": 7200.0, "in_doubt": True},
        ],
        ev.BackOffFound: [
            {"case": "provider-outage", "since": at - 1, "until": at + 60},
            {"case": "offline", "since": at, "until": at + 7200, "in_doubt": True},
        ],
        ev.RefreshRefused: [
            {"case": "unclassified"},
            {"case": "scopes-missing"},
            {"case": "refresh-token-other-user", "generation": generation + 1},
        ],
        ev.RefreshAbandoned: [{}],
        ev.SessionReplaced: [
            {"session": session(generation + 1, issued_at=at)},
            {"session": session(max(generation - 1, 0), issued_at=at)},
        ],
        ev.SignedOutElsewhere: [{}],
        ev.ApiUnauthorized: [{"generation": generation}, {"generation": generation + 1}],
        ev.ApiAccepted: [{"generation": generation}, {"generation": generation + 1}],
        ev.GrantEnded: [{"generation": each, "case": "refresh-token-revoked"} for each in (generation, generation + 1)],
        ev.FlagRaised: [{"flag": Flag.USAGE_PAUSED, "case": "usage-limit-hit"}, {"flag": Flag.CLOCK_SKEWED}],
        ev.FlagCleared: [{"flag": Flag.USAGE_PAUSED}, {"flag": Flag.STORAGE_DEGRADED}],
        ev.RetryDue: [{}],
        ev.RetryRequested: [{}],
        ev.SignOutRequested: [{}, {"revoke": False}],
        ev.SignOutCompleted: [{"revoked": revoked} for revoked in (True, False, None)],
    }
    return {kind: [kind(at=at, **fields) for fields in variants] for kind, variants in plain.items()}


def _loads(at: float, generation: int) -> Iterator[dict[str, Any]]:
    def found(**fields: Any) -> dict[str, Any]:
        return {"session": stored(), **fields}

    def stored(**fields: Any) -> Session:
        return session(generation, issued_at=at, **fields)

    def health(state: State, case: str | None, retry_at: float | None = None) -> Health:
        return Health(generation=generation, state=state.value, case=case, retry_at=retry_at)

    yield {"session": None}
    yield found(signed_out=True)
    yield found(copied=True)
    yield found(rebound=True)
    yield found(in_doubt=True)
    yield found(answered=True)
    yield found()
    yield {"session": session(generation, issued_at=at - 7200, refresh=False)}
    yield found(health=health(State.EXPIRED, "refresh-token-revoked"))
    yield found(health=health(State.ERROR, "unclassified", at + 30))
    yield found(health=health(State.ERROR, "offline"))
    yield found(health=health(State.ERROR, "scopes-missing"))
    yield found(health=health(State.ERROR, "refresh-token-other-user", at + 30))
    yield found(health=health(State.CONNECTED, None))
