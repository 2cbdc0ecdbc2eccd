"""Every reachable pair of state and context shape, explored: what holds in each of them, and on each way between them.

A place is a state, a context, a time and the commands whose outcome is still out. Places of the same shape are visited
once. Outcomes come only from commands that are out; everything else may happen anywhere.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, get_args

import pytest
from tests.support.event_samples import samples_of
from tests.support.walk import START, session

from signedin import cases, machine
from signedin import commands as cmd
from signedin import events as ev
from signedin.context import Context, Exchange
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
        doubted = None if context.unauthorized is None else context.unauthorized == context.generation
        return (
            self.state,
            self._shape_of_session(context.session),
            self._shape_of_attempt(),
            context.exchange,
            (retry, context.case is not None and cases.is_bug(context.case)),
            (doubted, context.signed_out, min(context.reading, 1)),
            (Flag.IN_DOUBT in context.flags, context.unsaved, context.unsaved and context.save_at <= self.now),
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


@cache
def explored() -> tuple[tuple[Place, ...], tuple[Way, ...]]:
    """Every place and every way, from a store that was never read."""
    start = Place(State.DISCONNECTED, Context(), START)
    seen, ways, left = {start.shape(): start}, list[Way](), deque([start])
    while left:
        place = left.popleft()
        found = list(later(place))
        for event in events_at(place):
            try:
                way = Way(place, event, take(place, event))
            except UnexpectedEvent:
                continue
            ways.append(way)
            found.append(way.target)
        for target in found:
            if target.shape() not in seen:
                seen[target.shape()] = target
                left.append(target)
    return tuple(seen.values()), tuple(ways)


@pytest.fixture(scope="module")
def places() -> tuple[Place, ...]:
    """Every reachable place."""
    return explored()[0]


@pytest.fixture(scope="module")
def ways() -> tuple[Way, ...]:
    """Every way between them."""
    return explored()[1]


def test_every_state_is_reached(places: tuple[Place, ...]) -> None:
    """The exploration sees all six states, in many shapes."""
    assert {place.state for place in places} == set(State)
    assert len(places) > 300


def test_every_row_is_taken(ways: tuple[Way, ...]) -> None:
    """No row of the table is there for nothing."""
    taken = {taken_row(way) for way in ways}
    assert [row for row in TABLE if row not in taken] == []


def taken_row(way: Way) -> Row:
    """The row that the way followed: the first whose guard holds."""
    kind: Any = type(way.event)
    rows = rows_for(kind, way.source.state)
    return next(row for row in rows if row.guard is None or row.guard(way.source.context, way.event))


@cache
def rows_for(kind: type[Any], state: State) -> tuple[Row, ...]:
    """The rows of one event in one state, in the table's order."""
    return tuple(row for row in TABLE if row.event is kind and state in row.sources)


def test_there_is_no_dead_end(ways: tuple[Way, ...], places: tuple[Place, ...]) -> None:
    """From every place some event leads to another state."""
    left = {way.source.shape() for way in ways if way.target.state is not way.source.state}
    assert {place.shape() for place in places} <= left


def test_what_waits_is_ended_without_a_person(places: tuple[Place, ...]) -> None:
    """Authorizing, Refreshing and Error end by the clock or by an outcome that is out; a bug alone waits for us."""
    for place in places:
        if place.state in (State.AUTHORIZING, State.REFRESHING, State.ERROR):
            bug = place.context.case is not None and cases.is_bug(place.context.case)
            by_itself = machine.due(place.state, place.context, place.now) is not None or bool(place.out)
            assert by_itself or (bug and place.state is State.ERROR), place


def test_signing_out_reaches_disconnected_from_everywhere(places: tuple[Place, ...]) -> None:
    """Wherever it stands, and whatever is out."""
    for place in places:
        assert take(place, ev.SignOutRequested(at=place.now)).state is State.DISCONNECTED


def test_there_is_one_exchange_at_most(ways: tuple[Way, ...]) -> None:
    """Counted by the commands whose outcome is out; and the context knows of it exactly."""
    for way in ways:
        assert len(way.target.out) <= 1, way
        assert (way.target.context.exchange is not None) == bool(way.target.out), way


def test_no_token_is_in_hand_where_nobody_is_signed_in(places: tuple[Place, ...]) -> None:
    """Disconnected and Expired hold no session at all."""
    for place in places:
        if place.state in (State.DISCONNECTED, State.EXPIRED):
            assert place.context.session is None, place
            assert not machine.usable(place.state, place.context, place.now)


def test_every_authorizing_has_an_attempt_with_a_deadline(places: tuple[Place, ...]) -> None:
    """And no other state has an attempt; only a commit is waited for without one."""
    for place in places:
        attempt = place.context.attempt
        assert (attempt is not None) == (place.state is State.AUTHORIZING), place
        if attempt is not None and not attempt.committing:
            due = machine.due(place.state, place.context, place.now)
            assert due is not None, place
            assert due[0] <= attempt.deadline, place


def test_every_error_has_a_reason_and_a_retry_time(places: tuple[Place, ...]) -> None:
    """A bug alone has no time."""
    for place in places:
        if place.state is State.ERROR:
            case = place.context.case
            assert case is not None, place
            assert cases.is_bug(case) or place.context.retry_at is not None, place


def test_refreshing_means_that_our_own_session_is_being_refreshed(places: tuple[Place, ...]) -> None:
    """Outside a sign-in, Refreshing and the slot say the same; and what is spent is in hand."""
    for place in places:
        refreshing = place.context.exchange is Exchange.REFRESH
        if place.state is not State.AUTHORIZING:
            assert refreshing == (place.state is State.REFRESHING), place
        assert not refreshing or place.context.session is not None, place


def test_the_generation_never_goes_back(ways: tuple[Way, ...]) -> None:
    """Except where the store itself was read; and it is the session's own."""
    for way in ways:
        held = way.target.context.session
        assert held is None or held.generation == way.target.context.generation, way
        if not isinstance(way.event, ev.AccountLoaded):
            assert way.target.context.generation >= way.source.context.generation, way


def test_the_clock_never_runs_in_circles(places: tuple[Place, ...]) -> None:
    """Whatever is due comes to something: firing it ends, without a second exchange, in something that is due later."""
    for place in places:
        here, fired = place, 0
        while (due := machine.due(here.state, here.context, place.now)) is not None and due[0] <= place.now:
            here, fired = take(here, due[1](place.now)), fired + 1
            assert fired <= 3, place
        assert len(here.out) <= 1, place


def test_what_is_due_is_never_in_vain(places: tuple[Place, ...]) -> None:
    """An event that the clock fires always changes the state or the context."""
    for place in places:
        due = machine.due(place.state, place.context, place.now)
        if due is not None:
            at = max(place.now, due[0])
            step = machine.step(place.state, place.context, due[1](at))
            assert (step.state, step.context) != (place.state, place.context), place
