"""The machine explored: every reachable pair of state and context shape, every way between them, and how to get there.

A place is a state, a context, a time and the commands whose outcome is still out. Places of the same shape are visited
once. Outcomes come only from commands that are out; everything else may happen anywhere.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, get_args

from tests.support.event_samples import samples_of
from tests.support.walk import START, session

from signedin import cases, machine
from signedin import commands as cmd
from signedin import events as ev
from signedin.context import Context
from signedin.errors import UnexpectedEvent
from signedin.session import Session
from signedin.states import Flag, State
from signedin.table import TABLE, Row

OUTCOMES_OF: dict[type[Any], tuple[Any, ...]] = {
    cmd.RefreshToken: (
        ev.TokenRefreshed,
        ev.SessionAdopted,
        ev.RefreshRejected,
        ev.RefreshFailed,
        ev.BackOffFound,
        ev.RefreshRefused,
        ev.RefreshAbandoned,
    ),
    cmd.ExchangeCode: (ev.CodeExchanged, ev.CodeExchangeFailed),
    cmd.CommitSession: (ev.SessionCommitted, ev.CodeExchangeFailed),
}
EXCHANGES = tuple(OUTCOMES_OF)
OUTCOMES = tuple({kind for kinds in OUTCOMES_OF.values() for kind in kinds})
ANYWHERE = tuple(kind for kind in get_args(ev.Event) if kind not in OUTCOMES)


@dataclass(frozen=True)
class Place:
    """Somewhere the machine can be."""

    state: State
    context: Context
    now: float
    out: tuple[cmd.Command, ...] = ()

    def shape(self) -> tuple[object, ...]:
        """What a guard, an action or a deadline can tell apart; numbers and names do not count."""
        context = self.context
        retry = None if context.retry_at is None else context.retry_at <= self.now
        unsaved = None if context.unsaved is None else context.save_at <= self.now
        doubted = None if context.unauthorized is None else context.unauthorized == context.generation
        return (
            self.state,
            self._shape_of_session(context.session),
            self._shape_of_attempt(),
            context.exchange,
            (retry, context.case is not None and cases.is_bug(context.case)),
            (doubted, context.signed_out, min(context.reading, 1)),
            (Flag.IN_DOUBT in context.flags, unsaved),
            tuple(self._shape_of_command(command) for command in self.out),
        )

    def _shape_of_session(self, held: Session | None) -> tuple[bool, bool] | None:
        return None if held is None else (held.refresh_token is None, held.alive(self.now))

    def _shape_of_attempt(self) -> tuple[object, ...] | None:
        attempt = self.context.attempt
        if attempt is None:
            return None
        return attempt.returns_to, attempt.held_code is not None, attempt.code_seen, attempt.committing

    def _shape_of_command(self, command: cmd.Command) -> tuple[object, ...]:
        attempt = self.context.attempt
        if isinstance(command, cmd.RefreshToken):
            return type(command), command.session.generation == self.context.generation
        return type(command), attempt is not None and getattr(command, "attempt_id", None) == attempt.id


@dataclass(frozen=True)
class Way:
    """One event that leads from a place to a place."""

    source: Place
    event: ev.Event
    target: Place


def events_at(place: Place) -> Iterator[ev.Event]:
    """All that may happen there: what the world does, and the outcomes that are out."""
    attempt = place.context.attempt
    ids = ("gone", attempt.id if attempt else f"begun at {place.now}")
    for kind in ANYWHERE:
        yield from samples_of(kind, place.now, place.context.generation, ids)
    for command in place.out:
        yield from outcomes_of(command, place)


def outcomes_of(command: cmd.Command, place: Place) -> Iterator[ev.Event]:
    """What an exchange that is out may come to."""
    now, known = place.now, place.context.generation
    ids = (getattr(command, "attempt_id", ""),)
    for kind in OUTCOMES_OF[type(command)]:
        yield from samples_of(kind, now, known, ids)
    if isinstance(command, cmd.RefreshToken):
        stale = session(command.session.generation, issued_at=now)
        yield ev.TokenRefreshed(at=now, session=stale)
        yield ev.SessionAdopted(at=now, session=stale)


def take(place: Place, event: ev.Event) -> Place:
    """Where the event leads; the outcome of an exchange takes its command off."""
    step = machine.step(place.state, place.context, event)
    out = () if isinstance(event, OUTCOMES) else place.out
    begun = tuple(command for command in step.commands if isinstance(command, EXCHANGES))
    return Place(step.state, step.context, place.now, out + begun)


def later(place: Place) -> Iterator[Place]:
    """The same place when the clock has moved on: to what is due, to the end of the token, to the end of a back-off."""
    due = machine.due(place.state, place.context, place.now)
    held, retry_at = place.context.session, place.context.retry_at
    for at in (due[0] if due else None, held.expires_at if held else None, retry_at):
        if at is not None and at > place.now:
            yield replace(place, now=at)


@dataclass(frozen=True)
class Explored:
    """All of it; `paths` gives the events of a shortest way to each shape, from a store that was never read."""

    places: tuple[Place, ...]
    ways: tuple[Way, ...]
    paths: dict[tuple[object, ...], tuple[ev.Event, ...]]


@cache
def explored() -> Explored:
    """The whole machine, once a process: it takes seconds."""
    start = Place(State.DISCONNECTED, Context(), START)
    seen, ways, left = {start.shape(): start}, list[Way](), deque([start])
    paths: dict[tuple[object, ...], tuple[ev.Event, ...]] = {start.shape(): ()}
    while left:
        place = left.popleft()
        path = paths[place.shape()]
        found = [(target, path) for target in later(place)]
        for event in events_at(place):
            try:
                way = Way(place, event, take(place, event))
            except UnexpectedEvent:
                continue
            ways.append(way)
            found.append((way.target, (*path, event)))
        for target, reached in found:
            shape = target.shape()
            if shape not in seen:
                seen[shape], paths[shape] = target, reached
                left.append(target)
    return Explored(tuple(seen.values()), tuple(ways), paths)


def taken_row(way: Way) -> Row:
    """The row that the way followed: the first whose guard holds."""
    kind: Any = type(way.event)
    rows = rows_for(kind, way.source.state)
    return next(row for row in rows if row.guard is None or row.guard(way.source.context, way.event))


@cache
def rows_for(kind: type[Any], state: State) -> tuple[Row, ...]:
    """The rows of one event in one state, in the table's order."""
    return tuple(row for row in TABLE if row.event is kind and state in row.sources)
