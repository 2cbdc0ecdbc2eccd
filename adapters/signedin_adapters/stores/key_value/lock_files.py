"""Owns the locks of a store whose processes run on one machine: kernel locks on files in a directory."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

from signedin_adapters.stores import durable
from signedin_adapters.stores.lock import Lock, held


class LockFiles:
    """`Locks` in a directory on a local disk, which is made when it is needed: 0700, and of nobody else."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self._directory = os.path.abspath(directory)

    def lock(
        self, name: str, *, deadline: float, meanwhile: Callable[[], None] = lambda: None
    ) -> AbstractContextManager[object]:
        """The kernel's lock on the file of this name."""
        durable.make_home(self._directory)
        return Lock(self._path(name), deadline=deadline, meanwhile=meanwhile)

    def held(self, name: str) -> bool:
        """Asked of the kernel."""
        return held(self._path(name))

    def _path(self, name: str) -> str:
        return os.path.join(self._directory, f"{name}.lock")
