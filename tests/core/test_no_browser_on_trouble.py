"""Trouble is not asked away: with a session that is stored, `ensure_signed_in` opens a browser 0 times.

Each trouble is there when a program starts whose token has run out. Once it is over, the session serves again.
"""

import errno
import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import keyring.errors
import pytest
from tests.support.connected import announce
from tests.support.fake_keyring import FakeKeyring
from tests.support.keyrings import raising
from tests.support.stage import APP, Stage

from signedin import ConnectionFailed, SignInFailed, sync
from signedin.connection import Opening
from signedin.testing import FakeClock
from signedin_adapters import browser
from signedin_adapters.http import HttpxClient
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores import durable, keyring_key

DAY = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stage, how its server is switched off, the time there, and what may be made to fail."""

    stage: Stage
    server: ExitStack
    time_there: FakeClock
    patch: pytest.MonkeyPatch

    def a_day_passes(self) -> None:
        """Everywhere."""
        self.stage.clock.advance(DAY)
        self.time_there.advance(DAY)

    async def sign_in(self) -> None:
        """Ada signs in, with her key in the keyring, and the program ends; then her token runs out."""
        async with self.stage.signed_in(store="keyring"):
            pass
        self.stage.restart()
        self.a_day_passes()

    def start(self) -> Opening:
        """The next program, which gave no prompt."""
        return self.stage.open(prompt=None, store="keyring")

    def start_plain(self) -> sync.Connection:
        """The same for threads."""
        stage = self.stage
        return sync.Connection.open(
            app_name=APP, provider="sandbox", store="keyring", home=stage.home, clock=stage.clock, http=stage.http
        )


Trouble = Callable[[Place], AbstractContextManager[None]]


@contextmanager
def answered_with(fault: str, place: Place) -> Generator[None]:
    """The server plays this, whatever it is asked."""
    place.stage.sandbox.faults.inject(fault, None)
    yield
    place.stage.sandbox.faults.clear()


@contextmanager
def offline(place: Place) -> Generator[None]:
    """Nobody listens where the server was."""
    place.server.close()
    yield
    place.server.enter_context(place.stage.sandbox.running(place.stage.sandbox.port))


@contextmanager
def full_disk(place: Place) -> Generator[None]:
    """Not a byte more can be written."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with place.patch.context() as patch:
        patch.setattr(durable, "_write_all", refuse)
        yield


@contextmanager
def locked_keyring(place: Place) -> Generator[None]:
    """The desktop was left alone; it is unlocked, and the minute is over in which a refusal is believed."""
    raising(keyring.errors.KeyringLocked())
    yield
    FakeKeyring.before = staticmethod(lambda: None)
    place.patch.setattr(keyring_key, "REFUSED_SECONDS", 0.0)


@contextmanager
def clock_set(seconds: float, place: Place) -> Generator[None]:
    """This machine's clock is wrong by that much."""
    place.stage.clock.advance(seconds)
    yield
    place.stage.clock.advance(-seconds)


REFUSING: dict[str, Trouble] = {
    "a 503": partial(answered_with, "token-503"),
    "a 429": partial(answered_with, "token-429"),
    "a 502 with a page": partial(answered_with, "token-html"),
    "a 200 with a page": partial(answered_with, "token-portal"),
    "a 200 with an error": partial(answered_with, "token-200-error"),
    "a challenge for browsers": partial(answered_with, "token-challenge"),
    "no answer": partial(answered_with, "token-close"),
    "being offline": offline,
    "a full disk": full_disk,
    "a locked keyring": locked_keyring,
}
"""What leaves a program without a token."""
HARMLESS: dict[str, Trouble] = {
    "a server ten minutes ahead": partial(answered_with, "date-ahead"),
    "a clock a year ahead": partial(clock_set, 365 * DAY),
    "a clock a year behind": partial(clock_set, -365 * DAY),
}
"""What is a trouble of the clock alone: tokens are renewed all the same."""


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a browser was asked to show. There is none here."""
    shown: list[str] = []

    def show(url: str) -> bool:
        shown.append(url)
        return False

    monkeypatch.setattr(browser, "open_browser", show)
    return shown


@pytest.fixture
def place(
    moved_clock: FakeClock,
    http: HttpxClient,
    tmp_path: Path,
    pretended_keyring: type[FakeKeyring],
    monkeypatch: pytest.MonkeyPatch,
) -> Generator[Place]:
    """A server of its own, which minds no early refresh, and a keyring that is well."""
    moved_clock.offset = 0.0
    time_there = FakeClock()
    sandbox = Sandbox(auto_approve=True, earliest_refresh_at="absent", clock=time_there)
    with ExitStack() as server:
        server.enter_context(sandbox.running())
        announce(sandbox, str(tmp_path))
        stage = Stage(sandbox=sandbox, home=str(tmp_path), clock=moved_clock, http=http)
        yield Place(stage=stage, server=server, time_there=time_there, patch=monkeypatch)
        stage.give_up()


@pytest.mark.parametrize("trouble", REFUSING)
async def test_who_can_have_no_token_is_not_sent_to_a_browser(trouble: str, place: Place, opened: list[str]) -> None:
    """Neither at the start nor once the trouble was met; and nobody has to sign in afterwards."""
    await place.sign_in()
    with REFUSING[trouble](place):
        async with place.start() as connection:
            await connection.ensure_signed_in()
            with pytest.raises(ConnectionFailed):
                await connection.get_access_token()
            await connection.ensure_signed_in()
            assert not connection.needs_sign_in
    place.a_day_passes()
    async with place.start() as connection:
        await connection.ensure_signed_in()
        await connection.get_access_token()
        assert connection.snapshot.generation == 2
    assert opened == []


@pytest.mark.parametrize("trouble", HARMLESS)
async def test_a_wrong_clock_sends_nobody_to_a_browser(trouble: str, place: Place, opened: list[str]) -> None:
    """The token is renewed, and served."""
    await place.sign_in()
    with HARMLESS[trouble](place):
        async with place.start() as connection:
            await connection.ensure_signed_in()
            await connection.get_access_token()
            await connection.ensure_signed_in()
    async with place.start() as connection:
        await connection.get_access_token()
        assert not connection.needs_sign_in
    assert opened == []


@pytest.mark.parametrize("trouble", REFUSING | HARMLESS)
def test_nor_does_a_program_of_threads(trouble: str, place: Place, opened: list[str]) -> None:
    """The same surface, and the same peace."""
    anyio.run(place.sign_in)
    with (REFUSING | HARMLESS)[trouble](place), place.start_plain() as connection:
        for _ in range(2):
            connection.ensure_signed_in()
            with suppress(ConnectionFailed):
                connection.get_access_token()
        assert not connection.needs_sign_in
    place.a_day_passes()
    with place.start_plain() as connection:
        connection.get_access_token()
    assert opened == []


async def test_where_nobody_is_signed_in_a_browser_is_asked_for(place: Place, opened: list[str]) -> None:
    """Once: so these tests would see it."""
    async with place.start() as connection:
        with pytest.raises(SignInFailed):
            await connection.ensure_signed_in()
    assert len(opened) == 1
