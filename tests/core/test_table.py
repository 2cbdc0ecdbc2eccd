"""The table as a whole: every event in every state, and how its rows read."""

from typing import Any, get_args

import pytest
from tests.support.event_samples import samples_of
from tests.support.walk import standing_in

from signedin import events as ev
from signedin.errors import UnexpectedEvent
from signedin.states import State
from signedin.table import TABLE

EVENTS: tuple[type[Any], ...] = get_args(ev.Event)

REFUSED = {
    (State.DISCONNECTED, ev.RefreshRequested),
    (State.DISCONNECTED, ev.RetryRequested),
    (State.EXPIRED, ev.RefreshRequested),
    (State.EXPIRED, ev.RetryRequested),
    (State.AUTHORIZING, ev.SignInRequested),
}
"""The misuse that there is: nothing can be refreshed or retried without a grant, and one sign-in runs at a time."""

OUTCOMES = {
    ev.CodeExchanged,
    ev.CodeExchangeFailed,
    ev.SessionCommitted,
    ev.TokenRefreshed,
    ev.SessionAdopted,
    ev.RefreshRejected,
    ev.RefreshFailed,
    ev.RefreshRefused,
    ev.RefreshAbandoned,
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
def test_every_event_in_every_state_has_a_row_or_is_refused(state: State, event: type[Any]) -> None:
    """Each pair is either taken, whatever the event says, or refused with nothing moved."""
    for sample in samples_of(event):
        walk = standing_in(state)
        before = walk.context
        if (state, event) in REFUSED:
            with pytest.raises(UnexpectedEvent):
                walk.take(type(sample), **_fields(sample))
            assert (walk.state, walk.context) == (state, before)
        else:
            walk.take(type(sample), **_fields(sample))


def _fields(event: ev.Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in type(event).__dataclass_fields__}


def test_what_is_refused_has_no_row() -> None:
    """Refusals come from missing rows, never from a guard that happened to say no."""
    pairs = {(source, row.event) for row in TABLE for source in row.sources}
    assert {(state, event) for state in State for event in EVENTS} - pairs == REFUSED


def test_every_rows_last_resort_holds_always() -> None:
    """Within an event and a state the last row has no guard, so that no event falls through."""
    last = {(source, row.event): row for row in TABLE for source in row.sources}
    assert [(state.value, row.event.__name__) for (state, _), row in last.items() if row.guard is not None] == []


def test_no_row_is_out_of_reach() -> None:
    """Nothing stands below a row that always holds, within an event and a state."""
    closed: set[tuple[State, type[Any]]] = set()
    for row in TABLE:
        assert any((source, row.event) not in closed for source in row.sources), row
        if row.guard is None:
            closed |= {(source, row.event) for source in row.sources}


def test_an_outcome_is_never_refused() -> None:
    """What an exchange comes to may arrive at any time, and is a row everywhere."""
    assert not {event for _, event in REFUSED} & OUTCOMES


def test_no_outcome_leads_out_of_disconnected() -> None:
    """Of all that leads out of Disconnected, nothing is the late end of an exchange."""
    leading_out = {row.event for row in TABLE if State.DISCONNECTED in row.sources and row.destination}
    assert leading_out - {ev.SignOutRequested} == {
        ev.AccountLoaded,
        ev.StoreFailed,
        ev.SignInRequested,
        ev.SessionReplaced,
    }


def test_only_verdicts_lead_to_expired() -> None:
    """Expired is entered by a dead grant, a missing refresh token, what loading finds, or an attempt's way back."""
    leading_in = {row.event for row in TABLE if row.destination is State.EXPIRED}
    back = {ev.SignInFailed, ev.SignInCancelled, ev.SignInTimedOut, ev.CodeExchangeFailed}
    assert leading_in - back == {
        ev.RefreshRejected,
        ev.GrantEnded,
        ev.AccountLoaded,
        ev.StoreFailed,
        ev.RefreshDue,
        ev.RefreshRequested,
    }


def test_signing_out_leads_to_disconnected_from_everywhere() -> None:
    """One row, no guard, all six states."""
    (row,) = [row for row in TABLE if row.event is ev.SignOutRequested]
    assert (set(row.sources), row.destination, row.guard) == (set(State), State.DISCONNECTED, None)


def test_every_event_has_a_row() -> None:
    """No event is without meaning, and the table knows no other."""
    assert {row.event for row in TABLE} == set(EVENTS)


def test_rows_can_be_read_aloud() -> None:
    """Every guard and every action has its words for the diagram's page."""
    assert all(row.asks for row in TABLE if row.guard is not None)
    assert all(row.does.endswith(".") and "\n" not in row.does for row in TABLE)
