"""A stage for the account level: a running sandbox, a home, a clock that can be moved, and a visitor at the browser."""

import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx

from signedin import Attempt, Connection, State, Transition, opening
from signedin.connection import Opening
from signedin.context import Context
from signedin.ports import Http
from signedin.testing import FakeClock
from signedin.testing.no_tls import no_tls
from signedin_adapters.sandbox import RequestRecord, Sandbox

TOKEN = "/api/accounts/oauth/token"
REVOKE = "/api/accounts/oauth/revoke"
APP = "Acme Notes"
PATIENCE = 10.0
"""Seconds after which a test that waits has failed."""


@dataclass(kw_only=True)
class Visitor:
    """A prompt that plays the person: signs in at the sandbox and lets the browser go back to the app.

    `page` is what the browser shows in the end, `status` its status. Further fields are `Sandbox.sign_in`'s.
    """

    sandbox: Sandbox
    allow_plan: bool = True
    deny: bool = False
    person: str = "ada"
    page: str = ""
    status: int = 0

    async def __call__(self, attempt: Attempt) -> None:
        callback_url = await self.decide(attempt)
        answer = await anyio.to_thread.run_sync(browse, callback_url)
        self.page, self.status = answer.text, answer.status_code

    async def decide(self, attempt: Attempt) -> str:
        """Sign in and consent; where the browser would go next."""
        return await anyio.to_thread.run_sync(
            lambda: self.sandbox.sign_in(attempt.url, self.person, allow_plan=self.allow_plan, deny=self.deny)
        )


class PastingVisitor(Visitor):
    """A person whose browser cannot reach the app, and who pastes where it ended."""

    async def __call__(self, attempt: Attempt) -> None:
        await attempt.submit(await self.decide(attempt))


@dataclass(kw_only=True)
class Stage:
    """Everything a connection needs, on this machine."""

    sandbox: Sandbox
    home: str
    clock: FakeClock
    http: Http

    def open(self, **settings: Any) -> Opening:
        """`Connection.open` with the stage's own settings."""
        usual: dict[str, Any] = {
            "app_name": APP,
            "provider": "sandbox",
            "home": self.home,
            "prompt": self.visitor(),
            "clock": self.clock,
            "http": self.http,
        }
        return Connection.open(**(usual | settings))

    def visitor(self, **choices: Any) -> Visitor:
        """Somebody who comes back through the loopback listener."""
        return Visitor(sandbox=self.sandbox, **choices)

    @asynccontextmanager
    async def signed_in(self, **settings: Any) -> AsyncGenerator[Connection]:
        """A connection that Ada has signed in with; the request log begins after that."""
        async with self.open(**settings) as connection:
            await connection.sign_in()
            self.sandbox.requests.clear()
            yield connection

    def give_up(self) -> None:
        """Nobody goes on trying to save what a test left in memory alone."""
        for account in tuple(opening._accounts):
            account._standing = State.DISCONNECTED, Context()
            account.timekeeper.look_again()

    def restart(self) -> None:
        """As if another process opened the accounts from here on."""
        opening.forget_open_accounts()

    @asynccontextmanager
    async def elsewhere(self) -> AsyncGenerator[Connection]:
        """A connection as another process would have it: nothing of it is shared but the files."""
        here = tuple(opening._accounts)
        self.restart()
        try:
            async with self.open() as connection:
                yield connection
        finally:
            self.restart()
            opening._accounts.update(here)

    def asked(self, path: str) -> int:
        """How often the sandbox was asked for this path."""
        return sum(record.path == path for record in self.sandbox.requests)

    @property
    def refreshes(self) -> int:
        """How often the token endpoint was asked."""
        return self.asked(TOKEN)

    @contextmanager
    def holding_back(self, path: str) -> Generator["HeldBack"]:
        """The sandbox does what it is asked at `path`, and its answer waits until it is released."""
        held = HeldBack(path)
        self.sandbox.on_request = held
        try:
            yield held
        finally:
            held.release()
            self.sandbox.on_request = None


class HeldBack:
    """Answers that wait; nothing else is served meanwhile."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._arrived, self._released = threading.Event(), threading.Event()

    def __call__(self, record: RequestRecord) -> None:
        """The sandbox is about to answer."""
        if record.path == self._path:
            self._arrived.set()
            self._released.wait(PATIENCE)

    async def arrived(self) -> None:
        """Wait until the request came and was carried out."""
        assert await anyio.to_thread.run_sync(self._arrived.wait, PATIENCE)

    def wait_for_arrival(self) -> None:
        """The same, for threads."""
        assert self._arrived.wait(PATIENCE)

    def release(self) -> None:
        """Let the answers go."""
        self._released.set()


def browse(url: str) -> httpx.Response:
    """Open a URL as a browser does, following redirects."""
    return _get(url, follow=True)


def first_answer(url: str) -> httpx.Response:
    """Open a URL and follow nothing."""
    return _get(url, follow=False)


def _get(url: str, *, follow: bool) -> httpx.Response:
    with httpx.Client(verify=no_tls(), trust_env=False, follow_redirects=follow, timeout=PATIENCE) as browser:
        return browser.get(url)


async def until(connection: Connection, holds: Callable[[], bool]) -> None:
    """Wait until something holds that a transition brings about."""
    stream = connection.transitions()
    try:
        with anyio.fail_after(PATIENCE):
            while not holds():
                await anext(stream)
    finally:
        await stream.aclose()


def join_threads() -> None:
    """All threads of ours come to their end by themselves; one may start another at its own."""
    while ours := [thread for thread in threading.enumerate() if _ends(thread.name)]:
        for thread in ours:
            thread.join(PATIENCE)
            assert not thread.is_alive(), thread.name


def _ends(name: str) -> bool:
    """Whether it is a thread of ours that ends by itself; the one for the deadlines goes on while it is needed."""
    return name.startswith(("signedin ", "signedin's ")) and name != "signedin deadlines"


async def at_rest() -> None:
    """All that is under way is over, also what nobody waits for. Not while somebody listens: that thread goes on."""
    await anyio.to_thread.run_sync(join_threads)


def case_of(connection: Connection) -> str | None:
    """The id of what is wrong."""
    return None if connection.case is None else connection.case.id


@contextmanager
def watching(connection: Connection) -> Generator[list[Transition]]:
    """Everything that happens to the connection meanwhile."""
    seen: list[Transition] = []
    with connection.subscribe(seen.append):
        yield seen
