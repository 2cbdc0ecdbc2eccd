"""Owns the threads that exchanges run on: plain, not daemons, their own.

An exchange belongs to its account and not to whoever asked for it: a caller that is cancelled, a loop that closes and
Ctrl-C leave it alone, and the process waits for it. It must end by itself: every one has a total deadline. Waiting
for it is `waiting`'s work.
"""

import sys
import threading
from collections.abc import Callable
from functools import partial

EXCHANGE_SECONDS = 20.0
"""The total deadline of one request to a token endpoint."""
AT_ONCE = 16
"""How many exchanges of one process do their work at the same time; further ones wait for a place."""


class NoThread(Exception):
    """The system gives this process no further thread now."""


_places = threading.BoundedSemaphore(AT_ONCE)


def begin_again() -> None:
    """In a forked child: those who held the places were threads of its parent."""
    global _places
    _places = threading.BoundedSemaphore(AT_ONCE)


def start(work: Callable[[], None], *, name: str, at_once: bool = False) -> None:
    """Run `work` to its end on a thread of its own; `work` must not raise. With `at_once` it waits for no place.

    Where the interpreter is shutting down and gives no more threads, it runs here and now. Raises NoThread where the
    system gives none; then nothing was begun.
    """
    target = work if at_once else partial(_in_a_place, work)
    try:
        threading.Thread(target=target, name=f"signedin {name}", daemon=False).start()
    except RuntimeError as error:
        if not _is_shutting_down():
            raise NoThread from error
        work()


def _is_shutting_down() -> bool:
    """Whether the main thread is over, and with it every event loop that it ran."""
    return sys.is_finalizing() or not threading.main_thread().is_alive()


def _in_a_place(work: Callable[[], None]) -> None:
    with _places:
        work()
