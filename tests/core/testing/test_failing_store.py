"""A store that fails on demand. That it keeps the contract otherwise is shown with the adapters'."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from signedin import cases
from signedin.errors import StoreError
from signedin.ports import Claim, Store
from signedin.record import PendingRevocation, Preferences
from signedin.secret import Secret
from signedin.testing import FailingStore
from signedin.testing.failing_store import PLACES
from signedin.testing.sample_account import ACCOUNT, commit, sample_record, sample_session, soon
from signedin_adapters.stores.memory import MemoryStore


@pytest.fixture
def store() -> FailingStore:
    """With one account, signed in."""
    store = FailingStore(MemoryStore())
    store.save_record(sample_record())
    commit(store, sample_session(), sign_in=True)
    return store


def ask(store: Store, method: str) -> None:
    """Ask the store, or a claim of it, for this."""

    def claimed(do: Callable[[Claim], object]) -> None:
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            do(claim)

    kept = PendingRevocation(record=sample_record(), token=Secret("refresh-1"))
    asked: dict[str, Callable[[], object]] = {
        "probe": store.probe,
        "save_record": lambda: store.save_record(sample_record()),
        "load": lambda: store.load(ACCOUNT),
        "claim": lambda: claimed(lambda claim: None),
        "read": lambda: claimed(lambda claim: claim.read()),
        "intend": lambda: claimed(lambda claim: claim.intend()),
        "commit": lambda: commit(store, sample_session()),
        "sign_in_claim": lambda: store.sign_in_claim(ACCOUNT),
        "mark_signed_out": lambda: store.mark_signed_out(ACCOUNT),
        "clear": lambda: store.clear(ACCOUNT, ended=1, keep_for_revocation=False),
        "pending_revocation": lambda: store.pending_revocation(ACCOUNT),
        "drop_revocation": lambda: store.drop_revocation(ACCOUNT, kept),
        "forget": lambda: store.forget(ACCOUNT),
        "save_preferences": lambda: store.save_preferences(Preferences()),
    }
    asked[method]()


def struck(store: Store, method: str) -> str | None:
    """The case with which this fails."""
    try:
        ask(store, method)
    except StoreError as failed:
        return failed.case
    return None


@pytest.mark.parametrize(("case", "method"), [(case, method) for case, methods in PLACES.items() for method in methods])
def test_a_case_strikes_where_it_does_in_earnest(store: FailingStore, case: str, method: str) -> None:
    """With the case's own id, and only within the block."""
    with store.failing(case), pytest.raises(StoreError) as failed:
        ask(store, method)
    assert failed.value.case == case
    ask(store, method)


@pytest.mark.parametrize("case", PLACES)
def test_every_case_is_one_of_the_catalogue(case: str) -> None:
    """And its sentence is told."""
    assert cases.find(case).id == case


def test_the_rest_goes_on(store: FailingStore) -> None:
    """A locked keyring hides what it seals; records, stamps and notes are to be had."""
    with store.failing("keyring-locked"):
        assert [record.id for record in store.records()] == [ACCOUNT]
        store.stamp(ACCOUNT)
        assert store.attempt() is None


def test_the_place_may_be_chosen(store: FailingStore) -> None:
    """A disk may fill up between two writes."""
    with store.failing("disk-full-or-readonly", "commit"):
        ask(store, "probe")
        with pytest.raises(StoreError):
            ask(store, "commit")


def test_cases_add_up(store: FailingStore) -> None:
    """Each block takes away its own alone, and the earlier case strikes where both would."""
    with store.failing("disk-full-or-readonly", "commit"):
        with store.failing("keyring-locked"):
            assert (struck(store, "commit"), struck(store, "load")) == ("disk-full-or-readonly", "keyring-locked")
        assert (struck(store, "commit"), struck(store, "load")) == ("disk-full-or-readonly", None)
    assert struck(store, "commit") is None


def test_blocks_may_end_in_any_order(store: FailingStore) -> None:
    """Also where both say the same."""
    with ExitStack() as second:
        with store.failing("keyring-locked"):
            second.enter_context(store.failing("keyring-locked"))
        assert struck(store, "load") == "keyring-locked"
    assert struck(store, "load") is None


def test_a_case_that_no_store_has_is_refused(store: FailingStore) -> None:
    """Naming those that there are."""
    with (
        pytest.raises(ValueError, match=r"no store fails with 'offline'; there are .*keyring-locked"),
        store.failing("offline"),
    ):
        pass
