"""Owns the way between what a store holds and what the machine knows: the load event in, the health out.

Pure. `signedin.status` judges the same facts without the key; tests hold the two to the same answer.
"""

import math
from dataclasses import replace

from signedin.context import Context
from signedin.events import AccountLoaded
from signedin.facts import AccountFacts
from signedin.provider import Provider
from signedin.record import AccountRecord, Health, Stored
from signedin.session import Session
from signedin.states import Flag, State
from signedin.waits import in_force

FOUND_ANEW = "unsaved-elsewhere"
"""A case that every reader finds by itself: noted, it would outlive the process that it speaks of."""


def loaded(stored: Stored, provider: Provider, *, at: float, case: str | None = None) -> AccountLoaded:
    """The load event for what was read. Health counts only if it speaks of the session's own generation."""
    session, health = stored.session, stored.health
    current = session is not None and health is not None and health.generation == session.generation
    return AccountLoaded(
        at=at,
        session=session,
        signed_out=stored.signed_out,
        copied=stored.copied,
        rebound=session is not None and is_rebound(stored.record, provider),
        in_doubt=stored.in_doubt,
        answered=stored.answered,
        health=health if current else None,
        case=case,
    )


def newer_session(stored: Stored, *, than: int) -> Session | None:
    """The session that another process made since generation `than`, unless it is known to be another user's."""
    session, health = stored.session, stored.health
    if session is None or session.generation <= than or session.another_users:
        return None
    if health is not None and health.generation == session.generation and health.case == "refresh-token-other-user":
        return None
    return session


def noted(health: Health, before: Health | None, *, at: float) -> Health:
    """What a store keeps of how the account fares: a wait of the same generation that is in force is never shortened.

    Whoever notes something else may know nothing of it, unless it is a later yes of the API's.
    """
    if before is None or before.generation != health.generation or before.retry_at is None:
        return health
    if health.retry_at is None and (health.last_verified_at or 0.0) > (before.backed_off_at or math.inf):
        return health
    if health.state == State.EXPIRED.value or (health.retry_at or 0.0) >= before.retry_at:
        return health
    if not in_force(since=before.backed_off_at, until=before.retry_at, at=at):
        return health
    return replace(before, flags=health.flags)


def is_rebound(record: AccountRecord | AccountFacts, provider: Provider) -> bool:
    """Whether the configuration names other places than the session was made with. Nothing is sent to them then."""
    endpoint = provider.token_endpoint
    moved = endpoint is not None and bool(record.token_endpoint) and endpoint != record.token_endpoint
    return moved or record.issuer != provider.issuer or record.api_base != provider.api_base


def health_of(state: State, context: Context) -> Health:
    """What other processes and `status` may know of how the account fares."""
    return Health(
        generation=context.generation,
        state=state.value,
        case=context.case,
        flags=tuple(sorted(flag.value for flag in context.flags)),
        retry_at=context.retry_at,
        backed_off_at=None if context.retry_at is None else context.backed_off_at,
    )


def is_noteworthy(health: Health) -> bool:
    """Whether there is anything to leave for others beside the session itself."""
    plain = health.state == State.CONNECTED.value and health.case is None
    return not plain or bool(set(health.flags) - {Flag.PLAN_ENABLED.value})
