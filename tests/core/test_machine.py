"""The step: how the `transitions` library is used, what a step gives, and when the clock makes something happen."""

import logging
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from typing import Any, cast

import pytest
from tests.support.walk import (
    LIFE,
    START,
    Walk,
    committing,
    connected,
    disconnected,
    in_error,
    refreshing,
    session,
    standing_in,
)
from transitions import Machine

from signedin import events as ev
from signedin import machine
from signedin.context import Context
from signedin.errors import UnexpectedEvent
from signedin.machine import _MACHINE, _bind, _Subject  # the library's little-documented use is what is tested here
from signedin.states import State
from signedin.table import TABLE, Row

# How the library is used.


def test_the_machine_has_the_six_states_and_no_seventh() -> None:
    """The library adds no `initial` state of its own."""
    assert list(_MACHINE.states) == [state.name for state in State]


def test_the_machine_holds_no_model() -> None:
    """One machine serves every account: it keeps nobody, and has no state itself."""
    assert _MACHINE.models == []
    assert not hasattr(_MACHINE, "state")


def test_the_machine_has_the_tables_edges_and_no_other() -> None:
    """Every row became one edge for each of its sources, in the table's order, and nothing was added."""
    assert list(_edges_of_machine()) == list(_edges_of_table())


def _edges_of_machine() -> Iterator[tuple[str, str, str | None]]:
    for name, event in _MACHINE.events.items():
        for source in State:
            for edge in event.transitions.get(source.name, []):
                yield name, source.name, edge.dest


def _edges_of_table() -> Iterator[tuple[str, str, str | None]]:
    for event in dict.fromkeys(row.event for row in TABLE):
        for source in State:
            for row in TABLE:
                if row.event is event and source in row.sources:
                    yield event.__name__, source.name, row.destination.name if row.destination else None


def test_nothing_of_the_library_stands_between_an_event_and_its_row() -> None:
    """No queue, no callbacks around the rows, no ignored triggers: they would swallow or reorder."""
    library = cast(Any, _MACHINE)
    assert not library.has_queue
    assert not library.ignore_invalid_triggers
    for around in ("on_exception", "finalize_event", "prepare_event", "before_state_change", "after_state_change"):
        assert getattr(library, around) == []
    edges = [edge for event in library.events.values() for edges in event.transitions.values() for edge in edges]
    assert all(len(edge.before) == 1 and not edge.after and not edge.prepare for edge in edges)
    assert all(callable(callback) for edge in edges for callback in edge.before)


def test_a_trigger_moves_the_subject_alone() -> None:
    """`events[name].trigger(subject)` works without a model: the subject's state is set, as a State."""
    subject = _Subject(State.CONNECTED, Context(), ev.SignOutRequested(at=START))
    assert _MACHINE.events["SignOutRequested"].trigger(subject) is True
    assert subject.state is State.DISCONNECTED
    assert _MACHINE.models == []


def test_an_action_that_raises_leaves_everything_where_it_was() -> None:
    """Actions run before the state moves."""
    before = disconnected().begin_sign_in().context
    broken = ev.SessionCommitted(at=START, attempt_id="one", session=cast(Any, None))
    subject = _Subject(State.AUTHORIZING, before, broken)
    with pytest.raises(AttributeError):
        _MACHINE.events["SessionCommitted"].trigger(subject)
    assert subject.state is State.AUTHORIZING
    assert subject.context is before
    assert subject.commands == ()


def test_a_guard_that_is_merely_true_counts_as_true() -> None:
    """The library compares a guard's answer with True, so that a truthy answer would be a no."""
    row = TABLE[0]
    truthy = Row(
        event=row.event,
        sources=row.sources,
        destination=None,
        action=row.action,
        guard=lambda context, event: cast(bool, ["yes"]),
    )
    bound = Machine(
        model=None,
        states=State,
        initial=cast(Any, None),
        send_event=True,
        auto_transitions=False,
        transitions=[_bind(truthy)],
    )
    subject = _Subject(State.DISCONNECTED, Context(reading=1), ev.AccountLoaded(at=START, session=None))
    assert bound.events["AccountLoaded"].trigger(subject) is True
    assert subject.context.reading == 0


def test_eight_threads_share_the_one_machine() -> None:
    """Steps of different accounts do not see each other."""

    def walk(number: int) -> tuple[State, int, int | None]:
        here = connected(number)
        for generation in range(number, number + 50):
            here.run_out().take(ev.RefreshDue)
            here.take(ev.TokenRefreshed, session=session(generation + 1, issued_at=here.now))
        return here.state, here.context.generation, here.generation_in_hand

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(walk, range(0, 800, 100))) == [
            (State.CONNECTED, number + 50, number + 50) for number in range(0, 800, 100)
        ]


def test_the_librarys_own_log_is_the_hosts_to_set() -> None:
    """Nothing of `logging` is configured, not even the level of the library underneath."""
    assert logging.getLogger("transitions").level == logging.NOTSET


