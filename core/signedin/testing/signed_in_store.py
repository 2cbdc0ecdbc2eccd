"""Owns what the parts of the store's contract have in common: a new store, and one account that is signed in there."""

import pytest

from signedin.ports import Store
from signedin.session import Session
from signedin.testing.sample_account import commit, sample_record, sample_session


class SignedInStore:
    """The fixtures of each part."""

    @pytest.fixture
    def store(self) -> Store:
        """A new, empty store."""
        raise NotImplementedError("override the fixture `store`")

    @pytest.fixture
    def signed_in(self, store: Store) -> Session:
        """The session of the one account, just signed in."""
        store.save_record(sample_record())
        return commit(store, sample_session(), sign_in=True)
