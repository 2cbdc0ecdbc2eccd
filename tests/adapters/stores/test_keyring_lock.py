"""Whether a keyring would ask somebody something, as a real one says without being unlocked."""

import gc

import pytest
from tests.support.desktop import Desktop
from tests.support.fake_keyring import FAKE, FakeKeyring

from signedin.errors import StoreError
from signedin_adapters.stores.keyring_key import KeyringKeys
from signedin_adapters.stores.keys import new_key


@pytest.mark.linux
def test_a_locked_keyring_is_told_from_an_open_one_without_a_question(desktop: Desktop) -> None:
    """At once: a question would wait for an answer that nobody gives here."""
    KeyringKeys("signedin").check_unlocked()
    desktop.lock()
    with pytest.raises(StoreError) as caught:
        KeyringKeys("signedin").check_unlocked()
    assert caught.value.case == "keyring-locked"


@pytest.mark.linux
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the backend leaves a locked collection's socket to us
def test_a_keyring_that_was_unlocked_meanwhile_is_found_so(desktop: Desktop) -> None:
    """Whoever unlocks it and presses “Try again” waits for no minute to pass."""
    holder, key = KeyringKeys("signedin"), new_key()
    holder.keep("account-1", key)
    desktop.lock()
    for _ in range(2):
        with pytest.raises(StoreError) as caught:
            holder.fetch("account-1")
        assert caught.value.case == "keyring-locked"
    desktop.unlock()
    assert holder.fetch("account-1") == key
    del caught
    gc.collect()


def test_a_keyring_that_never_asks_is_taken_for_open() -> None:
    """As that of Windows."""
    FakeKeyring.reset()
    KeyringKeys("signedin", backends=(FAKE,)).check_unlocked()
    assert FakeKeyring.calls == []
