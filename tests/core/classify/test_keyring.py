"""What it means that a keyring raised something."""

import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.observed import NUMBERS

from signedin.cases import CASES
from signedin.classify.keyring import keyring_case


def names(error: type[BaseException]) -> list[str]:
    """What an error of this class is called."""
    return [each.__name__ for each in error.__mro__]


@pytest.mark.parametrize(
    ("error", "case"),
    [
        (keyring.errors.KeyringLocked, "keyring-locked"),
        (keyring.errors.InitError, "keyring-locked"),
        (keyring.errors.NoKeyringError, "keyring-backend-missing"),
        (keyring.errors.PasswordSetError, "keyring-denied"),
        (keyring.errors.PasswordDeleteError, "keyring-denied"),
        (keyring.errors.KeyringError, "keyring-denied"),
        (RuntimeError, "keyring-backend-missing"),
    ],
)
def test_each_class_of_keyring_has_a_case(error: type[Exception], case: str) -> None:
    """What is none of them comes of a keyring that does not work."""
    assert keyring_case(names(error)) == case


@pytest.mark.parametrize(
    ("cause", "case"),
    [
        ("KeychainDenied", "keyring-denied"),
        ("LockedException", "keyring-locked"),
        ("PromptDismissedException", "keyring-locked"),
        ("SecretServiceNotAvailableException", "keyring-backend-missing"),
        ("org.freedesktop.DBus.Error.AccessDenied", "keyring-denied"),
        ("org.freedesktop.DBus.Error.NoReply", "keyring-hung"),
        ("org.freedesktop.DBus.Error.ServiceUnknown", "keyring-backend-missing"),
        ("org.freedesktop.DBus.Error.TimedOut", "keyring-hung"),
        ("org.freedesktop.Secret.Error.IsLocked", "keyring-locked"),
    ],
)
def test_what_an_error_was_raised_from_says_more(cause: str, case: str) -> None:
    """Secret Service, KWallet and the keychain wrap theirs: a service that is gone is not locked."""
    assert keyring_case([*names(keyring.errors.InitError), cause]) == case
    assert keyring_case([cause]) == case


def test_a_call_that_was_left_behind_hangs() -> None:
    """Whatever else is known of it."""
    assert keyring_case(["TookTooLong", "Exception"]) == "keyring-hung"


@pytest.mark.parametrize(
    ("number", "case"),
    [
        (-25308, "keyring-locked"),
        (-25315, "keyring-locked"),
        (-128, "keyring-denied"),
        (-25293, "keyring-denied"),
        (-34018, "keyring-denied"),
        (-67030, "keyring-denied"),
        (-61, "keyring-denied"),
        (-25291, "keyring-backend-missing"),
        (-25294, "keyring-backend-missing"),
        (-25307, "keyring-backend-missing"),
    ],
)
def test_macos_says_by_number_what_its_class_does_not(number: int, case: str) -> None:
    """A keychain that may not ask is locked, though the class says denied. Not run on macOS."""
    assert keyring_case(names(keyring.errors.PasswordSetError), [number]) == case


@pytest.mark.parametrize(
    ("number", "case"),
    [
        (5, "keyring-denied"),
        (13, "session-undecryptable"),
        (-2146893813, "session-undecryptable"),
        (1223, "keyring-denied"),
        (1312, "keyring-backend-missing"),
        (1722, "keyring-backend-missing"),
        (1783, "keyring-backend-missing"),
        (1168, "keyring-backend-missing"),
    ],
)
def test_windows_says_all_by_number(number: int, case: str) -> None:
    """What DPAPI no longer opens is lost; over SSH there is no vault; an entry that is too large needs a file.

    Not run on Windows.
    """
    assert keyring_case(["error", "Exception"], [number]) == case


@given(st.lists(st.text() | st.sampled_from(names(keyring.errors.NoKeyringError))), st.lists(NUMBERS))
def test_whatever_a_keyring_raises_has_a_case(raised: list[str], numbers: list[int]) -> None:
    """Total, and one of the catalogue."""
    assert keyring_case(raised, numbers) in CASES
