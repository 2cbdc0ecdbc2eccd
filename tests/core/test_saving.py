"""Saving what lies in memory alone: it gives way to whatever others made of the account since."""

from pathlib import Path

import pytest

from signedin import commands as cmd
from signedin import events as ev
from signedin import saving
from signedin.context import Unsaved
from signedin.ports import Store
from signedin.session import Session
from signedin.testing.sample_account import ACCOUNT, commit, sample_record, sample_session, sign_out
from signedin_adapters.stores.opening import file

NOW = 2_000.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Somebody is signed in."""
    store = file(app="demo", home=str(tmp_path / "home"))
    store.save_record(sample_record())
    commit(store, sample_session(), sign_in=True)
    return store


def save(store: Store, session: Session, unsaved: Unsaved) -> ev.Event:
    """Try to save it."""
    command = cmd.SaveSession(session=session, unsaved=unsaved)
    return saving.save(command, store=store, record=sample_record(), clock=lambda: NOW)


@pytest.mark.parametrize("unsaved", list(Unsaved))
def test_what_nobody_outdid_is_saved(store: Store, unsaved: Unsaved) -> None:
    """Under a generation of its own."""
    saved = save(store, sample_session("unsaved", generation=2), unsaved)
    assert saved == ev.SessionSaved(at=NOW, session=sample_session("unsaved", generation=3))
    assert store.load(ACCOUNT).session == sample_session("unsaved", generation=3)


@pytest.mark.parametrize("unsaved", list(Unsaved))
def test_a_later_session_takes_its_place(store: Store, unsaved: Unsaved) -> None:
    """It is taken up as it is."""
    later = [commit(store, sample_session(name)) for name in "bc"][-1]
    replaced = save(store, sample_session("unsaved", generation=2), unsaved)
    assert replaced == ev.SessionReplaced(at=NOW, session=later)
    assert store.load(ACCOUNT).session == later


@pytest.mark.parametrize("unsaved", list(Unsaved))
def test_a_session_that_took_its_number_takes_its_place(store: Store, unsaved: Unsaved) -> None:
    """After a sign-out and a sign-in elsewhere, by a process that could not know of it: under a new number."""
    sign_out(store)
    commit(store, sample_session("later"), sign_in=True)
    replaced = save(store, sample_session("unsaved", generation=2), unsaved)
    assert replaced == ev.SessionReplaced(at=NOW, session=sample_session("later", generation=3))
    assert store.load(ACCOUNT).session == sample_session("later", generation=3)


def test_what_was_saved_after_all_is_saved(store: Store) -> None:
    """A commit may have failed after its session got its name."""
    committed = commit(store, sample_session("b"))
    saved = save(store, committed, Unsaved.REFRESH)
    assert saved == ev.SessionSaved(at=NOW, session=committed.with_generation(3))


def test_a_sign_out_ends_what_was_refreshed_before_it(store: Store) -> None:
    """Nothing is saved."""
    sign_out(store)
    saved = save(store, sample_session("unsaved", generation=2), Unsaved.REFRESH)
    assert saved == ev.SignedOutElsewhere(at=NOW)
    assert store.load(ACCOUNT).session is None
