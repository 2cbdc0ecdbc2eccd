"""Owns the contract of `signedin.ports.Store` as a suite: subclass it, give it a store, and pytest runs it.

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self, tmp_path: Path) -> Store:
            return MyStore(tmp_path)

It asks nothing beyond the port, and proves nothing about crashes, permissions or other processes.
"""

import math
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise, permutations

import pytest

from signedin.errors import StoreError, UnknownAccount
from signedin.ports import Store
from signedin.record import AccountRecord, AttemptNote, Health, LeftBehind, PendingRevocation, Preferences
from signedin.secret import Secret
from signedin.session import Session
from signedin.testing.model_lists import KeptModelsContract

ACCOUNT = "a1b2c3"
CANARY = "canary-7f3a"


def sample_record(account_id: str = ACCOUNT, **changes: object) -> AccountRecord:
    """A record before its first sign-in, with whatever is changed in it."""
    record = AccountRecord(
        id=account_id,
        provider="acme",
        label=account_id,
        issuer="https://id.example",
        token_endpoint="https://id.example/token",  # noqa: S106
        api_base="https://api.example/v1",
        client_id="client-1",
        redirect_path="/auth/callback",
        created_at=1_000.0,
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def sample_session(name: str = "first", **changes: object) -> Session:
    """A session whose tokens carry the canary and this name."""
    session = Session(
        generation=0,
        access_token=Secret(f"{CANARY}-access-{name}"),
        refresh_token=Secret(f"{CANARY}-refresh-{name}"),
        id_token=Secret(f"{CANARY}-id-{name}"),
        scopes=("openid", "offline_access"),
        issued_at=1_000.0,
        expires_at=4_600.0,
        refresh_at=4_300.5,
        earliest_refresh_at=1_060.0,
        plan_enabled=True,
        host_id="",
    )
    return replace(session, **changes)  # type: ignore[arg-type]


def soon() -> float:
    """A deadline that a free claim meets at once."""
    return time.monotonic() + 5.0


def commit(store: Store, session: Session, *, account_id: str = ACCOUNT, sign_in: bool = False) -> Session:
    """Claim and commit in one go."""
    with store.claim(account_id, deadline=soon()) as claim:
        return claim.commit(session, sign_in=sign_in)


def sign_out(store: Store, *, keep_for_revocation: bool = False) -> None:
    """Mark the account and clear it."""
    ended = store.mark_signed_out(ACCOUNT)
    store.clear(ACCOUNT, ended=ended, keep_for_revocation=keep_for_revocation)


def kept(session: Session) -> PendingRevocation:
    """What `clear` keeps of a session of the sample record."""
    return PendingRevocation(record=sample_record(), token=session.refresh_token or Secret(""))


class StoreContract(KeptModelsContract):
    """What every store must do. A subclass overrides the fixture `store` with a new, empty store."""

    @pytest.fixture
    def store(self) -> Store:
        """A new, empty store."""
        raise NotImplementedError("override the fixture `store`")

    @pytest.fixture
    def signed_in(self, store: Store) -> Session:
        """The session of the one account, just signed in."""
        store.save_record(sample_record())
        return commit(store, sample_session(), sign_in=True)

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

    def test_the_generation_outlives_a_sign_out(self, store: Store, signed_in: Session) -> None:
        """A session after a sign-out is newer than every one before it."""
        sign_out(store)
        assert commit(store, sample_session("b"), sign_in=True).generation == 2

    def test_a_claim_is_for_one_at_a_time(self, store: Store, signed_in: Session) -> None:
        """A second claim waits to its deadline and is told why it failed."""
        with store.claim(ACCOUNT, deadline=soon()):
            with pytest.raises(StoreError) as refused, store.claim(ACCOUNT, deadline=time.monotonic()):
                pass
            assert refused.value.case == "lock-timeout"

    def test_a_claim_ends_with_its_block(self, store: Store, signed_in: Session) -> None:
        """An error inside frees it as well."""
        with pytest.raises(ZeroDivisionError), store.claim(ACCOUNT, deadline=soon()):
            raise ZeroDivisionError
        assert commit(store, sample_session("b")).generation == 2

    def test_whoever_waits_for_a_claim_may_look_meanwhile(self, store: Store, signed_in: Session) -> None:
        """Again and again, and what the look raises ends the wait."""
        looks = list[Session | None]()

        class Seen(Exception):
            """It was there."""

        def look() -> None:
            looks.append(store.load(ACCOUNT).session)
            if len(looks) == 3:
                raise Seen

        with store.claim(ACCOUNT, deadline=soon()), ThreadPoolExecutor(1) as elsewhere:
            waiting = elsewhere.submit(lambda: store.claim(ACCOUNT, deadline=soon(), meanwhile=look).__enter__())
            with pytest.raises(Seen):
                waiting.result()
        assert looks == [signed_in] * 3

    def test_claims_of_two_accounts_do_not_meet(self, store: Store, signed_in: Session) -> None:
        """A claim is on one account."""
        store.save_record(sample_record("other"))
        with store.claim(ACCOUNT, deadline=soon()):
            assert commit(store, sample_session(), account_id="other", sign_in=True).generation == 1

    def test_one_sign_in_at_a_time(self, store: Store, signed_in: Session) -> None:
        """A second one is told at once which process has it, and since when."""
        with store.sign_in_claim(ACCOUNT):
            with pytest.raises(StoreError) as refused, store.sign_in_claim(ACCOUNT):
                pass
            assert refused.value.case == "login-in-progress"
            assert f"process {os.getpid()}" in refused.value.message
            assert re.search(r"since .*[0-9]{2}:[0-9]{2}", refused.value.message)

    def test_a_sign_in_ends_with_its_block(self, store: Store, signed_in: Session) -> None:
        """An error inside frees it as well."""
        with pytest.raises(ZeroDivisionError), store.sign_in_claim(ACCOUNT):
            raise ZeroDivisionError
        with store.sign_in_claim(ACCOUNT):
            pass

    def test_sign_ins_to_two_accounts_do_not_meet(self, store: Store, signed_in: Session) -> None:
        """Whoever signs in to one leaves the other alone, and a first sign-in meets neither."""
        store.save_record(sample_record("other"))
        with store.sign_in_claim(ACCOUNT), store.sign_in_claim("other"), store.sign_in_claim("nobodys"):
            pass

    def test_first_sign_ins_meet(self, store: Store) -> None:
        """Each process thinks of an id of its own for the account to come, and may have registered it already."""
        store.save_record(sample_record("registered", created_at=0.0))
        for first, second in permutations(("registered", "nobodys", "nobodys-either"), 2):
            with store.sign_in_claim(first):
                with pytest.raises(StoreError) as refused, store.sign_in_claim(second):
                    pass
                assert refused.value.case == "login-in-progress"

    def test_a_sign_in_ends_on_any_thread_and_stops_no_refresh(self, store: Store, signed_in: Session) -> None:
        """The account ends an attempt wherever it hears of the end; the session in hand is renewed meanwhile."""
        with ThreadPoolExecutor(1) as elsewhere, ExitStack() as signing_in:
            elsewhere.submit(signing_in.enter_context, store.sign_in_claim(ACCOUNT)).result()
            assert commit(store, sample_session("b")).generation == 2
            signing_in.close()
            with store.sign_in_claim(ACCOUNT):
                pass

    def test_no_commit_is_lost_among_threads(self, store: Store, signed_in: Session) -> None:
        """Twenty commits by four threads make twenty generations."""

        def rotate(number: int) -> Session:
            return commit(store, sample_session(str(number)))

        with ThreadPoolExecutor(4) as pool:
            committed = list(pool.map(rotate, range(20)))
        assert sorted(session.generation for session in committed) == list(range(2, 22))

    def test_a_claim_reads_what_is_there_now(self, store: Store, signed_in: Session) -> None:
        """What was committed under the claim is read under it."""
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            assert claim.read().session == signed_in
            committed = claim.commit(sample_session("b"))
            assert claim.read().session == committed

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

    def test_an_intent_that_nobody_ended_is_a_doubt(self, store: Store, signed_in: Session) -> None:
        """After the claim, the token may be spent; the next claim is told so."""
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            claim.intend()
            assert not claim.read().in_doubt
            assert not store.load(ACCOUNT).in_doubt
        assert store.load(ACCOUNT).in_doubt
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            assert claim.read().in_doubt

    def test_a_commit_ends_the_doubt(self, store: Store, signed_in: Session) -> None:
        """A new session has a token that nobody spent."""
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            claim.intend()
            claim.commit(sample_session("b"))
        assert not store.load(ACCOUNT).in_doubt

    def test_a_withdrawn_intent_is_no_doubt(self, store: Store, signed_in: Session) -> None:
        """What was certainly not sent was not spent."""
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            claim.intend()
            claim.withdraw()
        assert not store.load(ACCOUNT).in_doubt

    def test_withdrawing_ends_no_older_doubt(self, store: Store, signed_in: Session) -> None:
        """That this request was not sent says nothing about the one before."""
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            claim.intend()
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            claim.intend()
            claim.withdraw()
        assert store.load(ACCOUNT).in_doubt

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

    def test_nothing_is_removed_under_a_claim_of_others(
        self, store: Store, signed_in: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is waited for as long as an exchange may take, and then left as it is."""
        monkeypatch.setattr("signedin.ports.CLEARING_SECONDS", 0.0)
        removals: tuple[Callable[[], None], ...] = (
            lambda: store.clear(ACCOUNT, ended=signed_in.generation, keep_for_revocation=False),
            lambda: store.forget(ACCOUNT),
        )
        with store.claim(ACCOUNT, deadline=soon()):
            store.mark_signed_out(ACCOUNT)
            for remove in removals:
                with pytest.raises(StoreError) as refused:
                    remove()
                assert refused.value.case == "lock-timeout"
        assert store.load(ACCOUNT).session == signed_in

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
