"""Owns what it means that a keyring raised something, by names and numbers: no keyring is imported here.

What macOS and Windows say was never run there, only looked up here.
"""

from collections.abc import Collection

_LOCKED, _DENIED, _HUNG = "keyring-locked", "keyring-denied", "keyring-hung"
_MISSING, _UNDECRYPTABLE = "keyring-backend-missing", "session-undecryptable"

# What a person has to answer stands above what a person has answered, and that above what is not there.
_NUMBERS = {
    # macOS, SecBase.h: all of them negative.
    -25308: _LOCKED,  # interaction is not allowed
    -25315: _LOCKED,  # interaction is required
    -128: _DENIED,  # the person said no
    -25293: _DENIED,  # the password was wrong, or the program is not on the item's list
    -34018: _DENIED,  # the program lacks an entitlement
    -67030: _DENIED,  # the program is not signed as it must be
    -61: _DENIED,  # no leave to write
    -25291: _MISSING,  # no keychain is available
    -25294: _MISSING,  # there is no such keychain
    -25307: _MISSING,  # there is no default keychain
    # Windows: an HRESULT is negative, too.
    -2146893813: _UNDECRYPTABLE,  # 0x8009000B: DPAPI's key is not valid in this state
    13: _UNDECRYPTABLE,  # DPAPI's data is not valid
    5: _DENIED,  # access denied
    1223: _DENIED,  # the person said no
    1312: _MISSING,  # no logon session, as over SSH and in services
    1722: _MISSING,  # the Credential Manager does not run
    1783: _MISSING,  # more than an entry takes: our key is far shorter
}
_NAMES = {
    "TookTooLong": _HUNG,
    "org.freedesktop.DBus.Error.NoReply": _HUNG,
    "org.freedesktop.DBus.Error.Timeout": _HUNG,
    "org.freedesktop.DBus.Error.TimedOut": _HUNG,
    "org.freedesktop.Secret.Error.IsLocked": _LOCKED,
    "LockedException": _LOCKED,
    "org.freedesktop.DBus.Error.AccessDenied": _DENIED,
    "org.freedesktop.DBus.Error.AuthFailed": _DENIED,
    "KeychainDenied": _DENIED,
    "org.freedesktop.DBus.Error.NameHasNoOwner": _MISSING,
    "org.freedesktop.DBus.Error.NoServer": _MISSING,
    "org.freedesktop.DBus.Error.ServiceUnknown": _MISSING,
    "SecretServiceNotAvailableException": _MISSING,
    "PromptDismissedException": _LOCKED,
    "KeyringLocked": _LOCKED,
    "InitError": _LOCKED,
    "NoKeyringError": _MISSING,
    "KeyringError": _DENIED,
}
"""The classes of `keyring` and of what it is built on, and D-Bus' own names, the one that says most first."""


def keyring_case(names: Collection[str], numbers: Collection[int] = ()) -> str:
    """The case of an error: by its numbers, then by the first name of the table that is among its `names`.

    `names` are those of its class and of all that it derives from, the same for what it was raised from, and what
    D-Bus calls it. What is in no table comes of a keyring that does not work.
    """
    known = [case for number, case in _NUMBERS.items() if number in numbers]
    known += [case for name, case in _NAMES.items() if name in names]
    return known[0] if known else _MISSING
