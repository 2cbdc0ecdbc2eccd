"""Owns how a store is opened by name, and which one where nobody named one: `signedin.stores`.

It asks nobody: where a person has to decide, it raises, and the command line asks.
"""

import os

from signedin.ports import Log, Store
from signedin.record import Preferences
from signedin_adapters.stores import app_name
from signedin_adapters.stores import home as places
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.key_file import KeyFile
from signedin_adapters.stores.keyring_key import KeyringKeys
from signedin_adapters.stores.keys import KeyHolder
from signedin_adapters.stores.passphrase import WrappedKeyFile
from signedin_adapters.stores.patience import Asking


def keyring(*, app: str, home: str | None = None, log: Log | None = None, asking: Asking | None = None) -> Store:
    """Sealed files under keys in the OS keyring.

    `app` is the app's name. `asking` makes it the foreground: it is told what the desktop asks of the user,
    and the keyring gets 90 s to answer instead of 5 s.
    """
    paths = _paths(app, home)
    return FileStore(paths, KeyringKeys(paths.slug, asking=asking), kind="keyring", app_name=app, log=log)


def file(*, app: str, home: str | None = None, log: Log | None = None, asking: Asking | None = None) -> Store:
    """Sealed files under keys in files, wrapped where SIGNEDIN_PASSPHRASE_FILE is set. `asking` is not used."""
    paths = _paths(app, home)
    passphrase_file = os.environ.get("SIGNEDIN_PASSPHRASE_FILE")
    holder: KeyHolder = WrappedKeyFile(paths, passphrase_file) if passphrase_file else KeyFile(paths)
    return FileStore(paths, holder, kind="file", app_name=app, log=log)


def memory(*, app: str, home: str | None = None, log: Log | None = None, asking: Asking | None = None) -> Store:
    """Nothing on disk: the accounts live as long as the object. The arguments are not used."""
    from signedin_adapters.stores.memory import MemoryStore  # few ask for it, and it takes its time

    return MemoryStore()


def choose(*, app: str, preferences: Preferences, secret: bool, asking: Asking | None = None) -> str:
    """The name of the store to open.

    `SIGNEDIN_STORE`; "file" for a provider without secrets; what the user chose before; "file" where there is a
    passphrase; "keyring" where one answers. Else StoreError(case="keyring-backend-missing"): a key file is never
    chosen without a word of the user's.
    """
    if named := os.environ.get("SIGNEDIN_STORE"):
        return named
    if not secret:
        return "file"
    if preferences.store:
        return preferences.store
    if os.environ.get("SIGNEDIN_PASSPHRASE_FILE"):
        return "file"
    KeyringKeys(places.slug(app), asking=asking).check()
    return "keyring"


def _paths(app: str, home: str | None) -> places.AppPaths:
    """Where the app's files lie. Raises ConfigurationError where they are another app's."""
    paths = places.AppPaths(home or places.home(), places.slug(app))
    app_name.require(paths, app)
    return paths
