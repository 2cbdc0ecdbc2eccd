"""Owns how the core finds its adapters by name, through entry points, so that nobody has to name one.

`signedin.stores` holds stores by name (`keyring`, `file`, `memory`, others'), `signedin.defaults` one adapter for each
other port. A third party's store is one entry. Nothing is imported before it is asked for.
"""

import sys
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from typing import Any

from signedin.errors import ConfigurationError

STORES = "signedin.stores"
DEFAULTS = "signedin.defaults"


def default(port: str) -> Any:
    """The adapter that stands in where none is named, such as `browser` or `http`. Raises ConfigurationError."""
    return _load(DEFAULTS, port, "adapter")


def store_named(name: str) -> Any:
    """The factory of the store of this name. Raises ConfigurationError, naming those that are installed."""
    return _load(STORES, name, "store")


def _load(group: str, name: str, what: str) -> Any:
    entries = _entries(group, tuple(sys.path))
    if name not in entries.names:
        known = ", ".join(sorted(entries.names)) or "none"
        raise ConfigurationError(f"There is no {what} called {name!r}; installed: {known}.")
    return entries[name].load()


@cache
def _entries(group: str, search_path: tuple[str, ...]) -> EntryPoints:
    """What is installed along the search path; reading it takes a while, and opening asks several times."""
    return entry_points(group=group)
