"""Every reachable pair of state and context shape: what holds in each of them, and on each way between them."""

import pytest
from tests.support.explored import Place, Way, explored, take, taken_row

from signedin import cases, machine
from signedin import events as ev
from signedin.context import Exchange
from signedin.states import State
from signedin.table import TABLE

pytestmark = pytest.mark.timeout(300)  # whoever comes first explores the whole machine: half a million steps


@pytest.fixture(scope="module")
def places() -> tuple[Place, ...]:
    """Every reachable place."""
    return explored().places


@pytest.fixture(scope="module")
def ways() -> tuple[Way, ...]:
    """Every way between them."""
    return explored().ways


def test_every_state_is_reached(places: tuple[Place, ...]) -> None:
    """The exploration sees all six states, in many shapes."""
    assert {place.state for place in places} == set(State)
    assert len(places) > 300


def test_every_row_is_taken(ways: tuple[Way, ...]) -> None:
    """No row of the table is there for nothing."""
    taken = {taken_row(way) for way in ways}
    assert [row for row in TABLE if row not in taken] == []


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
