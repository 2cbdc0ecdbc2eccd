"""Owns the key in a file, wrapped by a passphrase that a file elsewhere holds: for servers and containers.

scrypt (RFC 7914) at 128 MiB and about half a second, once a process and account. The passphrase itself is neither
kept nor shown.
"""

import json
import os
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from signedin.errors import StoreError
from signedin.secret import Secret
from signedin.version import VERSION
from signedin_adapters.stores import durable, header, sealing, trust
from signedin_adapters.stores.fields import SCHEMA, Fields, corrupt
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.keys import KEY_BYTES, parse_key

COST = 2**17
HIGHEST_COST = 2**20
BLOCK_SIZE = 8
SALT_BYTES = 16
PASSPHRASE_LIMIT = 4096


class WrappedKeyFile:
    """Keys in `accounts/<id>/key.wrapped`, wrapped. `passphrase_file` is what SIGNEDIN_PASSPHRASE_FILE names.

    A wrong or missing passphrase is StoreError(case="store-unavailable"): it says nothing about the session.
    """

    kind = "passphrase"

    def __init__(self, paths: AppPaths, passphrase_file: str, *, cost: int = COST) -> None:
        self._paths, self._passphrase_file, self._cost = paths, passphrase_file, cost
        self.place = f"{paths.accounts}, {passphrase_file}"

    def probe(self) -> None:
        """Prove that there is a passphrase."""
        self._passphrase()

    def fetch(self, account_id: str) -> Secret | None:
        """The key, unwrapped; None where there is no file."""
        path = self._paths.account(account_id).wrapped_key
        data = trust.read(path)
        if data is None:
            return None
        wrapping = self._wrapping_key(*_read_terms(data, path))
        try:
            text = sealing.open_text(data, wrapping, path).decode()
        except StoreError:
            raise StoreError(
                f"The passphrase in {self._passphrase_file} does not open {path}", path=self._passphrase_file
            ) from None
        return parse_key(text, path)

    def keep(self, account_id: str, key: Secret) -> None:
        """Wrap the key under a new salt and write it durably."""
        salt = os.urandom(SALT_BYTES)
        line = {
            "schema": SCHEMA,
            "writer": VERSION,
            "holds": "key",
            "kdf": "scrypt",
            "cost": self._cost,
            "salt": b64encode(salt).decode(),
        }
        wrapped = sealing.seal_text(json.dumps(line).encode(), key.reveal(), self._wrapping_key(salt, self._cost))
        durable.write(self._paths.account(account_id).wrapped_key, wrapped)

    def delete(self, account_id: str) -> None:
        """Remove the file."""
        durable.remove(self._paths.account(account_id).wrapped_key)

    def _wrapping_key(self, salt: bytes, cost: int) -> Secret:
        kdf = Scrypt(salt=salt, length=KEY_BYTES, n=cost, r=BLOCK_SIZE, p=1)
        return Secret(b64encode(kdf.derive(self._passphrase())).decode())

    def _passphrase(self) -> bytes:
        path = self._passphrase_file
        try:
            with open(path, "rb") as file:
                first_line = file.readline(PASSPHRASE_LIMIT).rstrip(b"\r\n")
        except OSError:
            raise StoreError(f"SIGNEDIN_PASSPHRASE_FILE names {path}, which cannot be read", path=path) from None
        if not first_line:
            raise StoreError(f"SIGNEDIN_PASSPHRASE_FILE names {path}, which holds no passphrase", path=path)
        return first_line


def _read_terms(data: bytes, path: str) -> tuple[bytes, int]:
    """The salt and the cost of a wrapped key. A file that asks for absurd memory is a damaged one."""
    fields = Fields(header.split(data, path)[0], path)
    salt, cost = fields.text("salt"), fields.integer("cost")
    if not 1 < cost <= HIGHEST_COST or cost & (cost - 1):
        raise corrupt(path)
    try:
        return b64decode(salt, validate=True), cost
    except ValueError:
        raise corrupt(path) from None
