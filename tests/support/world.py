"""What the processes of a test share: a home, a server with its own record, a clock."""

from dataclasses import dataclass
from pathlib import Path

from tests.support.app_process import AppProcess, Standing
from tests.support.fork_process import ForkingProcess
from tests.support.nursery import Nursery
from tests.support.shared_clock import SharedClock
from tests.support.token_desk import TOKEN, TokenDesk

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.grants import Grant

LIFETIME = 3600
"""Seconds that an access token lives, unless a test says otherwise."""


def connected(generation: int, *, in_doubt: bool = False) -> Standing:
    """Where an account stands that is well, but perhaps for a doubt."""
    return Standing(state="connected", generation=generation, in_doubt=in_doubt)


@dataclass(kw_only=True)
class World:
    """One test's, until its end. `desk` stands before the token endpoint of the sandbox."""

    home: Path
    sandbox: Sandbox
    desk: TokenDesk
    clock: SharedClock
    clock_file: Path
    nursery: Nursery

    def app(self, runner: str = "asyncio") -> AppProcess:
        """Another process."""
        return AppProcess(self.home, store="file", nursery=self.nursery, clock=self.clock_file, runner=runner)

    def forking_app(self, *, store: str = "file") -> ForkingProcess:
        """Another one, which forks."""
        return ForkingProcess(self.home, store=store, nursery=self.nursery, clock=self.clock_file)

    def errand(self, runner: str, command: str, *, interrupted_at: str) -> AppProcess:
        """A process that does one thing and is interrupted at it."""
        return AppProcess(
            self.home,
            store="file",
            nursery=self.nursery,
            clock=self.clock_file,
            runner=runner,
            errand=(command, interrupted_at),
        )

    def expire(self) -> None:
        """Every access token runs out."""
        self.clock.advance(self.sandbox.access_ttl + 1)

    @property
    def grant(self) -> Grant:
        """The newest sign-in, as the server has it on record: how often it was rotated, and how it ended."""
        return self.sandbox.grants.all()[-1]

    @property
    def redemptions(self) -> list[str]:
        """How the requests to the token endpoint ended."""
        return [request.note for request in self.sandbox.requests if request.path == TOKEN]

    @property
    def visits(self) -> list[str]:
        """How the browser was received at the authorization endpoint."""
        return [request.note for request in self.sandbox.requests if request.path == "/api/accounts/authorize"]

    @property
    def secrets(self) -> set[str]:
        """The names of all files that hold a token, a key, or a word of either."""
        plain = {"account.json", "answered", "health.json", "lock", "sign-in.lock", "signed-out"}
        account = next((self.home / "apps" / "acme-notes" / "accounts").iterdir())
        return {path.name for path in account.iterdir()} - plain

    def assert_over(self) -> None:
        """The newest sign-in is over at the server, and nothing of it is left on disk: neither token nor key."""
        assert self.secrets == set()
        assert self.grant.ended == "revoked"
