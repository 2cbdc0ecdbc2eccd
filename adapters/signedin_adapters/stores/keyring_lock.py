"""Owns the question whether a keyring is locked, asked without unlocking it: no dialog comes of it.

A backend's own calls unlock first and ask afterwards, so each kind of keyring is asked in its own way.
"""

import sys
from contextlib import closing
from importlib import import_module
from typing import Any

_SECRET_SERVICE = ("keyring.backends.SecretService", "keyring.backends.libsecret")
_KWALLET = "keyring.backends.kwallet"
_UNLOCKED = 1


def would_ask(backend: object) -> bool | None:
    """Whether its next call would ask a person something; None where that cannot be told. Raises what it raises."""
    module = type(backend).__module__
    if module in _SECRET_SERVICE:
        return _secret_service_is_locked()
    if module == _KWALLET:
        return _wallet_is_closed(backend)
    return _keychain_is_locked() if sys.platform == "darwin" else None


def _secret_service_is_locked() -> bool:
    """Also where there is no collection yet: making one asks for its password."""
    import secretstorage

    with closing(secretstorage.dbus_init()) as connection:
        try:
            return bool(secretstorage.Collection(connection).is_locked())
        except secretstorage.ItemNotFoundException:
            return True


def _wallet_is_closed(backend: Any) -> bool:  # written to KWallet's interface, not run
    dbus: Any = import_module("dbus")
    found = dbus.SessionBus().get_object(backend.bus_name, backend.object_path)
    wallet = dbus.Interface(found, "org.kde.KWallet")
    return not wallet.isOpen(wallet.networkWallet())


def _keychain_is_locked() -> bool:  # written to Apple's manual of SecKeychainGetStatus, not run
    from ctypes import CDLL, byref, c_uint32

    status = c_uint32()
    security = CDLL("/System/Library/Frameworks/Security.framework/Security")
    answered = security.SecKeychainGetStatus(None, byref(status)) == 0
    return answered and not status.value & _UNLOCKED
