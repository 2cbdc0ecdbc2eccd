"""Owns `Desk`: which connection the page is about, and the sign-in that is under way on it.

It begins with the connection that it was given. Another account, another provider and a new account are connections of
its own, beside that one: the host's stays as it is, and is never closed here.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from signedin import Attempt, Connection, cases
from signedin.connection import account_of
from signedin.errors import MisuseError, SignedinError, SignInFailed
from signedin.ports import Store
from signedin.record import AccountRecord
from signedin.secret import Secret
from signedin_adapters import providers
from signedin_adapters.web.feed import Feed

State = dict[str, Any]
Remedy = Callable[[str], str]
"""Puts what is to be typed in the place of a text's `{commands}`."""
CANCELLED = "login-cancelled"
"""The case that is no trouble: whoever cancelled knows."""


class Desk:
    """One page's connection. `attempt` is what runs, `failure` the case of the last one that came to nothing.

    `home` and `store` are what the connection was opened with; others are opened with the same. `remedy` names the
    commands of the app to people. All of it is for one
    event loop of asyncio: what belongs to an attempt lives in a task there, and ends with it.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        home: str,
        store: str | Store | None,
        state: "Callable[[Desk], State]",
        remedy: Remedy,
    ) -> None:
        self.connection, self.home, self.app_name = connection, home, connection.snapshot.app
        self.remedy = remedy
        self.attempt: Attempt | None = None
        self.failure: str | None = None
        self.feed = Feed(lambda: state(self))
        self._store, self._opened = store, list[Connection]()
        self._begun: asyncio.Future[Attempt] | None = None
        self._carrying: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def begin_to_follow(self) -> None:
        """Tell the pages of the connection from now on; more than once is fine."""
        if not self.feed.follows:
            self.feed.follow(self.connection)

    async def aclose(self) -> None:
        """Give up what runs, and let go of all but the connection that was given."""
        await self.cancel()
        self.feed.close()
        while self._opened:
            await self._opened.pop().aclose()

    # signing in ----------------------------------------------------------------------------------------------------

    async def sign_in(
        self, *, device: bool, consent: bool, provider: str | None, new: bool, label: str | None
    ) -> Attempt:
        """Begin a sign-in, in place of one that runs here. Raises SignedinError where it cannot begin."""
        async with self._alone():
            connection = await self._meant(provider, new=new, label=label)
            begun: asyncio.Future[Attempt] = asyncio.get_running_loop().create_future()
            carrying = asyncio.create_task(self._carry(connection, begun, device=device, consent=consent))
            self._begun, self._carrying = begun, carrying
            try:
                return await begun
            except asyncio.CancelledError:
                carrying.cancel()  # nobody is left to be told of it
                raise

    async def paste(self, url: str) -> None:
        """Take the address that a browser elsewhere ended on. Raises CallbackRejected, which ends nothing."""
        if self.attempt is None:
            raise MisuseError("No sign-in is under way: begin one first.")
        await self.attempt.submit(url)

    async def cancel(self) -> None:
        """Give up what runs here, and wait until it is over."""
        async with self._alone():
            pass

    async def sign_in_with_key(self, key: Secret, *, provider: str | None, new: bool, label: str | None) -> None:
        """Sign in with an API key. Raises SignedinError with the case."""
        async with self._alone():
            connection = await self._meant(provider, new=new, label=label)
            try:
                await connection.sign_in_with_key(key)
                self._turn_to(connection)
            finally:
                await self._tidy_up()

    async def sign_out(self, *, revoke: bool) -> bool | None:
        """Sign out, and give up a sign-in that runs here. What the provider said of it: see `Connection.sign_out`."""
        async with self._alone():
            return await self.connection.sign_out(revoke=revoke)

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None]:
        """One thing at a time, and nothing else under way. What only begins gives way: a provider may never answer."""
        if self._carrying is not None and self._begun is not None and not self._begun.done():
            self._begun.set_exception(SignInFailed("Something else was begun on this page.", case=CANCELLED))
            self._carrying.cancel()
        async with self._turn:
            await self._stop()
            yield

    async def _stop(self) -> None:
        self.failure = None
        if self._carrying is not None and not self._carrying.done():
            if self.attempt is not None:
                self.attempt.cancel()
            await asyncio.wait({self._carrying})

    async def _carry(
        self, connection: Connection, begun: "asyncio.Future[Attempt]", *, device: bool, consent: bool
    ) -> None:
        """The attempt's own life: it belongs to the task that opened it, and no request lasts so long."""
        before = self.connection
        try:
            self._turn_to(connection)  # before its first step, which is part of what is told
            async with connection.authorize(device=device, consent=consent) as attempt:
                self.attempt = attempt
                self.feed.changed()
                begun.set_result(attempt)
                await attempt.done()
        except Exception as error:
            if not begun.done():
                begun.set_exception(error)  # it is told to who asked
            elif isinstance(error, SignedinError):
                self.failure = error.case if error.case in cases.CASES and error.case != CANCELLED else None
            else:
                raise
        finally:
            begun.cancel()
            if self.attempt is None or connection.needs_sign_in:
                self._turn_to(before)
            self.attempt = None
            self.feed.changed()
            await self._tidy_up()

    # which one ------------------------------------------------------------------------------------------------------

    async def switch(self, account_id: str) -> None:
        """Turn to another account of this app. Raises MisuseError where there is none of this id."""
        record = self._record(account_id)
        async with self._alone():
            if record.id != self.connection.snapshot.account_id:
                self._turn_to(await self._open(provider=record.provider, label=record.label))
                await self._tidy_up()

    def _record(self, account_id: str) -> AccountRecord:
        for record in self.connection.accounts():
            if record.id == account_id:
                return record
        raise MisuseError("There is no such account here any more. Reload the page.")

    async def _meant(self, provider: str | None, *, new: bool, label: str | None) -> Connection:
        """The connection that a sign-in is about: the page's own, or another that begins here."""
        new = new or label is not None
        if not new and provider in (None, self.connection.provider.name):
            return self.connection
        return await self._open(provider=provider or self.connection.provider.name, label=label, new=new)

    async def _open(self, *, provider: str, label: str | None, new: bool = False) -> Connection:
        account = account_of(self.connection)
        opened = await Connection.open(
            app_name=self.app_name,
            account=label,
            new=new,
            provider=providers.find(provider, home=self.home),
            store=self._store,
            home=self.home,
            http=account.http,
            clock=account.clock,
        )
        self._opened.append(opened)
        return opened

    def _turn_to(self, connection: Connection) -> None:
        self.connection = connection
        self.feed.follow(connection)

    async def _tidy_up(self) -> None:
        """Let go of what was opened here and is no longer shown."""
        for opened in [each for each in self._opened if each is not self.connection]:
            self._opened.remove(opened)
            await opened.aclose()
