"""What listeners and the log are told of an event: plain values, and never a secret."""

from dataclasses import fields

import pytest
from tests.support.event_samples import samples_of
from tests.support.walk import START, session

from signedin import events as ev
from signedin.secret import Secret
from signedin.transition import Transition, details_of

EVENTS = sorted(ev.Event.__args__, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_no_event_tells_a_secret(kind: type[ev.Event]) -> None:
    """Not even wrapped: only numbers, names, flags and nothing else go out."""
    for event in samples_of(kind):
        for name, value in details_of(event):
            assert value is None or isinstance(value, bool | int | float | str), name


def test_a_canary_stays_inside() -> None:
    """Code, tokens and health are kept back wholly."""
    canary = "canary-0123456789"
    told: list[ev.Event] = [
        ev.CodeReceived(at=1.0, attempt_id="a", code=Secret(canary), client_id="c"),
        ev.CodeExchanged(at=1.0, attempt_id="a", session=session()),
    ]
    shown = repr([details_of(event) for event in told])
    assert canary not in shown
    assert session().access_token.reveal() not in shown
    assert "Secret" not in shown


def test_a_transition_has_no_field_that_could_hold_one() -> None:
    """Frozen, and of plain types."""
    assert {field.name for field in fields(Transition)} == {
        "account_id",
        "at",
        "case",
        "details",
        "flags",
        "generation",
        "source",
        "state",
        "trigger",
        "visible",
    }


def test_details_say_what_the_event_said() -> None:
    """So that a run can be replayed."""
    assert dict(details_of(ev.RefreshFailed(at=START, case="offline", retry_after=7.0, in_doubt=True))) == {
        "case": "offline",
        "retry_after": 7.0,
        "in_doubt": True,
    }
