"""Owns `FakeAttempt`: a sign-in attempt that a prompt can show, and that ends when a test says so."""

import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio

from signedin import cases
from signedin.attempt import Attempt
from signedin.errors import SignInFailed
from signedin.sign_in import SIGN_IN_SECONDS
from signedin.waiting import wait

if TYPE_CHECKING:
    from signedin.code_exchange import CodeExchange


class FakeAttempt(Attempt):
    """An `Attempt` without account, listener or server. For tests of a prompt or a sign-in screen.

    It ends by `finish`, and as a real one does: by `cancel`, `fail`, or its `deadline`, ten minutes from now unless
    said (Unix seconds). `submitted` is what was pasted, of which nothing comes; `cancelled` whether it was given up,
    `failed` the case that the prompt named. `judge` looks at what is pasted, and raises CallbackRejected for what is
    no answer.
    """

    def __init__(
        self,
        *,
        url: str = "https://id.example/authorize?client_id=acme&state=good",
        short_url: str | None = "http://127.0.0.1:49152/",
        user_code: str | None = None,
        complete_url: str | None = None,
        deadline: float | None = None,
        ways: tuple[str, ...] = ("browser", "paste"),
        app_name: str = "Acme Notes",
        asks: tuple[str, ...] = ("see your e-mail address", "stay signed in"),
        judge: Callable[[str], object] = lambda pasted: None,
    ) -> None:
        self.id, self.ways = "a1b2c3d4e5f60718", ways
        self.deadline = time.time() + SIGN_IN_SECONDS if deadline is None else deadline
        self.url, self.short_url = url, short_url
        self.user_code, self.complete_url = user_code, complete_url
        self.app_name, self.asks = app_name, asks
        self.submitted: list[str] = []
        self.cancelled = False
        self.failed: str | None = None
        self._judge = judge
        self._ended: Future[str | None] = Future()
        self._told: str | None = None

    def finish(self, case: str | None = None) -> None:
        """End it, from any thread: with a session, or with the case of what went wrong. Harmless once it is over."""
        with suppress(InvalidStateError):
            self._ended.set_result(case)

    async def submit(self, pasted: str) -> None:
        """Keep it, and judge it."""
        self.submitted.append(pasted)
        self._judge(pasted)

    async def run(self) -> None:
        """Until it is over; the deadline is kept here."""
        with anyio.move_on_after(self.deadline - time.time()):
            await wait(self._ended)
        self.finish(self.timeout_case)

    async def done(self) -> None:
        """Wait for the end, whatever brings it. Raises SignInFailed with the case; returns after `finish()`."""
        await self.run()
        case = self._ended.result()
        if case is not None:
            raise SignInFailed(f"{self._told or cases.find(case).title}.", case=case)

    def cancel(self) -> None:
        """Remember it, and end."""
        self.cancelled = True
        self.finish("login-cancelled")

    def fail(self, case: str, message: str | None = None) -> None:
        """Remember the case, and end with it."""
        self.failed = case
        if not self._ended.done():
            self._told = message
        self.finish(case)

    def begin(self, code_exchange: "CodeExchange") -> None:
        """There is no account to be told."""

    def end(self, case: str | None, *, saved: bool) -> None:
        """As the account does it: `finish`."""
        self.finish(case)
