"""Owns the step: (state, context, event) → (state, context, commands), and the deadline that a state waits for.

One machine of the `transitions` library serves every account: it holds no model, and is fired with the one subject of
the step. It has no clock, no I/O and no randomness, and may be called from any thread.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from transitions import EventData, Machine, MachineError

from signedin.commands import Command
from signedin.context import Context
from signedin.errors import UnexpectedEvent
from signedin.events import Event, RefreshDue, RetryDue, SaveDue, SignInTimedOut
from signedin.states import State
from signedin.table import TABLE, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one event came to. `commands` are to be carried out in order, after the new state was taken over."""

    source: State
    state: State
    context: Context
    commands: tuple[Command, ...]


class _Subject:
    """What the machine moves during one step: the state is the library's to set, the rest is ours."""

    __slots__ = ("commands", "context", "event", "state")

    def __init__(self, state: State, context: Context, event: Event) -> None:
        self.state, self.context, self.event = state, context, event
        self.commands: tuple[Command, ...] = ()


def step(state: State, context: Context, event: Event) -> Step:
    """Take one event. Raises UnexpectedEvent where the table has no row for it: the caller's misuse, nothing moved."""
    subject = _Subject(state, context, event)
    name = type(event).__name__
    try:
        moved = _MACHINE.events[name].trigger(subject)
    except MachineError as error:
        raise UnexpectedEvent(state.value, name) from error
    if not moved:
        raise UnexpectedEvent(state.value, name)
    return Step(source=state, state=subject.state, context=subject.context, commands=subject.commands)


def due(state: State, context: Context, at: float) -> tuple[float, Callable[[float], Event]] | None:
    """When (Unix seconds) the clock alone will make something happen, and the event to fire then; None for never.

    `at` is the time now: it tells whether the clock was set back behind what is remembered.
    """
    refresh, retry = _refresh_due(state, context, at), _retry_due(state, context, at)
    all_waits = sign_in_due(context), refresh, retry, _save_due(context, at)
    waits = [wait for wait in all_waits if wait]
    return min(waits, key=lambda wait: wait[0], default=None)


def usable(state: State, context: Context, at: float) -> bool:
    """Whether the access token in hand may go out at `at`.

    While an exchange is under way: not once a refresh is pressing, nor after the API refused this very token.
    """
    session = context.session
    if session is None or state in (State.DISCONNECTED, State.EXPIRED):
        return False
    if context.exchange is None:
        return session.alive(at)
    return at < session.mandatory_at() and context.unauthorized != session.generation


def sign_in_due(context: Context) -> tuple[float, Callable[[float], Event]] | None:
    """When (Unix seconds) the sign-in that runs is out of time, and the event to fire then; None where none may end."""
    attempt = context.attempt
    if attempt is None or attempt.committing:
        return None
    return attempt.deadline, lambda at: SignInTimedOut(at=at, attempt_id=attempt.id, case=attempt.timeout_case)


def _refresh_due(state: State, context: Context, now: float) -> tuple[float, Callable[[float], Event]] | None:
    session = context.session
    if session is None or context.exchange is not None:
        return None
    at = math.inf if session.refresh_token is None else context.refresh_due_at(now)
    if state is State.CONNECTED:
        at = min(at, session.expires_at)
    elif context.attempt is None or context.attempt.returns_to is not State.CONNECTED:
        return None
    return None if math.isinf(at) else (at, lambda at: RefreshDue(at=at))


def _retry_due(state: State, context: Context, now: float) -> tuple[float, Callable[[float], Event]] | None:
    retry_at = context.retry_due_at(now)
    if state is not State.ERROR or retry_at is None or context.exchange is not None:
        return None
    return retry_at, lambda at: RetryDue(at=at)


def _save_due(context: Context, now: float) -> tuple[float, Callable[[float], Event]] | None:
    return None if context.unsaved is None else (context.save_due_at(now), lambda at: SaveDue(at=at))


def _bind(row: Row) -> dict[str, Any]:
    action, guard = row.action, row.guard

    def act(data: EventData) -> None:
        subject = cast(_Subject, data.model)
        subject.context, subject.commands = action(subject.context, subject.event)

    def allow(data: EventData) -> bool:
        subject = cast(_Subject, data.model)
        return bool(guard is None or guard(subject.context, subject.event))

    return {
        "trigger": row.event.__name__,
        "source": list(row.sources),
        "dest": row.destination,
        "conditions": [allow],
        "before": [act],
    }


_MACHINE = Machine(
    model=None,
    states=State,
    initial=None,
    send_event=True,
    auto_transitions=False,
    transitions=[_bind(row) for row in TABLE],
)
