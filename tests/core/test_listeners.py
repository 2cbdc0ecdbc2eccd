"""Those who are told: in order, one and all, whatever one of them does."""

from typing import Any

import pytest
from tests.support.recorded import Recorded
from tests.support.stage import Stage, watching

from signedin import InteractionRequired, Transition
from signedin.listeners import Listeners, Subscription
from signedin.states import State


def transition(generation: int = 1, **details: object) -> Transition:
    """A transition like any other."""
    return Transition(
        at=1.0,
        account_id="a1",
        source=State.CONNECTED,
        trigger="RefreshDue",
        state=State.REFRESHING,
        case=None,
        flags=frozenset(),
        generation=generation,
        details=tuple(details.items()),
        visible=True,
    )


@pytest.fixture
def log() -> Recorded:
    """An empty log."""
    return Recorded()


@pytest.fixture
def listeners(log: Recorded) -> Listeners:
    """Nobody listens yet."""
    return Listeners(log)


def test_all_are_told_in_the_order_they_came(listeners: Listeners) -> None:
    """Each transition to each listener."""
    told: list[tuple[str, int]] = []
    listeners.add(lambda each: told.append(("one", each.generation)))
    listeners.add(lambda each: told.append(("two", each.generation)))
    for generation in (1, 2):
        listeners.tell(transition(generation))
    assert told == [("one", 1), ("two", 1), ("one", 2), ("two", 2)]


def test_a_listener_that_raises_harms_nobody(listeners: Listeners, log: Recorded) -> None:
    """It is logged by its kind alone, and goes on being told."""
    told: list[int] = []

    def broken(_: Transition) -> None:
        raise ValueError("a secret")

    listeners.add(broken)
    listeners.add(lambda each: told.append(each.generation))
    listeners.tell(transition(1))
    listeners.tell(transition(2))
    assert told == [1, 2]
    assert [line for line in log.lines if line[0] == "listener.failed"] == [
        ("listener.failed", {"kind": "ValueError"})
    ] * 2


def test_a_listener_may_leave_while_it_is_told(listeners: Listeners) -> None:
    """It is told no more, and nobody is skipped."""
    told: list[str] = []
    places: list[Subscription] = []

    def once(_: Transition) -> None:
        told.append("once")
        places[0].close()

    places.append(listeners.add(once))
    listeners.add(lambda _: told.append("always"))
    listeners.tell(transition())
    listeners.tell(transition())
    assert told == ["once", "always", "always"]


def test_the_same_callable_may_listen_twice(listeners: Listeners) -> None:
    """Each place is one of its own."""
    told: list[int] = []

    def listen(each: Transition) -> None:
        told.append(each.generation)

    with listeners.add(listen), listeners.add(listen):
        listeners.tell(transition(1))
    listeners.tell(transition(2))
    assert told == [1, 1]


def test_the_first_and_the_last_are_noticed(listeners: Listeners) -> None:
    """Leaving twice is leaving once."""
    changes: list[bool] = []
    listeners.changed = changes.append
    one, other = listeners.add(print), listeners.add(print)
    one.close()
    other.close()
    other.close()
    assert changes == [True, False]


def test_every_transition_is_logged_with_what_its_trigger_said(listeners: Listeners, log: Recorded) -> None:
    """So that a run can be replayed."""
    listeners.tell(transition(3, attempt_id="0a1b", durable=True))
    [(event, fields)] = log.lines
    assert event == "connection.transition"
    expected: dict[str, Any] = {
        "account": "a1",
        "at": 1.0,
        "attempt": "0a1b",
        "durable": True,
        "from": "connected",
        "trigger": "RefreshDue",
        "to": "refreshing",
        "case": None,
        "flags": [],
        "generation": 3,
    }
    assert fields == expected


def test_the_triggers_own_case_is_not_lost_where_the_state_has_none(listeners: Listeners, log: Recorded) -> None:
    """A callback that was turned away says why, and leaves the state without a case."""
    listeners.tell(transition(case="callback-state-mismatch"))
    [(_, fields)] = log.lines
    assert fields["case"] == "callback-state-mismatch"


async def test_a_listener_may_use_the_connection(stage: Stage) -> None:
    """What it brings about is told after what it was told."""
    told: list[str] = []
    async with stage.signed_in() as connection:

        def listen(each: Transition) -> None:
            told.append(each.trigger)
            if each.trigger == "TokenRefreshed":
                assert connection.snapshot.generation == 2
                connection._account.sign_out(revoke=False)

        with connection.subscribe(listen), watching(connection) as seen:
            with pytest.raises(InteractionRequired):
                await connection.refresh()
            await connection.sign_out()
    assert told == [each.trigger for each in seen]
    assert told.index("TokenRefreshed") < told.index("SignOutRequested")


def test_a_listener_that_exits_harms_nobody(listeners: Listeners, log: Recorded) -> None:
    """Not even by SystemExit, which would end an exchange's own thread."""
    heard: list[Transition] = []

    def leave(_: Transition) -> None:
        raise SystemExit

    listeners.add(leave)
    listeners.add(heard.append)
    listeners.tell(transition())

    assert len(heard) == 1
    assert ("listener.failed", {"kind": "SystemExit"}) in log.lines


def test_whether_anybody_listens_is_told_in_order(listeners: Listeners) -> None:
    """The last word is the truth, whoever came and left."""
    told: list[bool] = []
    listeners.changed = told.append
    first, second = listeners.add(lambda _: None), listeners.add(lambda _: None)
    first.close()
    third = listeners.add(lambda _: None)
    second.close()
    assert told == [True]
    third.close()
    assert told == [True, False]