def test_the_librarys_own_log_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG it names states and callbacks, and neither has a token or a code in it."""
    with caplog.at_level(logging.DEBUG):
        refreshing().begin_sign_in().give_code().take(ev.TokenRefreshed, session=session(2))
    assert any("Executed callback" in record.getMessage() for record in caplog.records)
    assert "canary" not in caplog.text


# What a step gives.


def test_a_step_tells_where_it_began_and_ended() -> None:
    """A step has the source, the state, the new context and the commands in order."""
    before = committing().context
    step = machine.step(State.AUTHORIZING, before, ev.SignOutRequested(at=START))
    assert (step.source, step.state) == (State.AUTHORIZING, State.DISCONNECTED)
    assert [type(command).__name__ for command in step.commands] == ["StopSignIn", "EndSession"]
    assert step.context is not before


def test_a_step_changes_no_context() -> None:
    """Contexts are frozen: a step gives a new one."""
    walk = connected()
    before, shown = walk.context, repr(walk.context)
    walk.take(ev.RefreshRequested)
    assert repr(before) == shown
    with pytest.raises(FrozenInstanceError):
        walk.context.case = "other"  # type: ignore[misc]


def test_what_cannot_be_is_the_callers_misuse() -> None:
    """An event without a row says which and where, and moves nothing."""
    with pytest.raises(UnexpectedEvent) as refused:
        disconnected().take(ev.RefreshRequested)
    assert (refused.value.state, refused.value.event) == ("disconnected", "RefreshRequested")
    assert str(refused.value) == "RefreshRequested cannot happen while disconnected"


# Whether there is a token to use.


@pytest.mark.parametrize("state", State)
def test_a_token_is_usable_wherever_a_living_one_is_in_hand(state: State) -> None:
    """Disconnected and Expired never have one; the others have the one in hand, while it lives."""
    usable = state not in (State.DISCONNECTED, State.EXPIRED)
    held = Context(session=session(), generation=1)
    assert machine.usable(state, held, START) is usable
    assert not machine.usable(state, held, START + LIFE)
    assert not machine.usable(state, Context(), START)


# When the clock makes something happen.


@pytest.mark.parametrize("state", [State.DISCONNECTED, State.REFRESHING, State.EXPIRED])
def test_some_states_wait_for_nothing(state: State) -> None:
    """In Disconnected, Refreshing and Expired the clock alone does nothing."""
    assert standing_in(state).due_at() is None


def test_a_connection_is_due_at_its_advisory_point() -> None:
    """Connected waits for the point at which its token is to be renewed."""
    walk = connected()
    assert walk.due_at() == session().due_at(START)
    assert walk.until_due().state is State.REFRESHING


def test_a_token_that_cannot_be_renewed_is_due_at_its_end() -> None:
    """Without a refresh token the end of the access token is what is waited for."""
    walk = connected(refresh=False)
    assert walk.due_at() == START + LIFE
    assert walk.until_due().state is State.EXPIRED


def test_a_key_that_never_ends_is_never_due() -> None:
    """An API key waits for nothing."""
    assert connected(refresh=False, life=math.inf).due_at() is None


def test_an_attempt_is_due_at_its_deadline() -> None:
    """Authorizing always ends by the clock."""
    walk = disconnected().begin_sign_in()
    assert walk.due_at() == START + 600
    assert walk.until_due().state is State.DISCONNECTED


def test_a_commit_is_waited_for_without_a_deadline() -> None:
    """A session that is being committed is not given up by the clock."""
    assert committing().due_at() is None


def test_a_sign_in_over_a_session_is_due_at_the_earlier_point() -> None:
    """The older session's refresh and the attempt's deadline are both waited for."""
    assert connected().begin_sign_in().due_at() == START + 600
    walk = connected().wait(LIFE * 0.9 - 60).begin_sign_in()
    assert walk.due_at() == session().due_at(START)


def test_nothing_is_due_at_the_token_endpoint_while_the_slot_is_taken() -> None:
    """A refresh that falls due during a code exchange waits for its end."""
    walk = connected().begin_sign_in().give_code().take(ev.SignInCancelled, attempt_id="one")
    assert walk.state is State.CONNECTED
    assert walk.due_at() is None
    walk.take(ev.CodeExchangeFailed, attempt_id="one", case="offline")
    assert walk.due_at() == session().due_at(START)


def test_an_error_is_due_at_its_retry_time() -> None:
    """Error waits for its next try."""
    walk = in_error()
    assert walk.due_at() == walk.context.retry_at
    assert walk.until_due().state is State.REFRESHING


def test_a_bug_waits_for_nothing() -> None:
    """No time ends what only a new version ends."""
    assert refreshing().take(ev.RefreshRefused, case="scopes-missing").due_at() is None


def test_a_back_off_is_due_at_its_end_or_the_tokens_end() -> None:
    """Connected in a back-off tries again after it, and becomes an Error if the token ends first."""
    walk = refreshing().take(ev.RefreshFailed, case="offline")
    walk.context = Context(session=session(), generation=1, retry_at=START + LIFE - 10, case="offline")
    assert walk.due_at() == START + LIFE - 10
    long = Walk(State.CONNECTED, Context(session=session(), generation=1, retry_at=START + LIFE + 10, case="offline"))
    assert long.due_at() == START + LIFE
    assert long.until_due().state is State.ERROR
    assert long.due_at() == START + LIFE + 10
