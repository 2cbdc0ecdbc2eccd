"""Owns refreshing a list of models while an older one is shown: one request at a time to an account, on a thread.

The thread ends with its request, so nothing is there while idle, and it holds no process back. It raises nothing: what
became of it lies with the list (`ModelList.case`), for whoever looks next.
"""

import os
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock
from weakref import WeakKeyDictionary

import anyio

from signedin.account import Account
from signedin.errors import SignedinError
from signedin.waiting import apart

_lock = Lock()
_under_way: WeakKeyDictionary[Account, "tuple[int, Future[None]]"] = WeakKeyDictionary()


def start(account: Account, refresh: Callable[[], Awaitable[object]]) -> None:
    """Begin `refresh` in an event loop of its own, unless one is under way for the account."""
    with _lock:
        if under_way(account) is None:
            _under_way[account] = os.getpid(), apart(lambda: _do(refresh))


def under_way(account: Account) -> "Future[None] | None":
    """What is under way, as a future that is done when it has ended; None where nothing is, or in the parent alone."""
    process, running = _under_way.get(account, (0, None))
    return running if process == os.getpid() and running is not None and not running.done() else None


def _do(refresh: Callable[[], Awaitable[object]]) -> None:
    async def quietly() -> None:
        with suppress(SignedinError):
            await refresh()

    anyio.run(quietly)


def _begin_again() -> None:
    """In a forked child: whoever held the lock is the parent's."""
    global _lock
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_again)
