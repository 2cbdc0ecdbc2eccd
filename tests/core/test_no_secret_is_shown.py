"""What goes into the machine and comes out of it may hold secrets, and shows none.

Every token and code of the samples is called a canary.
"""

import traceback
from typing import Any, get_args

import pytest
from tests.support.event_samples import samples_of
from tests.support.walk import CODE, START, committing, connected, refreshing, session

from signedin import commands as cmd
from signedin import events as ev
from signedin import machine
from signedin.context import Attempt, Unsaved
from signedin.errors import UnexpectedEvent
from signedin.secret import Secret
from signedin.session import Session


@pytest.mark.parametrize("kind", get_args(ev.Event), ids=lambda kind: kind.__name__)
def test_no_event_shows_a_secret(kind: Any) -> None:
    """Events carry codes and sessions, and name none of them."""
    for event in samples_of(kind):
        assert "canary" not in f"{event} {event!r}"


@pytest.mark.parametrize("kind", get_args(cmd.Command), ids=lambda kind: kind.__name__)
def test_no_command_shows_a_secret(kind: Any) -> None:
    """Nor do commands."""
    fields = {"attempt_id": "one", "code": CODE, "client_id": "client", "session": session(), "revoke": True}
    fields |= {"refused": True, "asked": True, "unsaved": Unsaved.REFRESH}
    command = kind(**{name: fields[name] for name in kind.__dataclass_fields__})
    assert "canary" not in f"{command} {command!r}"


def test_no_context_and_no_step_shows_a_secret() -> None:
    """A held code, a session in hand and what is being committed stay hidden."""
    for walk in (refreshing().begin_sign_in().give_code(), committing(connected())):
        step = machine.step(walk.state, walk.context, ev.SignOutRequested(at=START))
        assert "canary" not in f"{walk.context} {walk.context!r} {step} {step!r}"


def test_no_refused_event_shows_a_secret() -> None:
    """Neither the message nor a traceback with every local variable on its way."""
    walk = refreshing().begin_sign_in().give_code()
    with pytest.raises(UnexpectedEvent) as refused:
        walk.begin_sign_in()
    written = "".join(traceback.TracebackException.from_exception(refused.value, capture_locals=True).format())
    assert "Secret(…)" in written
    assert "canary" not in written


def test_every_secret_field_is_a_secret() -> None:
    """No event, command, session or attempt has a token, a code or a verifier in a plain string."""
    for kind in (*get_args(ev.Event), *get_args(cmd.Command), Session, Attempt):
        for name, field in kind.__dataclass_fields__.items():
            if name.endswith(("token", "code", "verifier")):
                assert field.type in (Secret, Secret | None), (kind, name)
