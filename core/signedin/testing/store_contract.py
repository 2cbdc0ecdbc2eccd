"""Owns the contract of `signedin.ports.Store` as a suite: subclass it, give it a store, and pytest runs it.

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self, tmp_path: Path) -> Store:
            return MyStore(tmp_path)

It asks nothing beyond the port, and proves nothing about crashes, permissions or other processes.
"""

import math
import time
from itertools import pairwise

import pytest

from signedin.errors import StoreError, UnknownAccount
from signedin.ports import Store
from signedin.record import AttemptNote, Health, Preferences
from signedin.session import Session
from signedin.testing.claim_contract import ClaimContract
from signedin.testing.kept_models_contract import KeptModelsContract
from signedin.testing.sample_account import ACCOUNT, CANARY, commit, sample_record, sample_session, soon
from signedin.testing.sign_out_contract import SignOutContract


class StoreContract(ClaimContract, SignOutContract, KeptModelsContract):
    """What every store must do. A subclass overrides the fixture `store` with a new, empty store."""

    def test_a_new_store_is_empty_and_passes_its_probe(self, store: Store) -> None:
        """Nothing is there, nothing is chosen, and a session could be written."""
        store.probe()
        assert list(store.records()) == []
        assert store.attempt() is None
        assert store.preferences() == Preferences()

    def test_an_unknown_account_is_named_as_unknown(self, store: Store) -> None:
        """Loading and claiming want a record first."""
        with pytest.raises(UnknownAccount):
            store.load(ACCOUNT)
        with pytest.raises(UnknownAccount), store.claim(ACCOUNT, deadline=soon()):
            pass

    def test_a_record_comes_back_as_it_was_saved(self, store: Store) -> None:
        """Every field of a record survives."""
        record = sample_record(
            subject="user-1", workspace="ws-1", email="ada@example.com", plan="plus", model="m-1", notice_shown=True
        )
        store.save_record(record)
        assert store.load(ACCOUNT).record == record
        assert store.load(ACCOUNT).session is None

    def test_a_record_is_replaced_by_a_newer_one(self, store: Store, signed_in: Session) -> None:
        """Saving again replaces the record and leaves the session alone."""
        store.save_record(sample_record(label="work"))
        stored = store.load(ACCOUNT)
        assert stored.record.label == "work"
        assert stored.session == signed_in

    def test_records_come_oldest_first(self, store: Store) -> None:
        """The order is that of creation, not of saving or of names."""
        for account_id, created_at in (("b", 3.0), ("c", 1.0), ("a", 2.0)):
            store.save_record(sample_record(account_id, created_at=created_at))
        assert [record.id for record in store.records()] == ["c", "a", "b"]

    def test_the_same_user_is_one_account(self, store: Store) -> None:
        """Issuer, client id, subject and workspace are unique; the second record is refused and not saved."""
        for workspace in (None, "ws-1"):
            store.save_record(sample_record(f"{workspace}", subject="user-1", workspace=workspace))
            with pytest.raises(StoreError) as refused:
                store.save_record(sample_record("b", subject="user-1", workspace=workspace))
            assert refused.value.case == "account-exists-already"
            assert refused.value.message.endswith(f": {workspace}")
        assert sorted(record.id for record in store.records()) == ["None", "ws-1"]

    def test_the_same_user_in_another_workspace_is_another_account(self, store: Store) -> None:
        """As with another client id."""
        store.save_record(sample_record("a", subject="user-1"))
        for account_id in ("ws-1", "ws-2"):
            store.save_record(sample_record(account_id, subject="user-1", workspace=account_id))
        store.save_record(sample_record("b", subject="user-1", workspace="ws-1", client_id="client-2"))
        assert len(store.records()) == 4

    def test_an_email_may_be_shared(self, store: Store) -> None:
        """An e-mail is a name for people: two accounts may have the same."""
        for account_id in ("a", "b"):
            store.save_record(sample_record(account_id, subject=account_id, email="ada@example.com"))
        assert len(store.records()) == 2

    def test_a_session_comes_back_as_it_was_committed(self, store: Store, signed_in: Session) -> None:
        """Tokens, times, scopes and flags survive; the generation is the commit's."""
        assert signed_in == sample_session(generation=1)
        assert store.load(ACCOUNT).session == signed_in

    def test_a_session_that_never_runs_out_comes_back(self, store: Store) -> None:
        """An API key has no end, no refresh token and no ID token."""
        store.save_record(sample_record())
        endless = sample_session(
            refresh_token=None,
            id_token=None,
            expires_at=math.inf,
            refresh_at=math.inf,
            earliest_refresh_at=None,
            plan_enabled=None,
        )
        commit(store, endless, sign_in=True)
        assert store.load(ACCOUNT).session == endless.with_generation(1)

    def test_the_generation_grows_by_one_at_each_commit(self, store: Store, signed_in: Session) -> None:
        """Whatever number the new session came with, the store's own counts."""
        assert [commit(store, sample_session(name)).generation for name in "bcd"] == [2, 3, 4]

    def test_a_forgotten_account_is_gone(self, store: Store, signed_in: Session) -> None:
        """Record and tokens are gone, other accounts are not."""
        store.save_record(sample_record("other"))
        store.forget(ACCOUNT)
        assert [record.id for record in store.records()] == ["other"]
        with pytest.raises(UnknownAccount):
            store.load(ACCOUNT)

    def test_the_stamp_changes_with_commits_and_sign_outs_alone(self, store: Store, signed_in: Session) -> None:
        """It is what a process looks at to learn that another one was there; it never raises."""
        stamps = [store.stamp(ACCOUNT)]
        store.save_record(sample_record(label="work"))
        store.note_health(ACCOUNT, Health(generation=1, state="connected"))
        assert store.stamp(ACCOUNT) == stamps[0]
        commit(store, sample_session("b"))
        stamps.append(store.stamp(ACCOUNT))
        store.mark_signed_out(ACCOUNT)
        stamps.append(store.stamp(ACCOUNT))
        commit(store, sample_session("c"), sign_in=True)
        stamps.append(store.stamp(ACCOUNT))
        assert all(before != after for before, after in pairwise(stamps))
        store.stamp("nobody")

    def test_health_comes_back(self, store: Store, signed_in: Session) -> None:
        """It is best effort: for an account that is not there it is not written, and nothing is raised."""
        flags = ("clock_skewed",)
        health = Health(generation=1, state="error", case="offline", flags=flags, retry_at=9.5, backed_off_at=2.5)
        store.note_health(ACCOUNT, health)
        store.note_health("nobody", health)
        assert store.load(ACCOUNT).health == health

    def test_a_wait_that_is_in_force_is_not_shortened(self, store: Store, signed_in: Session) -> None:
        """Whoever notes something else of the same session may know nothing of it; a new session ends it."""
        now = time.time()
        waits = Health(
            generation=1, state="connected", case="provider-outage", retry_at=now + 600, backed_off_at=now - 1
        )
        store.note_health(ACCOUNT, waits)
        store.note_health(ACCOUNT, Health(generation=1, state="connected", flags=("usage_paused",)))
        kept = store.load(ACCOUNT).health
        assert kept is not None
        assert (kept.case, kept.retry_at, kept.flags) == ("provider-outage", now + 600, ("usage_paused",))
        store.note_health(ACCOUNT, Health(generation=2, state="connected"))
        kept = store.load(ACCOUNT).health
        assert kept is not None
        assert kept.retry_at is None

    def test_the_last_attempt_comes_back(self, store: Store) -> None:
        """It can be noted before there is any account, and unsaid."""
        note = AttemptNote(account_id=ACCOUNT, case="user-denied-consent", at=7.5)
        store.note_attempt(note)
        assert store.attempt() == note
        store.note_attempt(None)
        assert store.attempt() is None

    def test_the_host_id_stays_the_same(self, store: Store) -> None:
        """It is a UUID as a URN, made once."""
        host_id = store.host_id()
        assert host_id.startswith("urn:uuid:")
        assert store.host_id() == host_id

    def test_preferences_come_back_with_what_we_do_not_know(self, store: Store) -> None:
        """What a later version wrote is kept by an earlier one."""
        chosen = Preferences(default_account=ACCOUNT, store="file", unknown={"theme": "dark"})
        store.save_preferences(chosen)
        assert store.preferences() == chosen

    def test_nothing_shows_a_token(self, store: Store, signed_in: Session) -> None:
        """Neither what is loaded nor the store itself says a secret when it is shown."""
        assert CANARY not in repr(store.load(ACCOUNT)) + repr(store)
