"""Owns the key in a file beside the session that only its user can read: like an ssh key without a passphrase.

It guards against backups and copies of single files, not against whoever may read this user's files.
"""

import os

from signedin.secret import Secret
from signedin_adapters.stores import durable, trust
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.keys import parse_key


class KeyFile:
    """Keys in `accounts/<id>/key`, 0600."""

    kind = "file"

    def __init__(self, paths: AppPaths) -> None:
        self._paths, self.place = paths, paths.accounts

    def probe(self) -> None:
        """Nothing beyond what the store itself proves: the key lies in its directory."""

    def fetch(self, account_id: str) -> Secret | None:
        """The key, None where there is no file. A file that others may read is closed to them."""
        path = self._path(account_id)
        data = trust.read(path)
        if data is None:
            return None
        if trust.too_open(path):
            durable.tighten(path)
        return parse_key(data.decode("ascii", "replace").strip(), path)

    def keep(self, account_id: str, key: Secret) -> None:
        """Write the key durably."""
        durable.write(self._path(account_id), key.reveal().encode() + b"\n")

    def delete(self, account_id: str) -> None:
        """Remove the file."""
        durable.remove(self._path(account_id))

    def _path(self, account_id: str) -> str:
        return self._paths.account(account_id).key


class KeyDirectory(KeyFile):
    """Keys in `<directory>/<account id>.key`, 0600, for a store that has no directory for each account."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.place = self._directory = os.path.abspath(directory)

    def keep(self, account_id: str, key: Secret) -> None:
        """Write the key durably, into a directory that is made where it is missing: 0700, and of nobody else."""
        durable.make_home(self._directory)
        super().keep(account_id, key)

    def _path(self, account_id: str) -> str:
        return os.path.join(self._directory, f"{account_id}.key")
