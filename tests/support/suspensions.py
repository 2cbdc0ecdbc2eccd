"""Cancelling a coroutine where it waits: at its first suspension, at its second, and so on to its end."""

from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any

import anyio
from tests.support.stage import PATIENCE


class _Suspended:
    """Awaits something; calls `at_last` just before its task is suspended for the last of `left` times."""

    def __init__(self, awaited: Awaitable[object], left: int, at_last: Callable[[], object]) -> None:
        self._awaited, self.left, self._at_last = awaited, left, at_last

    def __await__(self) -> Generator[Any, Any, None]:
        inner = self._awaited.__await__()
        resume: Callable[[], Any] = partial(next, inner)
        while True:
            try:
                waits_for = resume()
            except StopIteration:
                return
            self.left -= 1
            if self.left == 0:
                self._at_last()
            try:
                resume = partial(inner.send, (yield waits_for))
            except BaseException as error:
                resume = partial(inner.throw, error)


async def cancelled_at(number: int, awaited: Awaitable[object]) -> bool:
    """Cancel it at that suspension of its task; whether it came to that, or to its end before.

    What it raises is raised. Fails where it does not end soon after it was cancelled.
    """
    with anyio.fail_after(PATIENCE), anyio.CancelScope() as scope:
        suspended = _Suspended(awaited, number, scope.cancel)
        await suspended
    return scope.cancel_called
