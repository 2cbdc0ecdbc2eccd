"""Owns `FakeAttempt`: a sign-in attempt that a prompt can show, and of which nothing comes."""

from collections.abc import Callable

import anyio

from signedin.attempt import Attempt


class FakeAttempt(Attempt):
    """An `Attempt` without account, listener or server; it never ends. For tests of a prompt or a sign-in screen.

    `submitted` is what was pasted, `cancelled` whether it was given up, `failed` the case that the prompt named.
    `judge` looks at what is pasted, and raises CallbackRejected for what is no answer.
    """

    def __init__(
        self,
        *,
        url: str = "https://id.example/authorize?client_id=acme&state=good",
        short_url: str | None = "http://127.0.0.1:49152/",
        user_code: str | None = None,
        complete_url: str | None = None,
        deadline: float = 600.0,
        ways: tuple[str, ...] = ("browser", "paste"),
        app_name: str = "Acme Notes",
        asks: tuple[str, ...] = ("see your e-mail address", "stay signed in"),
        judge: Callable[[str], object] = lambda pasted: None,
    ) -> None:
        self.id, self.deadline, self.ways = "a1b2c3d4e5f60718", deadline, ways
        self.url, self.short_url = url, short_url
        self.user_code, self.complete_url = user_code, complete_url
        self.app_name, self.asks = app_name, asks
        self.submitted: list[str] = []
        self.cancelled = False
        self.failed: str | None = None
        self._judge = judge

    async def submit(self, pasted: str) -> None:
        """Keep it, and judge it."""
        self.submitted.append(pasted)
        self._judge(pasted)

    async def run(self) -> None:
        """Nothing comes."""
        await anyio.sleep_forever()

    async def done(self) -> None:
        """It has no end."""
        await anyio.sleep_forever()

    def cancel(self) -> None:
        """Remember it."""
        self.cancelled = True

    def fail(self, case: str, message: str | None = None) -> None:
        """Remember the case."""
        self.failed = case
