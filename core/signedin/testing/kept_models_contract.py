"""Owns the part of the store's contract that is about the list of models that it keeps. `StoreContract` includes it."""

from signedin.ports import Store
from signedin.session import Session
from signedin.testing.sample_account import ACCOUNT, commit, sample_models, sample_record
from signedin.testing.signed_in_store import SignedInStore


class KeptModelsContract(SignedInStore):
    """What every store must do with lists of models."""

    def test_a_list_of_models_comes_back(self, store: Store, signed_in: Session) -> None:
        """In its order, and the newest one."""
        assert store.kept_models(ACCOUNT) is None
        newest = sample_models(
            models=(("m-3", "Model Three"),),
            tried_at=2_000.0,
            etag=None,
            case="offline",
            path="/models?version=2",
        )
        for kept in (sample_models(), newest):
            store.keep_models(kept)
            assert store.kept_models(ACCOUNT) == kept

    def test_a_list_of_models_is_one_accounts(self, store: Store, signed_in: Session) -> None:
        """Another account has none of it, and for one that is not there nothing is kept."""
        store.save_record(sample_record("other"))
        store.keep_models(sample_models())
        store.keep_models(sample_models("nobody"))
        assert (store.kept_models("other"), store.kept_models("nobody")) == (None, None)

    def test_a_list_of_models_is_no_news(self, store: Store, signed_in: Session) -> None:
        """It moves no stamp, and changes nothing of what is loaded."""
        stamp, stored = store.stamp(ACCOUNT), store.load(ACCOUNT)
        store.keep_models(sample_models())
        assert (store.stamp(ACCOUNT), store.load(ACCOUNT)) == (stamp, stored)

    def test_a_list_of_models_outlives_a_refresh(self, store: Store, signed_in: Session) -> None:
        """The grant is the same."""
        store.keep_models(sample_models())
        commit(store, signed_in)
        assert store.kept_models(ACCOUNT) == sample_models()

    def test_a_list_of_models_ends_with_its_grant(self, store: Store, signed_in: Session) -> None:
        """By another sign-in, by a sign-out, and with the account."""
        store.keep_models(sample_models())
        commit(store, signed_in, sign_in=True)
        assert store.kept_models(ACCOUNT) is None
        store.keep_models(sample_models())
        store.clear(ACCOUNT, ended=store.mark_signed_out(ACCOUNT), keep_for_revocation=False)
        assert store.kept_models(ACCOUNT) is None
        store.keep_models(sample_models())
        store.forget(ACCOUNT)
        assert store.kept_models(ACCOUNT) is None
