"""Owns the scratch account: it takes a case's own step through the real machine, where no server can bring it about.

Its transitions and log lines are the machine's and the log's own; nobody signed in, and nothing was asked of anybody.
"""

import secrets
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from signedin import Secret, Transition, machine
from signedin import events as ev
from signedin.cases import Case
from signedin.context import Context
from signedin.listeners import Listeners
from signedin.ports import Log
from signedin.session import Session
from signedin.states import State
from signedin.transition import details_of

LIFE_SECONDS = 3600.0
ATTEMPT_SECONDS = 600.0
_TO = {
    State.DISCONNECTED: (),
    State.AUTHORIZING: (ev.SignInRequested,),
    State.CONNECTED: (ev.AccountLoaded,),
    State.REFRESHING: (ev.AccountLoaded, ev.RefreshRequested),
}
"""The events that lead to where a case's step begins, for an account of which nothing is known yet."""
_ENDINGS = (ev.SignInFailed, ev.SignInCancelled, ev.SignInTimedOut, ev.CodeExchangeFailed)


class Scratch:
    """One account that the machine alone lives, and the log tells of. `now` gives Unix seconds."""

    def __init__(self, log: Log, *, now: Callable[[], float]) -> None:
        self._log, self._now, self._listeners = log, now, Listeners(log)
        self._id, self._attempt = secrets.token_hex(8), secrets.token_hex(8)
        self._state, self._context = State.DISCONNECTED, Context()

    def play(self, case: Case) -> None:
        """Take the case's step, from the first place where it can be taken; without one, note a call that failed."""
        if case.move is None:
            self._log.write("call.failed", account=self._id, call="open", case=case.id)
            return
        for kind in _TO[next(source for source in case.move.sources if source in _TO)]:
            self._take(kind, case=None)
        self._take(getattr(ev, case.move.event), case=case.id)

    def _take(self, kind: type[Any], *, case: str | None) -> None:
        at = self._now()
        known = {
            "attempt_id": self._attempt,
            "deadline": at + ATTEMPT_SECONDS,
            "session": self._session(at),
            **({} if case is None else {"case": case, "durable": False}),
        }
        event = kind(at=at, **{field.name: known[field.name] for field in fields(kind) if field.name in known})
        self._tell(event, machine.step(self._state, self._context, event))

    def _tell(self, event: ev.Event, step: machine.Step) -> None:
        self._state, self._context = step.state, step.context
        transition = Transition(
            at=event.at,
            account_id=self._id,
            source=step.source,
            trigger=type(event).__name__,
            state=step.state,
            case=event.case if isinstance(event, _ENDINGS) else step.context.case,
            flags=step.context.flags,
            generation=step.context.generation,
            details=details_of(event),
            visible=True,
        )
        self._listeners.tell(transition)

    def _session(self, at: float) -> Session:
        return Session(
            generation=self._context.generation + 1,
            access_token=Secret("of nobody"),
            refresh_token=Secret("of nobody"),
            issued_at=at,
            expires_at=at + LIFE_SECONDS,
            refresh_at=at + LIFE_SECONDS,
        )
