"""A connection at a sandbox, and its page on a real socket: what a browser is pointed at."""

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import anyio
from tests.support.connected import announce
from tests.support.page import served
from tests.support.stage import TOKEN, HeldBack, Visitor

from signedin import Connection
from signedin_adapters.sandbox import FaultSpec, Sandbox
from signedin_adapters.web import WebApp, create_app

APP = "Acme Notes"
AGAIN = "Run `signedin web` again: it opens the page anew."
BEGIN = "Continue with Sandbox on this machine"
"""The one button of a page on which nobody is signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebStage:
    """The connection, its page, and where that is served. The sandbox's clock is the connection's, too."""

    sandbox: Sandbox
    connection: Connection
    page: WebApp
    port: int

    @property
    def address(self) -> str:
        """A new address, which lets one browser in."""
        return self.page.address(f"http://127.0.0.1:{self.port}")

    def sign_in(self, person: str = "ada", *, allow_plan: bool = True) -> None:
        """Sign in without the page."""
        visitor = Visitor(sandbox=self.sandbox, person=person, allow_plan=allow_plan)
        anyio.run(lambda: self.connection.sign_in(prompt=visitor))

    def arm(self, fault: str) -> None:
        """Make something go wrong; see `signedin sandbox --list-faults`."""
        self.sandbox.faults.add(FaultSpec.parse(fault))

    @contextmanager
    def refresh_held(self) -> Generator[HeldBack]:
        """The next refresh is carried out, and its answer waits; nothing else is served meanwhile."""
        held = HeldBack(TOKEN)
        self.sandbox.on_request = held
        try:
            yield held
        finally:
            held.release()
            self.sandbox.on_request = None


@contextmanager
def opened(home: str, *, provider: str = "sandbox", clock: Callable[[], float] = time.time) -> Generator[Connection]:
    """A connection of the sandbox that this home knows."""

    async def opening() -> Connection:
        return await Connection.open(app_name=APP, provider=provider, store="file", home=home, clock=clock)

    connection = anyio.run(opening)
    try:
        yield connection
    finally:
        anyio.run(connection.aclose)


@contextmanager
def staged(sandbox: Sandbox, home: str, *, provider: str = "sandbox", port: int = 0) -> Generator[WebStage]:
    """A connection of this home on which nobody has signed in yet, and its page."""
    os.makedirs(home, mode=0o700, exist_ok=True)
    announce(sandbox, home)
    with opened(home, provider=provider, clock=sandbox.clock) as connection:
        page = create_app(connection, home=home, store="file", again=AGAIN)
        try:
            with served(page, port) as port:
                yield WebStage(sandbox=sandbox, connection=connection, page=page, port=port)
        finally:
            anyio.run(page.aclose)
