"""A store of your own: the accounts in an SQLite file, their tokens sealed under a key in the OS keyring.

Use it so: `Connection.open(app_name="Acme Notes", store=sqlite_store(app="Acme Notes"))`.
"""

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager

from signedin.errors import StoreError
from signedin_adapters.stores.durable import make_home
from signedin_adapters.stores.key_value import KeyHolder, KeyValueStore, LockFiles

TABLE = "CREATE TABLE IF NOT EXISTS items (bucket TEXT, name TEXT, data BLOB, PRIMARY KEY (bucket, name))"
READ = "SELECT name, data FROM items WHERE bucket = ?"
CASES = {
    sqlite3.SQLITE_FULL: "disk-full-or-readonly",
    sqlite3.SQLITE_READONLY: "disk-full-or-readonly",
    sqlite3.SQLITE_CANTOPEN: "file-permission-or-owner",
    sqlite3.SQLITE_CORRUPT: "file-corrupt-truncated",
    sqlite3.SQLITE_NOTADB: "file-corrupt-truncated",
}


class SqliteBuckets:
    def __init__(self, path: str) -> None:
        self.place = path

    def read(self, bucket: str) -> dict[str, bytes]:
        with self._opened() as database:
            return dict(database.execute(READ, [bucket]))

    @contextmanager
    def transaction(self, bucket: str) -> Generator[dict[str, bytes]]:
        with self._opened() as database:
            database.execute("BEGIN IMMEDIATE")
            yield (items := dict(database.execute(READ, [bucket])))
            database.execute("DELETE FROM items WHERE bucket = ?", [bucket])
            database.executemany("INSERT INTO items VALUES (?, ?, ?)", [(bucket, *item) for item in items.items()])
            database.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.place, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous = EXTRA")  # what is committed outlives a power cut
                database.execute(TABLE)
                yield database
        except sqlite3.Error as error:
            case = CASES.get(error.sqlite_errorcode & 0xFF)  # the low byte is the plain code
            raise StoreError(f"{self.place} cannot be used ({error.sqlite_errorname})", case=case) from error


def sqlite_store(*, app: str, home: str | None = None, keys: KeyHolder | None = None, **_: object) -> KeyValueStore:
    directory = os.path.join(home or os.path.expanduser("~/.local/share"), app)
    make_home(directory)  # which nobody else may enter
    buckets = SqliteBuckets(os.path.join(directory, "accounts.db"))
    return KeyValueStore(buckets, locks=LockFiles(directory), app_name=app, kind="sqlite", keys=keys)
