"""Owns the part of the store's contract that is about claims: who may spend a token, and who may sign in.

`StoreContract` includes it.
"""

import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import permutations

import pytest

from signedin.errors import StoreError
from signedin.ports import Store
from signedin.session import Session
from signedin.testing.sample_account import ACCOUNT, commit, sample_record, sample_session, soon
from signedin.testing.signed_in_store import SignedInStore


class ClaimContract(SignedInStore):
    """What every store must do with claims, and with what was begun under one."""

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
