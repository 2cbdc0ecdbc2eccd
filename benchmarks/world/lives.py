"""Owns logs of processes that never lived: each step is the machine's own, each line the log's."""

import random
from collections.abc import Iterator
from typing import Any

from signedin import events as ev
from signedin import machine
from signedin.context import Context
from signedin.listeners import Listeners
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag, State
from signedin.transition import Transition, details_of
from signedin_adapters.log.rotating import RotatingFile
from signedin_adapters.log.run import Run, Writer

LIFE = 3600.0
HOURS = 96
"""How long a process lives: so many refreshes."""


class Memory(RotatingFile):
    """A log that is kept in memory."""

    def __init__(self) -> None:
        super().__init__("")
        self.lines: list[bytes] = []

    def append(self, line: bytes) -> None:
        """Keep the line."""
        self.lines.append(line)


class Process:
    """One account in one process, with a log of its own."""

    def __init__(self, directory: str, account: str, *, at: float) -> None:
        self._file, self._account, self._at = Memory(), account, at
        run = Run(Writer(self._file, "info"), directory=directory, app="bench", store="file")
        self._listeners, self._state, self._context = Listeners(run), State.DISCONNECTED, Context()

    @property
    def lines(self) -> list[bytes]:
        """What was logged."""
        return self._file.lines

    def take(self, kind: type[Any], **fields: Any) -> None:
        """Take an event, a few milliseconds after the one before."""
        self._at += 0.005
        event = kind(at=self._at, **fields)
        step = machine.step(self._state, self._context, event)
        self._state, self._context = step.state, step.context
        transition = Transition(
            at=self._at,
            account_id=self._account,
            source=step.source,
            trigger=kind.__name__,
            state=step.state,
            case=step.context.case,
            flags=step.context.flags,
            generation=step.context.generation,
            details=details_of(event),
            visible=True,
        )
        self._listeners.tell(transition)

    def live(self, chance: random.Random, *, trouble: float) -> None:
        """Refresh every hour; `trouble` is the share of refreshes that fail once."""
        self.take(ev.AccountLoaded, session=self._session(1))
        for generation in range(2, HOURS):
            self._at += LIFE * 0.95
            self.take(ev.RefreshDue)
            if chance.random() < trouble:
                self.take(ev.RefreshFailed, case="provider-outage", in_doubt=True)
                self._at += LIFE
                self.take(ev.RefreshDue)
                self.take(ev.RetryDue)
            self.take(ev.FlagCleared, flag=Flag.CLOCK_SKEWED)
            self.take(ev.FlagCleared, flag=Flag.IDENTITY_UNVERIFIED)
            self.take(ev.TokenRefreshed, session=self._session(generation))

    def _session(self, generation: int) -> Session:
        return Session(
            generation=generation,
            access_token=Secret("-"),
            refresh_token=Secret("-"),
            issued_at=self._at,
            expires_at=self._at + LIFE,
            refresh_at=self._at + LIFE * 0.92,
            plan_enabled=True,
        )


def interleaved(lives: list[list[bytes]], *, chance: random.Random) -> Iterator[bytes]:
    """The lines of processes that lived at the same time: each in its order, all mixed."""
    left = [iter(life) for life in lives]
    while left:
        life = chance.choice(left)
        if (line := next(life, None)) is None:
            left.remove(life)
        else:
            yield line
