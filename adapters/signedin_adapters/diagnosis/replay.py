"""Owns `Replay`: an account's steps of one run, taken once more by the machine itself.

Lines are kept until they are needed: where a case or a break is met, the machine takes the lines since the last point
at which it is known how it stood, and must come to the logged states. A well run comes to such a point with every
session, and keeps a handful of lines. What a line does not tell ends the replay: nothing is guessed.
"""

import json
import re
from typing import cast

from signedin import machine
from signedin.context import Context
from signedin.errors import UnexpectedEvent
from signedin.states import State
from signedin_adapters.diagnosis.inputs import Missing, event_of, flags_of, moment, session_of
from signedin_adapters.diagnosis.kind import RENEWING
from signedin_adapters.diagnosis.legality import Illegal
from signedin_adapters.diagnosis.line import Record, at_of

LINES = 8
"""So many lines are always kept for the machine; of more, those since the last renewal, which is then taken as told."""
_MICROSECOND = 1e-6
_RENEWED = "|".join(
    f'{source.value}","trigger":"{trigger}","to":"{to.value}","case":null' for source, trigger, to in RENEWING
)
_RENEWAL = re.compile(f'"from":"(?:{_RENEWED})'.encode())
"""A line that tells how the machine stands, whatever was before."""


class Replay:
    """One track's. It begins where nothing is known yet; `over` once it cannot go on.

    `waiting` are lines that the machine did not take yet, the first `due` of which it has to. `settled`: it remembers
    nothing but its session and flags.
    """

    __slots__ = ("_standing", "due", "over", "settled", "waiting")

    def __init__(self) -> None:
        self._standing: tuple[State, Context] | None = (State.DISCONNECTED, Context())
        self.waiting: list[bytes] = []
        self.due, self.settled, self.over = 0, True, False

    def end(self) -> None:
        """Nothing more can be told."""
        self.due, self.settled, self.over = 0, False, True
        self.waiting.clear()

    def renew(self) -> None:
        """A line comes next that tells how the machine stands: forget what waits, unless it has to be taken."""
        if self.over or self.settled:
            self._standing = None
            self.waiting.clear()

    def thin_out(self) -> None:
        """Forget what is needed no longer: lines before the last one that tells how the machine stands."""
        if self.over:
            self.waiting.clear()
        elif self.settled:
            places = reversed(range(len(self.waiting)))
            last = next((place for place in places if _RENEWAL.search(self.waiting[place])), None)
            if last is not None:
                self._standing = None
                del self.waiting[:last]

    def need(self) -> None:
        """What waits by now has to be taken."""
        if not self.over:
            self.due, self.settled = len(self.waiting), False

    def catch_up(self) -> Illegal | None:
        """Take what is due, and go on until it is settled: the first step to which the machine does not come."""
        for taken, line in enumerate(tuple(self.waiting), start=1):
            record = _read(line)
            try:
                if not self._takes(record):
                    self.end()
                    return _illegal(line, record)
            except Missing:
                self.end()
                return None
            if self.settled and taken >= self.due:
                del self.waiting[:taken]
                break
        else:
            self.waiting.clear()
        self.due = 0
        return None

    def _takes(self, record: Record) -> bool:
        """Whether the machine comes to what the line says. The log leaves out what may make an event seem early."""
        if self._standing is None:
            self._standing = State.CONNECTED, _renewed(record)
            return True
        at = moment(record)
        return any(self._comes_to(record, moment) for moment in (at, at + _MICROSECOND))

    def _comes_to(self, record: Record, at: float) -> bool:
        assert self._standing is not None  # noqa: S101 - told apart above
        try:
            step = machine.step(*self._standing, event_of(record, at))
        except UnexpectedEvent:
            return False
        context = step.context
        if (step.state.value, context.generation) != (record["to"], record.get("generation")):
            return False
        if context.flags != flags_of(record):
            return False
        self._standing = step.state, context
        self.settled = step.state is State.CONNECTED and _is_plain(context)
        return True


def _read(line: bytes) -> Record:
    return cast(Record, json.loads(line.decode()))


def _illegal(line: bytes, record: Record) -> Illegal:
    way = State(record["from"]), str(record["trigger"]), State(record["to"])
    return Illegal(seq=int(str(record["seq"])), at=at_of(line), way=way, reason="not-by-the-machine")


def _renewed(record: Record) -> Context:
    """The context after a step that made a session new. Raises Missing where the line speaks of another session."""
    session = session_of(record)
    if session.generation != record.get("generation") or record.get("durable") is False:
        raise Missing("session")
    return Context(session=session, generation=session.generation, flags=flags_of(record))


def _is_plain(context: Context) -> bool:
    """Whether it holds nothing that matters but its session and its flags."""
    waits = context.retry_at is None and context.unsaved is None and context.exchange is None
    remembers = context.case or context.failures or context.reading or context.unauthorized is not None
    return waits and not remembers
