"""Owns the sign-in attempt of a thread: `signedin.Attempt`, carried on in a loop that is there for one block."""

from collections.abc import Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial

from signedin import attempt
from signedin.sync.event_loop import EventLoop


class Attempt:
    """One sign-in attempt, from `Connection.authorize`; for any thread, within the block.

    What `url`, `short_url`, `user_code`, `complete_url`, `deadline`, `ways`, `app_name` and `asks` say stands at
    `signedin.Attempt`.
    """

    def __init__(self, begun: attempt.Attempt, loop: EventLoop) -> None:
        self._begun, self._loop = begun, loop
        self.id, self.deadline = begun.id, begun.deadline
        self.url, self.short_url = begun.url, begun.short_url
        self.user_code, self.complete_url = begun.user_code, begun.complete_url
        self.ways, self.app_name, self.asks = begun.ways, begun.app_name, begun.asks

    def submit(self, pasted: str) -> None:
        """Take the callback's whole URL from a person. Raises CallbackRejected, which ends nothing."""
        self._loop.run(partial(self._begun.submit, pasted))

    def done(self) -> None:
        """Wait for the end, whatever brings it. Raises SignInFailed with the case; returns once a session is held."""
        self._loop.run(self._begun.done)

    def cancel(self) -> None:
        """Give the attempt up; harmless once it is over."""
        self._begun.cancel()

    def fail(self, case: str, message: str | None = None) -> None:
        """Say that it cannot go on, with the case that says why; harmless once it is over.

        `message` is the sentence that `done` raises then, without its full stop; the case's title unless said.
        """
        self._begun.fail(case, message)


@contextmanager
def carried_on(authorize: AbstractAsyncContextManager[attempt.Attempt]) -> Generator[Attempt]:
    """The attempt that `authorize` begins, for the length of the block."""
    with EventLoop() as loop, loop.entered(authorize) as begun:
        yield Attempt(begun, loop)
