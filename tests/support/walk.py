"""A walk through the machine: a state, a context and a clock, moved by one event after the other."""

import math
from collections.abc import Callable
from typing import Any

from signedin import events as ev
from signedin import machine
from signedin.commands import Command
from signedin.context import Context
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag, State

START = 1_000_000.0
LIFE = 3600.0
ATTEMPT_SECONDS = 600.0
CODE = Secret("canary-code")


def session(
    generation: int = 1,
    *,
    issued_at: float = START,
    life: float = LIFE,
    refresh: bool = True,
    earliest_refresh_at: float | None = None,
    plan_enabled: bool | None = None,
) -> Session:
    """A session whose token names its generation, so that one can be told from another."""
    return Session(
        generation=generation,
        access_token=Secret(f"canary-access-{generation}"),
        refresh_token=Secret(f"canary-refresh-{generation}") if refresh else None,
        issued_at=issued_at,
        expires_at=issued_at + life,
        refresh_at=issued_at + life * 0.9 if math.isfinite(life) else math.inf,
        earliest_refresh_at=earliest_refresh_at,
        plan_enabled=plan_enabled,
    )


class Walk:
    """Where the walk stands. `commands` are the last step's; `now` is Unix seconds and moves by `wait`."""

    def __init__(self, state: State = State.DISCONNECTED, context: Context | None = None, now: float = START) -> None:
        self.state, self.context, self.now = state, context or Context(), now
        self.commands: tuple[Command, ...] = ()

    def take(self, kind: type[Any], **fields: Any) -> "Walk":
        """Take one event, now unless `at` says otherwise."""
        step = machine.step(self.state, self.context, kind(**{"at": self.now, **fields}))
        self.state, self.context, self.commands = step.state, step.context, step.commands
        return self

    def wait(self, seconds: float) -> "Walk":
        """Let time pass; nothing happens by itself."""
        self.now += seconds
        return self

    def run_out(self) -> "Walk":
        """Let time pass until the access token in hand has run out."""
        assert self.context.session is not None
        self.now = self.context.session.expires_at
        return self

    def until_due(self) -> "Walk":
        """Let time pass until the machine is due, and fire what is due."""
        due = machine.due(self.state, self.context, self.now)
        assert due is not None
        self.now = max(self.now, due[0])
        step = machine.step(self.state, self.context, due[1](self.now))
        self.state, self.context, self.commands = step.state, step.context, step.commands
        return self

    def due_at(self) -> float | None:
        """When the clock alone makes something happen."""
        due = machine.due(self.state, self.context, self.now)
        return None if due is None else due[0]

    @property
    def usable(self) -> bool:
        """Whether there is an access token to send now."""
        return machine.usable(self.state, self.context, self.now)

    @property
    def flags(self) -> set[Flag]:
        """What is true beside the state."""
        return set(self.context.flags)

    @property
    def generation_in_hand(self) -> int | None:
        """Which session is in hand."""
        return None if self.context.session is None else self.context.session.generation

    @property
    def commanded(self) -> list[str]:
        """The names of the last step's commands."""
        return [type(command).__name__ for command in self.commands]

    def begin_sign_in(self, attempt_id: str = "one") -> "Walk":
        """Ask to sign in."""
        return self.take(ev.SignInRequested, attempt_id=attempt_id, deadline=self.now + ATTEMPT_SECONDS)

    def give_code(self, attempt_id: str = "one") -> "Walk":
        """Let the callback bring its code."""
        return self.take(ev.CodeReceived, attempt_id=attempt_id, code=CODE, client_id="client")


def disconnected() -> Walk:
    """Nobody is signed in."""
    return Walk()


def connected(generation: int = 1, **session_fields: Any) -> Walk:
    """A session was loaded."""
    return Walk().take(ev.AccountLoaded, session=session(generation, **session_fields))


def refreshing(generation: int = 1, **session_fields: Any) -> Walk:
    """A refresh that somebody asked for is under way."""
    walk = connected(generation, **session_fields).take(ev.RefreshRequested)
    assert walk.state is State.REFRESHING
    return walk


def expired(generation: int = 1) -> Walk:
    """The grant is dead."""
    return refreshing(generation).take(ev.RefreshRejected, case="refresh-token-revoked")


def in_error(generation: int = 1) -> Walk:
    """A refusal of unknown meaning blocks the account; the session is kept."""
    return refreshing(generation).take(ev.RefreshRefused, case="unclassified")


def locked_out() -> Walk:
    """The store cannot be read, so nothing is known."""
    return Walk().take(ev.StoreFailed, case="keyring-locked")


def committing(walk: Walk | None = None) -> Walk:
    """A sign-in whose session is being committed."""
    begun = (walk or Walk()).begin_sign_in().give_code()
    return begun.take(ev.CodeExchanged, attempt_id="one", session=session(0, issued_at=begun.now))


def standing_in(state: State) -> Walk:
    """A plain walk that ends in the state."""
    walks: dict[State, Callable[[], Walk]] = {
        State.DISCONNECTED: disconnected,
        State.AUTHORIZING: lambda: disconnected().begin_sign_in(),
        State.CONNECTED: connected,
        State.REFRESHING: refreshing,
        State.EXPIRED: expired,
        State.ERROR: in_error,
    }
    walk = walks[state]()
    assert walk.state is state
    return walk
