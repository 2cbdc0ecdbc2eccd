"""Owns waiting for a future: from asyncio and trio, and on plain threads. Giving up never ends what is awaited."""

import os
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future
from typing import Any, TypeVar

import anyio
from anyio.lowlevel import current_token

from signedin.classify.transport import STRANDED
from signedin.errors import TemporarilyUnavailable

HEARD_SECONDS = 0.5
"""How long a thread waits at a time. A Ctrl-C that comes just before a wait without end is only heard after it; on
Windows, none is heard in it at all."""

Result = TypeVar("Result")


async def wait(future: "Future[Result]") -> Result:
    """The future's result, in the caller's own event loop. Cancellation leaves the future as it is."""
    if future.done():
        return future.result()
    done = anyio.Event()
    wake = waker(done)
    future.add_done_callback(lambda _: wake())
    await done.wait()
    return future.result()


def hold(future: "Future[Result]") -> Result:
    """The future's result, waited for on this thread, which hears Ctrl-C within HEARD_SECONDS."""
    while not futures.wait((future,), HEARD_SECONDS).done:
        pass
    return future.result()


def waker(done: anyio.Event) -> Callable[[], None]:
    """Sets the event from any thread, without waiting for the loop; harmless once the loop is closed.

    In a forked child it does nothing: the loop is the parent's, and so is whoever holds its lock.
    """
    process = os.getpid()
    native: Any = current_token().native_token
    call_soon = native.run_sync_soon if hasattr(native, "run_sync_soon") else native.call_soon_threadsafe

    def wake() -> None:
        if os.getpid() != process:
            return
        try:
            call_soon(done.set)
        except RuntimeError:
            return  # the loop is gone, and with it whoever waited

    return wake


def apart(work: Callable[[], Result]) -> "Future[Result]":
    """Do blocking work on a daemon thread of its own: given up on, it holds neither the loop nor the process.

    For reading (a disk, a keyring), never for an exchange or a commit: those are `exchange`'s. Raises
    TemporarilyUnavailable where the system gives this process no thread now.
    """
    future: Future[Result] = Future()
    try:
        threading.Thread(target=_do, args=(work, future), name="signedin reading", daemon=True).start()
    except RuntimeError:
        raise TemporarilyUnavailable("The system gave no further thread.", case=STRANDED) from None
    return future


def _do(work: Callable[[], Result], future: "Future[Result]") -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is the waiter's
        future.set_exception(error)
