"""Owns the part of the store's contract that is about the list of models, and the list that it keeps: invented.

`StoreContract` includes it.
"""

import time
from dataclasses import replace

import pytest

from signedin.model_list import ModelList
from signedin.ports import Store
from signedin.session import Session


def sample_models(account_id: str, **changes: object) -> ModelList:
    """A list of two models for the account, with whatever is changed in it."""
    listed = ModelList(
        account_id=account_id,
        provider="acme",
        api_base="https://api.example/v1",
        client_id="client-1",
        subject=None,
        models=(("m-2", "Model Two"), ("m-1", "Model One")),
        fetched_at=1_000.5,
        tried_at=1_000.5,
        etag='"v1"',
    )
    return replace(listed, **changes)  # type: ignore[arg-type]


def commit_again(store: Store, account_id: str, session: Session, *, sign_in: bool) -> None:
    """Commit the tokens once more, as a refresh or as another sign-in."""
    with store.claim(account_id, deadline=time.monotonic() + 5.0) as claim:
        claim.commit(session, sign_in=sign_in)


class KeptModelsContract:
    """What every store must do with lists of models. `signed_in` is the session of the store's one account."""

    @pytest.fixture
    def store(self) -> Store:
        """A new store."""
        raise NotImplementedError("override the fixture `store`")

    @pytest.fixture
    def signed_in(self, store: Store) -> Session:
        """The session of its one account."""
        raise NotImplementedError("override the fixture `signed_in`")

    @pytest.fixture
    def account_id(self, store: Store, signed_in: Session) -> str:
        """The id of that account."""
        return store.records()[0].id

    def test_a_list_of_models_comes_back(self, store: Store, account_id: str) -> None:
        """In its order, and the newest one."""
        assert store.kept_models(account_id) is None
        newest = sample_models(
            account_id,
            models=(("m-3", "Model Three"),),
            tried_at=2_000.0,
            etag=None,
            case="offline",
            path="/models?version=2",
        )
        for kept in (sample_models(account_id), newest):
            store.keep_models(kept)
            assert store.kept_models(account_id) == kept

    def test_a_list_of_models_is_one_accounts(self, store: Store, account_id: str) -> None:
        """Another account has none of it, and for one that is not there nothing is kept."""
        store.save_record(replace(store.records()[0], id="other"))
        store.keep_models(sample_models(account_id))
        store.keep_models(sample_models("nobody"))
        assert (store.kept_models("other"), store.kept_models("nobody")) == (None, None)

    def test_a_list_of_models_is_no_news(self, store: Store, account_id: str) -> None:
        """It moves no stamp, and changes nothing of what is loaded."""
        stamp, stored = store.stamp(account_id), store.load(account_id)
        store.keep_models(sample_models(account_id))
        assert (store.stamp(account_id), store.load(account_id)) == (stamp, stored)

    def test_a_list_of_models_outlives_a_refresh(self, store: Store, signed_in: Session, account_id: str) -> None:
        """The grant is the same."""
        store.keep_models(sample_models(account_id))
        commit_again(store, account_id, signed_in, sign_in=False)
        assert store.kept_models(account_id) == sample_models(account_id)

    def test_a_list_of_models_ends_with_its_grant(self, store: Store, signed_in: Session, account_id: str) -> None:
        """By another sign-in, by a sign-out, and with the account."""
        store.keep_models(sample_models(account_id))
        commit_again(store, account_id, signed_in, sign_in=True)
        assert store.kept_models(account_id) is None
        store.keep_models(sample_models(account_id))
        store.clear(account_id, ended=store.mark_signed_out(account_id), keep_for_revocation=False)
        assert store.kept_models(account_id) is None
        store.keep_models(sample_models(account_id))
        store.forget(account_id)
        assert store.kept_models(account_id) is None
