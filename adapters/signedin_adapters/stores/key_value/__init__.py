"""Owns the store over any place that keeps names and bytes: the meaning is here, the place is somebody else's.

Whoever has such a place writes `Buckets` for it, and gives them to a `KeyValueStore` with locks and a holder of keys.
"""

from signedin_adapters.stores.key_file import KeyDirectory
from signedin_adapters.stores.key_value.buckets import Buckets, Locks
from signedin_adapters.stores.key_value.lock_files import LockFiles
from signedin_adapters.stores.key_value.store import KeyValueStore
from signedin_adapters.stores.keys import KeyHolder

__all__ = ["Buckets", "KeyDirectory", "KeyHolder", "KeyValueStore", "LockFiles", "Locks"]
