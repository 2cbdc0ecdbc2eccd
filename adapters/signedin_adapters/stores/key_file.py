"""Owns the key in a file beside the session that only its user can read: like an ssh key without a passphrase.

It guards against backups and copies of single files, not against whoever may read this user's files.
"""

from signedin.secret import Secret
from signedin_adapters.stores import durable, trust
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.keys import parse_key


class KeyFile:
    """Keys in `accounts/<id>/key`, 0600."""

    kind = "file"

    def __init__(self, paths: AppPaths) -> None:
        self._paths = paths

    def probe(self) -> None:
        """Nothing beyond what the store itself proves: the key lies in its directory."""

    def fetch(self, account_id: str) -> Secret | None:
        """The key, None where there is no file. A file that others may read is closed to them."""
        path = self._paths.account(account_id).key
        data = trust.read(path)
        if data is None:
            return None
        if trust.too_open(path):
            durable.tighten(path)
        return parse_key(data.decode("ascii", "replace").strip(), path)

    def keep(self, account_id: str, key: Secret) -> None:
        """Write the key durably."""
        durable.write(self._paths.account(account_id).key, key.reveal().encode() + b"\n")

    def delete(self, account_id: str) -> None:
        """Remove the file."""
        durable.remove(self._paths.account(account_id).key)
