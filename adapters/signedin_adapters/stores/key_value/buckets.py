"""Owns what a place has to offer to hold accounts: buckets of names and bytes, and locks.

What lies there is sealed where it is secret, so a place guards no secret of its own. The names of buckets and locks are
letters, digits and hyphens.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Buckets(Protocol):
    """A few items each, of up to about 64 KiB: one bucket for the app, and one for each account.

    Every method is synchronous, may block for a moment, is called from any thread but by one at a time in a process,
    and no process forks meanwhile. Each raises StoreError alone, whose case says what is wrong:
    "disk-full-or-readonly", "file-permission-or-owner", "file-corrupt-truncated", else "store-unavailable".
    """

    place: str
    """Where they lie: two objects of the same place hold the same buckets."""

    def read(self, bucket: str) -> dict[str, bytes]:
        """The items of a bucket as one transaction left them; none where there is no such bucket."""
        ...

    def transaction(self, bucket: str) -> AbstractContextManager[dict[str, bytes]]:
        """Sole access to a bucket among all processes: what is changed in the dict is kept at the end of the block.

        It is durable then, and whole; after an error in the block, or at the end of it, everything is as it was.
        """
        ...


class Locks(Protocol):
    """Locks among all processes that share the place. Each ends with its holder's process, however that ends."""

    def lock(
        self, name: str, *, deadline: float, meanwhile: Callable[[], None] = lambda: None
    ) -> AbstractContextManager[object]:
        """Hold the lock for the length of the block, waiting for it until `deadline` (monotonic seconds).

        StoreError(case="lock-timeout") after that. `meanwhile` is called again and again in the wait, and ends it by
        raising. It may be entered on one thread and left on another; a forked child neither holds nor frees it.
        """
        ...

    def held(self, name: str) -> bool:
        """Whether somebody holds it now, this process included. Never waits and never raises."""
        ...
