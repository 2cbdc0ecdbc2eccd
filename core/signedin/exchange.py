"""Owns the threads that exchanges run on: plain, not daemons, their own.

An exchange belongs to its account and not to whoever asked for it: a caller that is cancelled, a loop that closes and
Ctrl-C leave it alone, and the process waits for it. It must end by itself: every one has a total deadline. Waiting
for it is `waiting`'s work.
"""

import threading
from collections.abc import Callable

EXCHANGE_SECONDS = 20.0
"""The total deadline of one request to a token endpoint."""
AT_ONCE = 16
"""How many exchanges of one process do their work at the same time; further ones wait for a place."""

_places = threading.BoundedSemaphore(AT_ONCE)


def start(work: Callable[[], None], *, name: str) -> None:
    """Run `work` to its end on a thread of its own; `work` must not raise.

    Where the interpreter is shutting down and gives no more threads, it runs here and now.
    """
    try:
        threading.Thread(target=_in_a_place, args=(work,), name=f"signedin {name}", daemon=False).start()
    except RuntimeError:
        work()


def _in_a_place(work: Callable[[], None]) -> None:
    with _places:
        work()
