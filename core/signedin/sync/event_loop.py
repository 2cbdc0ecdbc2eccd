"""Owns the event loop behind plain calls: on a daemon thread of its own, there for one call or one block.

It holds no process back, and nothing of it is there between calls, so nothing can be lost in a fork. A caller that
gives up, with Ctrl-C for one, cancels what it began; exchanges go on all the same, as they belong to the account.
"""

import os
from collections.abc import Callable, Coroutine, Generator
from concurrent import futures
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
from anyio.from_thread import BlockingPortal

from signedin.errors import MisuseError
from signedin.waiting import apart, hold

Result = TypeVar("Result")


def run(call: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """What comes of an async call, waited for on this thread, whether a loop runs here or not."""
    with EventLoop() as loop:
        return loop.run(call)


class EventLoop:
    """A loop for the length of a block; a block that is left by an error cancels what still runs in it.

    A child that was forked within the block has none: there it raises MisuseError, and leaving is harmless.
    """

    def __enter__(self) -> Self:
        self._process = os.getpid()
        opened: Future[BlockingPortal] = Future()
        self._over = apart(lambda: _serve(opened))
        try:
            self._portal = hold(opened)
        except BaseException:
            if not opened.cancel() and opened.exception() is None:  # interrupted, when it was just there
                self._portal = opened.result()
                self._stop(cancel=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if os.getpid() == self._process:
            self._stop(cancel=kind is not None)

    def run(self, call: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What comes of an async call within this loop."""
        if os.getpid() != self._process:
            raise MisuseError("This began in the process that forked this one, and goes on there alone.")
        running: Future[Result] = self._portal.start_task_soon(call)
        try:
            return hold(running)
        except BaseException:
            running.cancel()
            raise

    @contextmanager
    def entered(self, block: AbstractAsyncContextManager[Result]) -> Generator[Result]:
        """An async block as a plain one; of the plain one's error it is not told, for Ctrl-C would end its loop."""
        entering = self._portal.wrap_async_context_manager(block)
        held = hold(apart(entering.__enter__))
        try:
            yield held
        finally:
            if os.getpid() == self._process:
                entering.__exit__(None, None, None)

    def _stop(self, *, cancel: bool) -> None:
        self._portal.call(self._portal.stop, cancel)
        futures.wait([self._over])


def _serve(opened: "Future[BlockingPortal]") -> None:
    async def serve() -> None:
        async with BlockingPortal() as portal:
            opened.set_result(portal)
            await portal.sleep_until_stopped()

    try:
        anyio.run(serve)
    except BaseException as error:
        if opened.done():
            raise
        opened.set_exception(error)  # no loop was to be had
