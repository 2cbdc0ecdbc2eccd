"""Owns the part of the store's contract that is about signing out: what it ends, and what is still to be revoked.

`StoreContract` includes it.
"""

import pytest

from signedin.errors import StoreError
from signedin.ports import Store
from signedin.record import LeftBehind
from signedin.session import Session
from signedin.testing.sample_account import ACCOUNT, commit, kept, sample_record, sample_session, sign_out, soon
from signedin.testing.signed_in_store import SignedInStore


class SignOutContract(SignedInStore):
    """What every store must do when somebody signs out."""

    def test_the_generation_outlives_a_sign_out(self, store: Store, signed_in: Session) -> None:
        """A session after a sign-out is newer than every one before it."""
        sign_out(store)
        assert commit(store, sample_session("b"), sign_in=True).generation == 2

    def test_a_sign_out_waits_for_no_claim_and_stops_its_commit(self, store: Store, signed_in: Session) -> None:
        """A marker that is written while a refresh runs makes the commit fail; the old session stays as it was."""
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            store.mark_signed_out(ACCOUNT)
            with pytest.raises(StoreError) as refused:
                claim.commit(sample_session("late"))
        assert refused.value.case == "signed-out-elsewhere"
        stored = store.load(ACCOUNT)
        assert stored.signed_out
        assert stored.session in (None, signed_in)

    def test_what_a_sign_out_left_behind_is_told(self, store: Store, signed_in: Session) -> None:
        """Until it is removed, with the wish to revoke it: whoever starts next ends it."""
        assert store.load(ACCOUNT).left is None
        store.mark_signed_out(ACCOUNT, revoke=True)
        assert store.load(ACCOUNT).left == LeftBehind(generation=1, revoke=True)
        store.mark_signed_out(ACCOUNT, revoke=False)
        assert store.load(ACCOUNT).left == LeftBehind(generation=1, revoke=True)
        store.clear(ACCOUNT, ended=1, keep_for_revocation=False)
        assert store.load(ACCOUNT).left is None

    def test_a_sign_out_that_tells_nobody_leaves_nothing_to_revoke(self, store: Store, signed_in: Session) -> None:
        """The wish is the sign-out's own."""
        store.mark_signed_out(ACCOUNT, revoke=False)
        assert store.load(ACCOUNT).left == LeftBehind(generation=1, revoke=False)

    def test_a_sign_ins_commit_outranks_the_marker(self, store: Store, signed_in: Session) -> None:
        """And so does what is refreshed of it, at every commit."""
        store.mark_signed_out(ACCOUNT)
        for sign_in in (True, False, False):
            committed = commit(store, sample_session("b"), sign_in=sign_in)
            stored = store.load(ACCOUNT)
            assert (stored.session, stored.signed_out, stored.left) == (committed, False, None)

    def test_a_sign_out_after_a_sign_in_is_final(self, store: Store, signed_in: Session) -> None:
        """However often one signed out and in before, and whatever was refreshed since."""
        for name in "bc":
            sign_out(store)
            commit(store, sample_session(name), sign_in=True)
        commit(store, sample_session("d"))
        sign_out(store)
        assert store.load(ACCOUNT).signed_out
        with pytest.raises(StoreError) as refused:
            commit(store, sample_session("late"))
        assert refused.value.case == "signed-out-elsewhere"

    def test_clearing_removes_the_tokens_and_keeps_the_record(self, store: Store, signed_in: Session) -> None:
        """Nothing is left to be revoked later."""
        sign_out(store)
        stored = store.load(ACCOUNT)
        assert (stored.session, stored.revocation_pending) == (None, False)
        assert stored.record == sample_record()
        assert store.pending_revocation(ACCOUNT) is None

    def test_a_refresh_token_may_stay_for_its_revocation(self, store: Store, signed_in: Session) -> None:
        """It stays alone, with the places that it was made with, until its revocation is confirmed."""
        sign_out(store, keep_for_revocation=True)
        assert store.load(ACCOUNT).session is None
        assert store.load(ACCOUNT).revocation_pending
        assert store.pending_revocation(ACCOUNT) == kept(signed_in)
        store.drop_revocation(ACCOUNT, kept(signed_in))
        assert not store.load(ACCOUNT).revocation_pending
        assert store.pending_revocation(ACCOUNT) is None

    def test_a_revocation_that_is_due_outlives_the_next_sign_in(self, store: Store, signed_in: Session) -> None:
        """The old grant is still to be ended when a new one is held, and ending it leaves the new one alone."""
        sign_out(store, keep_for_revocation=True)
        committed = commit(store, sample_session("b"), sign_in=True)
        assert store.pending_revocation(ACCOUNT) == kept(signed_in)
        store.drop_revocation(ACCOUNT, kept(signed_in))
        assert store.load(ACCOUNT).session == committed

    def test_a_revocation_that_is_due_outlives_a_later_sign_out(self, store: Store, signed_in: Session) -> None:
        """That one session has ended says nothing about the one before."""
        sign_out(store, keep_for_revocation=True)
        commit(store, sample_session("b"), sign_in=True)
        sign_out(store)
        assert store.pending_revocation(ACCOUNT) == kept(signed_in)

    def test_each_sign_out_keeps_its_own_revocation(self, store: Store, signed_in: Session) -> None:
        """Oldest first, each until it is confirmed; one that was confirmed already takes no other with it."""
        sign_out(store, keep_for_revocation=True)
        second = commit(store, sample_session("b"), sign_in=True)
        sign_out(store, keep_for_revocation=True)
        for session in (signed_in, second):
            assert store.pending_revocation(ACCOUNT) == kept(session)
            store.drop_revocation(ACCOUNT, kept(session))
            store.drop_revocation(ACCOUNT, kept(session))
        assert store.pending_revocation(ACCOUNT) is None
        assert not store.load(ACCOUNT).revocation_pending

    def test_a_token_that_was_never_saved_may_stay_for_its_revocation(self, store: Store, signed_in: Session) -> None:
        """In the place of the one that it was refreshed from; an older one than what lies there does not."""
        unsaved = sample_session("unsaved", generation=2)
        ended = store.mark_signed_out(ACCOUNT)
        store.clear(ACCOUNT, ended=ended, keep_for_revocation=True, unsaved=unsaved)
        assert store.load(ACCOUNT).session is None
        assert store.pending_revocation(ACCOUNT) == kept(unsaved)
        store.drop_revocation(ACCOUNT, kept(unsaved))
        stored = commit(store, sample_session("b", generation=2), sign_in=True)
        ended = store.mark_signed_out(ACCOUNT)
        store.clear(ACCOUNT, ended=ended, keep_for_revocation=True, unsaved=unsaved)
        assert store.pending_revocation(ACCOUNT) == kept(stored)

    def test_a_revocation_that_is_due_keeps_its_places(self, store: Store, signed_in: Session) -> None:
        """A record that names other places since then does not send the old token there."""
        sign_out(store, keep_for_revocation=True)
        store.save_record(sample_record(token_endpoint="https://elsewhere.example/token"))  # noqa: S106
        assert store.pending_revocation(ACCOUNT) == kept(signed_in)

    def test_the_marker_tells_what_it_ended(self, store: Store, signed_in: Session) -> None:
        """The generation of the last session, also the second time and when nothing is left."""
        assert store.mark_signed_out(ACCOUNT) == signed_in.generation
        sign_out(store)
        assert store.mark_signed_out(ACCOUNT) == signed_in.generation

    def test_clearing_writes_no_marker(self, store: Store, signed_in: Session) -> None:
        """Where nobody signed out, nothing is removed and nobody is signed out."""
        store.clear(ACCOUNT, ended=signed_in.generation, keep_for_revocation=False)
        stored = store.load(ACCOUNT)
        assert (stored.session, stored.signed_out) == (signed_in, False)

    def test_clearing_leaves_a_later_sign_in_alone(self, store: Store, signed_in: Session) -> None:
        """Also where somebody signed out of that one again: it is theirs to remove, once they revoked it."""
        ended = store.mark_signed_out(ACCOUNT)
        later = commit(store, sample_session("b"), sign_in=True)
        store.clear(ACCOUNT, ended=ended, keep_for_revocation=False)
        assert store.load(ACCOUNT).session == later
        store.mark_signed_out(ACCOUNT)
        store.clear(ACCOUNT, ended=ended, keep_for_revocation=False)
        assert store.load(ACCOUNT).session == later
