"""A session that lies in memory alone is saved as soon as that can be, and never lost from hand meanwhile."""

from dataclasses import replace
from typing import Any

import pytest
from tests.support.walk import Walk, refreshing, session

from signedin import commands as cmd
from signedin import events as ev
from signedin.context import SAVE_SECONDS, Unsaved
from signedin.states import Flag, State

FULL = "disk-full-or-readonly"


def unsaved() -> Walk:
    """Connected with a refreshed session that the store did not take."""
    return refreshing().take(ev.TokenRefreshed, session=session(2), durable=False, case=FULL)


def test_what_could_not_be_saved_is_tried_again_by_itself() -> None:
    """Again and again, while the session is in use."""
    walk = unsaved()
    for _ in range(3):
        begun = walk.now
        walk.until_due()
        assert walk.now == begun + SAVE_SECONDS
        assert walk.commands == (cmd.SaveSession(session=session(2), unsaved=Unsaved.REFRESH),)
        assert (walk.state, walk.context.session) == (State.CONNECTED, session(2))


def test_a_sign_in_that_could_not_be_saved_is_saved_as_a_sign_in() -> None:
    """Its commit outranks an older sign-out; a refresh's never does."""
    walk = Walk().begin_sign_in().give_code()
    attempt = walk.context.attempt
    assert attempt is not None
    walk.take(ev.CodeExchanged, attempt_id=attempt.id, session=session(0))
    walk.take(ev.SessionCommitted, attempt_id=attempt.id, session=session(1), durable=False, case=FULL)
    assert walk.until_due().commands == (cmd.SaveSession(session=session(1), unsaved=Unsaved.SIGN_IN),)


def test_once_saved_it_is_like_any_other() -> None:
    """Under the generation of its commit, with no flag, no case, and nothing due but its refresh."""
    walk = unsaved().wait(SAVE_SECONDS).take(ev.SaveDue).take(ev.SessionSaved, session=session(3))
    assert (walk.state, walk.context.session, walk.context.unsaved) == (State.CONNECTED, session(3), None)
    assert (walk.context.flags, walk.context.case) == (frozenset(), None)
    assert walk.take(ev.SaveDue).commands == ()


def test_a_refresh_saves_it_first() -> None:
    """The refresh that is due takes it along."""
    command = cmd.RefreshToken(session=session(2), asked=True, unsaved=Unsaved.REFRESH)
    assert unsaved().take(ev.RefreshRequested).commands == (command,)


def test_saved_during_a_back_off_the_back_off_stays() -> None:
    """The disk is well again; the server is not."""
    walk = unsaved().take(ev.RefreshRequested).take(ev.RefreshFailed, case="provider-outage", retry_after=600.0)
    until = walk.context.retry_at
    walk.take(ev.SessionSaved, session=session(3))
    assert (walk.context.retry_at, walk.context.case) == (until, "provider-outage")
    assert Flag.STORAGE_DEGRADED not in walk.context.flags


@pytest.mark.parametrize("kind", [ev.SignOutRequested, ev.SignedOutElsewhere])
def test_nothing_is_saved_after_a_sign_out(kind: type[Any]) -> None:
    """A late answer of the store does not bring it back."""
    walk = unsaved().take(kind).wait(SAVE_SECONDS)
    assert walk.take(ev.SaveDue).commands == ()
    assert walk.take(ev.SessionSaved, session=session(3)).context.session is None
    assert walk.state is State.DISCONNECTED


def test_a_newer_session_of_another_process_is_saved_already() -> None:
    """Nothing is left to save."""
    walk = unsaved().take(ev.SessionReplaced, session=session(5)).wait(SAVE_SECONDS)
    assert walk.take(ev.SaveDue).commands == ()
    assert Flag.STORAGE_DEGRADED not in walk.context.flags


def test_an_answer_that_another_process_could_not_save_is_said() -> None:
    """The session is used, and the trouble has a name."""
    walk = Walk().take(ev.AccountLoaded, session=session(1), answered=True)
    assert (walk.state, walk.context.case) == (State.CONNECTED, "unsaved-elsewhere")
    assert walk.context.flags == {Flag.STORAGE_DEGRADED}
    assert walk.take(ev.SaveDue).commands == ()


def test_another_users_tokens_are_left_alone_by_whoever_reads_them() -> None:
    """They are marked, so nobody has to wait for the one who got them to say so."""
    walk = Walk().take(ev.AccountLoaded, session=replace(session(1), another_users=True))
    assert (walk.state, walk.context.session, walk.context.case) == (State.ERROR, None, "refresh-token-other-user")
