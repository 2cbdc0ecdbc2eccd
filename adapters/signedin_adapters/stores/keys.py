"""Owns the sealing key as a thing: how it is made, what it is called, what a holder of keys must offer.

Where a key lies is the holders' work: `keyring_key`, `key_file`, `passphrase`.
"""

import os
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Protocol

from signedin.errors import StoreError
from signedin.secret import Secret

KEY_BYTES = 32


class KeyHolder(Protocol):
    """Holds one key an account. Every method may block, may be called from any thread and raises StoreError."""

    kind: str
    """What the header of a session calls it: "keyring", "file" or "passphrase"."""
    place: str
    """Where the keys lie: two holders of the same kind and place hold the same keys."""

    def probe(self) -> None:
        """Prove that a key could be kept now."""
        ...

    def fetch(self, account_id: str) -> Secret | None:
        """The account's key, None where there is none."""
        ...

    def keep(self, account_id: str, key: Secret) -> None:
        """Keep the key durably."""
        ...

    def delete(self, account_id: str) -> None:
        """Forget the key; one that is not there is fine."""
        ...


def new_key() -> Secret:
    """256 random bits, as base64."""
    return Secret(b64encode(os.urandom(KEY_BYTES)).decode())


def parse_key(text: str, path: str) -> Secret:
    """A key that was kept as text. Raises StoreError where it is none."""
    try:
        whole = len(b64decode(text, validate=True)) == KEY_BYTES
    except ValueError:
        whole = False
    if not whole:
        raise StoreError(f"The key in {path} is damaged: sign in again", case="session-undecryptable", path=path)
    return Secret(text)


def key_id(key: Secret) -> str:
    """A short name by which a session says under which key it lies. It tells nothing of the key."""
    return sha256(b"signedin key id\0" + key.reveal().encode()).hexdigest()[:16]
