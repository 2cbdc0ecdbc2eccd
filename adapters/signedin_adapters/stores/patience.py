"""Owns waiting for a call that may never end: on a daemon thread of its own, with a limit, and with a word to people.

The thread of a call that took too long is left behind; it cannot hold the process open.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

FOREGROUND_SECONDS = 90.0
BACKGROUND_SECONDS = 5.0
SILENCE_SECONDS = 1.0
QUESTION = "Your desktop asks to unlock the keyring that holds the key of your sign-in: look for its window."

Asking = Callable[[str], None]
"""Tells the user, in one sentence, what the desktop is waiting for."""

T = TypeVar("T")


class TookTooLong(Exception):
    """The call did not end within its limit and was left behind."""


def patiently(call: Callable[[], T], *, asking: Asking | None = None) -> T:
    """What `call` returns or raises, within 5 s; with `asking` within 90 s, and `asking` is told after a second."""
    outcome: Future[T] = Future()
    Thread(target=_run, args=(call, outcome), name="signedin keyring", daemon=True).start()
    if asking is None:
        return _within(BACKGROUND_SECONDS, outcome)
    try:
        return _within(SILENCE_SECONDS, outcome)
    except TookTooLong:
        asking(QUESTION)
        return _within(FOREGROUND_SECONDS - SILENCE_SECONDS, outcome)


def _within(seconds: float, outcome: Future[T]) -> T:
    try:
        return outcome.result(seconds)
    except TimeoutError:
        if outcome.done():
            raise
        raise TookTooLong from None


def _run(call: Callable[[], T], outcome: Future[T]) -> None:
    try:
        outcome.set_result(call())
    except BaseException as error:  # noqa: BLE001
        outcome.set_exception(error)
