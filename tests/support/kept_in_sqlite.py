"""The store of `examples/sqlite_store.py` as a package brings it that is installed: by a name, for processes as well.

Its keys lie in files: the machine's keyring is not asked.
"""

import os
from pathlib import Path

from tests.support.nursery import PYTHONPATH, ROOT

from signedin_adapters.stores.key_value import KeyDirectory, KeyValueStore
from sqlite_store import sqlite_store

ENTRY_POINTS = f"[signedin.stores]\nsqlite = {__name__}:open_store\n"


def open_store(*, app: str, home: str, **_: object) -> KeyValueStore:
    """What the entry names."""
    return sqlite_store(app=app, home=home, keys=KeyDirectory(os.path.join(home, "keys")))


def install(directory: Path) -> dict[str, str]:
    """Have the package lie in the directory. The environment in which a process finds it."""
    about = directory / "sqlite_store-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: sqlite-store\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    return {"PYTHONPATH": os.pathsep.join([PYTHONPATH, str(ROOT / "examples"), str(directory)])}
