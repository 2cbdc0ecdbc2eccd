"""Owns the key in the OS keyring: which backends are taken and what a failure means.

Backends are taken by name from a list of our own; `PYTHON_KEYRING_BACKEND`, `keyringrc.cfg` and whatever else is
installed are not asked, so no null, plaintext or chained backend comes in. What was refused or left unanswered is not
asked again for a minute, so that a retry in the background shows no dialog after dialog; a probe, which a person's
sign-in begins with, asks anew, and a keyring that was unlocked meanwhile is found so.
"""

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from secrets import token_hex
from typing import Protocol, TypeVar, cast

from signedin.classify.keyring import keyring_case
from signedin.errors import StoreError
from signedin.secret import Secret
from signedin_adapters.stores.keyring_lock import would_ask
from signedin_adapters.stores.keys import new_key, parse_key
from signedin_adapters.stores.patience import Asking, patiently

BACKENDS = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.macOS.Keyring",
    "keyring.backends.Windows.WinVaultKeyring",
)
REFUSED_SECONDS = 60.0
"""How long a refusal is taken for the answer, without asking again."""
_REFUSALS = frozenset({"keyring-locked", "keyring-denied", "keyring-hung"})
_MESSAGES = {
    "keyring-hung": "The keyring did not answer in time; a question of the desktop may wait behind another window",
    "keyring-locked": "The keyring that holds the key of this sign-in is locked: unlock it",
    "keyring-denied": "The keyring refused to hand out or keep the key",
    "keyring-backend-missing": (
        "No OS keyring answers here. With SIGNEDIN_STORE=file the key is kept in a file that only you can read"
    ),
    "session-undecryptable": "The keyring can no longer open the key that it kept: sign in again",
}

T = TypeVar("T")


class Backend(Protocol):
    """What is used of a keyring backend."""

    priority: float

    def get_password(self, service: str, username: str) -> str | None:
        """The entry, None where there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Create or replace the entry."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Remove the entry, which is there."""
        ...


class KeyringKeys:
    """Keys in the OS keyring: service `signedin:<app slug>`, user the account's id.

    `asking` is for the foreground: see `patience`. `backends` are the names that are taken instead of ours, for tests.
    """

    kind = "keyring"

    def __init__(self, slug: str, *, asking: Asking | None = None, backends: tuple[str, ...] | None = None) -> None:
        self._service = f"signedin:{slug}"
        self.place = self._service if asking is None else f"{self._service}, asking by {id(asking)}"
        self._asking = asking
        self._names = BACKENDS if backends is None else backends
        self._backend: Backend | None = None
        self._refusal: str | None = None
        self._refused_at = 0.0

    def check(self) -> None:
        """Prove that a backend of the list answers here; it may be locked. Raises StoreError."""
        self._call(lambda backend: None)

    def check_unlocked(self) -> None:
        """Prove that no call would ask a person anything now, without asking. Raises StoreError."""
        self._call(_refuse_locked)

    def probe(self) -> None:
        """Write, read back and delete an entry of no meaning. Raises StoreError with the keyring's case."""
        self._refusal = None
        user, sample = f"probe-{token_hex(4)}", new_key()
        self.keep(user, sample)
        kept = self.fetch(user)
        self.delete(user)
        if kept != sample:
            raise StoreError("The keyring took a key and did not keep it", case="keyring-silent-nonwrite")

    def fetch(self, account_id: str) -> Secret | None:
        """The account's key, None where the keyring has none."""
        text = self._call(lambda backend: backend.get_password(self._service, account_id))
        return None if text is None else parse_key(text, "the keyring")

    def keep(self, account_id: str, key: Secret) -> None:
        """Put the key into the keyring."""
        self._call(lambda backend: backend.set_password(self._service, account_id, key.reveal()))

    def delete(self, account_id: str) -> None:
        """Take the key out of the keyring; one that is not there is fine."""

        def delete(backend: Backend) -> None:
            if backend.get_password(self._service, account_id) is not None:
                backend.delete_password(self._service, account_id)

        self._call(delete)

    def _call(self, ask: Callable[[Backend], T]) -> T:
        if (earlier := self._refusal) and self._stands(earlier):
            raise _told(earlier)
        try:
            return patiently(lambda: ask(self._choose()), asking=self._asking)
        except Exception as error:  # noqa: BLE001 (a backend may raise anything)
            refusal = error if isinstance(error, StoreError) else _refusal(error)
            if refusal.case in _REFUSALS:
                self._refusal, self._refused_at = refusal.case, time.monotonic()  # not the error: it holds a socket
            raise refusal from None

    def _stands(self, refusal: str) -> bool:
        """For a minute, unless it was unlocked meanwhile: that is looked at without a question."""
        if time.monotonic() >= self._refused_at + REFUSED_SECONDS:
            return False
        return refusal != "keyring-locked" or self._is_not_open()

    def _is_not_open(self) -> bool:
        try:
            return patiently(lambda: would_ask(self._choose()), asking=None) is not False
        except Exception:  # noqa: BLE001 (a backend may raise anything)
            return True

    def _choose(self) -> Backend:
        if self._backend is None:
            found = [backend for name in self._names if (backend := _load(name))]
            if not found:
                raise _told("keyring-backend-missing")
            self._backend = max(found, key=lambda backend: backend.priority)
        return self._backend


def _load(name: str) -> Backend | None:
    """The backend of this name, None where this machine cannot serve it."""
    module, _, attribute = name.rpartition(".")
    try:
        backend = getattr(import_module(module), attribute)
        return cast(Backend, backend()) if backend.priority > 0 else None
    except Exception:  # noqa: BLE001 (an import or a look at the desktop's bus may fail in any way)
        return None


def _refuse_locked(backend: Backend) -> None:
    from keyring.errors import KeyringLocked

    if would_ask(backend):
        raise KeyringLocked


def _refusal(error: Exception) -> StoreError:
    """What a backend raised, as a case. Its own words are not kept."""
    raised = list(_causes(error))
    names = {name for each in raised for name in _names(each)}
    return _told(keyring_case(names, {number for each in raised for number in _numbers(each)}))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def _names(error: BaseException) -> Iterator[str]:
    """What it is called: its classes, and D-Bus' own name (`name` at jeepney, `get_dbus_name` at dbus-python)."""
    yield from (each.__name__ for each in type(error).__mro__)
    told = getattr(error, "get_dbus_name", None)
    named = told() if callable(told) else getattr(error, "name", None)
    if isinstance(named, str):
        yield named


def _numbers(error: BaseException) -> Iterator[int]:
    """Windows' own, and what macOS says, which stands first and is negative; an errno is neither."""
    windows = getattr(error, "winerror", None)
    if isinstance(windows, int):
        yield windows
    yield from (number for number in error.args[:1] if isinstance(number, int) and number < 0)


def _told(case: str) -> StoreError:
    return StoreError(_MESSAGES[case], case=case)
