"""A store of your own: the accounts in an SQLite file, their tokens sealed under a key in the OS keyring.

Use it so: `Connection.open(app_name="Acme Notes", store=sqlite_store(app="Acme Notes"))`.
"""

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress

from signedin.errors import StoreError
from signedin_adapters.stores.durable import make_home
from signedin_adapters.stores.home import slug
from signedin_adapters.stores.key_value import KeyHolder, KeyValueStore, LockFiles

TABLE = "CREATE TABLE IF NOT EXISTS items (bucket TEXT, name TEXT, data BLOB NOT NULL, PRIMARY KEY (bucket, name))"
READ = "SELECT name, data FROM items WHERE bucket = ?"
FULL = dict.fromkeys((sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY), "disk-full-or-readonly")
DAMAGED = dict.fromkeys((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB), "file-corrupt-truncated")
CASES = {sqlite3.SQLITE_CANTOPEN: "file-permission-or-owner", **FULL, **DAMAGED}


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
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)  # Python's own errors have none
            name, case = getattr(error, "sqlite_errorname", "no text"), CASES.get(code & 0xFF)  # the plain code
            raise StoreError(f"{self.place} cannot be used ({name})", case=case) from error


def sqlite_store(*, app: str, home: str | None = None, keys: KeyHolder | None = None, **_: object) -> KeyValueStore:
    make_home(directory := os.path.join(home or os.path.expanduser("~/.local/share"), slug(app)))
    path = os.path.join(directory, "accounts.db")
    with suppress(OSError):  # which SQLite meets again, and names
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # nobody else's to read
    return KeyValueStore(SqliteBuckets(path), locks=LockFiles(directory), app_name=app, kind="sqlite", keys=keys)
