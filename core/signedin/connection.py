"""Owns `Connection`, the handle that apps hold: open it, look, sign in, use, sign out.

asyncio and trio alike. No task, timer or cancel scope stays open between calls: `open` in one task and `aclose` in
another is fine. It never prints, reads stdin, installs a signal handler or configures logging.
"""

import math
import os
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from signedin import cases, device_sign_in, key_sign_in, opening, sign_in, wiring
from signedin.account import Account
from signedin.attempt import Attempt
from signedin.context import Context
from signedin.errors import ConfigurationError, InteractionRequired, MisuseError, SignInFailed, TemporarilyUnavailable
from signedin.listeners import Listener, Subscription
from signedin.ports import Clock, Http, Log, Store
from signedin.provider import Provider
from signedin.record import AccountRecord
from signedin.secret import Secret
from signedin.session import Session
from signedin.sign_in import SIGN_IN_SECONDS, Prompt
from signedin.snapshot import Snapshot
from signedin.states import Flag, State
from signedin.transition_stream import TransitionStream
from signedin.waiting import apart, wait

if TYPE_CHECKING:
    import httpx

    from signedin.auth import ConnectionAuth


class Connection:
    """A handle on one account of one app at one provider. Many handles share one account.

    Use `Connection.open`, never the constructor. Every method may raise SignedinError; those that need a person
    raise InteractionRequired instead of asking.
    """

    def __init__(self, account: Account, prompt: Prompt | None) -> None:
        self._account, self._prompt = account, prompt
        self._subscriptions: list[Subscription | TransitionStream] = []

    @classmethod
    def open(
        cls,
        *,
        app_name: str,
        account: str | None = None,
        new: bool = False,
        provider: str | Provider | None = None,
        store: str | Store | None = None,
        home: str | os.PathLike[str] | None = None,
        prompt: Prompt | None = None,
        http: Http | None = None,
        log: Log | None = None,
        clock: Clock = time.time,
    ) -> "Opening":
        """Open a connection: `await` it, or use it in `async with`.

        `app_name` is your product's own name: users see it when they consent. `account` is a label; without one it is
        the default account, else the first; `new` begins another one of that label. `provider` is "chatgpt" unless the
        account or you say otherwise. `store` is a store or a store's name; `home` a directory in place of
        `$SIGNEDIN_HOME`; `clock` gives Unix seconds, for tests that move time. An account that is open already is
        shared, with the adapters it was opened with. Opening never opens a browser.
        """

        def build() -> Connection:
            opened = opening.open_account(
                app_name=app_name,
                label=account,
                new=new,
                provider=provider,
                store=store,
                home=None if home is None else os.fspath(home),
                http=http,
                log=log,
                clock=clock,
            )
            return cls(opened, prompt)

        return Opening(build)

    # looking -------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where the connection stands now."""
        self._account.look()
        return self._account.state

    @property
    def needs_sign_in(self) -> bool:
        """Whether only signing in helps: Disconnected or Expired, and nothing else."""
        return self.state in (State.DISCONNECTED, State.EXPIRED)

    @property
    def case(self) -> cases.Case | None:
        """What is wrong, if anything is: with title, remedy and action."""
        return _case(self._account.context)

    @property
    def flags(self) -> frozenset[Flag]:
        """What is true beside the state."""
        return self._account.context.flags

    @property
    def api_base(self) -> str:
        """The base URL of the provider's API. Raises ConfigurationError where the provider has none."""
        base = self._account.provider.api_base
        if base is None:
            raise ConfigurationError(f"Provider {self._account.provider.name} has no api_base, so it has no API.")
        return base

    @property
    def provider(self) -> Provider:
        """The profile of the provider."""
        return self._account.provider

    @property
    def snapshot(self) -> Snapshot:
        """Everything a front end shows, in one look."""
        self._account.look()
        (state, context), record = self._account.standing, self._account.record
        session = context.session
        known = session is not None and not math.isinf(session.expires_at)
        case = _case(context)
        return Snapshot(
            state=state,
            app=self._account.app_name,
            provider=record.provider,
            account_id=record.id,
            label=record.label,
            email=record.email,
            plan=record.plan,
            workspace=record.workspace,
            model=record.model,
            plan_enabled=session.plan_enabled if session else None,
            access_expires_at=session.expires_at if known and session else None,
            generation=context.generation,
            flags=context.flags,
            case=case,
            page=None if case is None else self._account.provider.address(case.page),
            retry_at=context.retry_at,
            notice_due=Flag.PLAN_ENABLED in context.flags and not record.notice_shown,
        )

    def accounts(self) -> Sequence[AccountRecord]:
        """All accounts of this app, oldest first."""
        return self._account.store.records()

    # signing in ----------------------------------------------------------------------------------------------------

    def authorize(
        self,
        *,
        seconds: float | None = None,
        ports: tuple[int, ...] | None = None,
        consent: bool = False,
        device: bool = False,
    ) -> AbstractAsyncContextManager[Attempt]:
        """Begin a sign-in and show it yourself; leaving the block before the end cancels it.

        `seconds` is how long the attempt waits, ten minutes unless said; `ports` overrides the provider's; `consent`
        asks again for plan use. `device` signs in with a code that is typed into a browser anywhere (RFC 8628): it
        waits until the code expires, or less if `seconds` says so. Entering the block then raises ConfigurationError
        where the provider does not offer that.
        """
        if not device:
            deadline = SIGN_IN_SECONDS if seconds is None else seconds
            return sign_in.attempt(self._account, seconds=deadline, ports=ports, consent=consent)
        if ports or consent:
            raise MisuseError("Signing in with a code uses no port, and cannot ask again for plan use.")
        return device_sign_in.attempt(self._account, seconds=seconds)

    async def sign_in(
        self,
        *,
        prompt: Prompt | None = None,
        seconds: float | None = None,
        ports: tuple[int, ...] | None = None,
        consent: bool = False,
        device: bool = False,
    ) -> None:
        """Sign in with a person at hand. Raises SignInFailed with the case; what was there before is then kept.

        What can be said about it is `authorize`'s. With `device` there must be a prompt, to show the code.
        """
        show = prompt or self._prompt
        if device and show is None:
            raise MisuseError("Signing in with a code needs a prompt that shows it.")
        opened = self.authorize(seconds=seconds, ports=ports, consent=consent, device=device)
        await sign_in.with_prompt(opened, show or _open_browser)

    async def sign_in_with_key(self, key: Secret) -> None:
        """Sign in with an API key, at a provider whose `registration` is "api-key". It takes the place of an older one.

        The key is tried with one call, `GET {api_base}/models`, and saved only if the API takes it. Raises
        SignInFailed with the case ("api-key-rejected", "offline", …), ConfigurationError at any other provider, and
        MisuseError for what cannot be a key; what was there before is then kept.
        """
        await key_sign_in.with_key(self._account, key)

    async def ensure_signed_in(self) -> None:
        """Sign in only if nobody is signed in. Never on an outage, and never twice: a running attempt is waited for.

        Raises SignInFailed with the case, or InteractionRequired where that other attempt came to nothing.
        """
        await wait(apart(partial(self._account.look, at_once=True)))
        if self.needs_sign_in:
            try:
                await self.sign_in()
            except SignInFailed as failed:
                if failed.case != "login-in-progress" or self.needs_sign_in:
                    raise
        if (running := self._account.attempt) is not None and self._account.context.session is None:
            await running.done()
        if self.needs_sign_in:
            raise self._account.refusal()

    async def enable_plan(self) -> None:
        """Ask the user to allow plan use, by signing in again with consent."""
        await self.sign_in(consent=True)

    async def sign_out(self, *, revoke: bool = True) -> bool | None:
        """Sign out. True where the provider confirmed it, False where it did not, None where it was not asked."""
        return await wait(self._account.sign_out(revoke=revoke))

    def acknowledge_notice(self) -> None:
        """The one-time notice about plan use was shown."""
        self._save(replace(self._saved_record(), notice_shown=True))

    def use_model(self, model: str) -> None:
        """Remember the model for this account. What may be chosen: `signedin.responses.models`."""
        self._save(replace(self._saved_record(), model=model))

    # using ---------------------------------------------------------------------------------------------------------

    @property
    def auth(self) -> "ConnectionAuth":
        """An `httpx.Auth` for sync and async clients: adds the token, recovers once from a 401, raises flags."""
        from signedin.auth import ConnectionAuth

        return ConnectionAuth(self._account)

    def client(self) -> "httpx.AsyncClient":
        """A new `httpx.AsyncClient` for the provider's API, with `auth` and the network settings. Close it yourself."""
        return self._account.http.client(base_url=self.api_base, auth=self.auth)

    async def get_access_token(self) -> Secret:
        """A token that is good now, refreshed first where that is due."""
        while not isinstance(offer := self._account.offer(), Session):
            await wait(offer)
        return offer.access_token

    async def refresh(self) -> None:
        """Get a fresh token now. Raises ConnectionFailed with the case where none was to be had.

        Returns without one where the server asked not to be bothered yet and the token in hand is alive.
        """
        with self._account.failures.noted("refresh"):
            await wait(self._account.request_refresh())
            if self._account.troubled:
                raise self._account.refusal()

    async def retry(self) -> None:
        """Try again what an Error waits for. Raises ConnectionFailed with the case where it is still in the way."""
        await wait(self._account.retry())
        if self._account.troubled:
            raise self._account.refusal()

    def subscribe(self, listener: Listener) -> Subscription:
        """Tell `listener` every transition, in order, on the thread that makes it. It must not block."""
        subscription = self._account.listeners.add(listener)
        self._keep(subscription)
        return subscription

    def transitions(self) -> TransitionStream:
        """`async for transition in connection.transitions()`: every transition from now on.

        Bounded: a reader that falls behind loses the oldest and is told how many (`TransitionStream.missed`).
        """
        stream = TransitionStream(self._account.listeners.add)
        self._keep(stream)
        return stream

    async def aclose(self) -> None:
        """Let go of the account; whatever is under way goes on. Callable from any task, more than once."""
        while self._subscriptions:
            self._subscriptions.pop().close()

    def _keep(self, subscription: Subscription | TransitionStream) -> None:
        """Until `aclose`, unless it is closed before."""
        self._subscriptions = [*(kept for kept in self._subscriptions if not kept.closed), subscription]

    def _saved_record(self) -> AccountRecord:
        """The record as it lies in the store: another process may have changed it."""
        for record in self.accounts():
            if record.id == self._account.record.id:
                return record
        raise InteractionRequired("Nobody is signed in.")

    def _save(self, record: AccountRecord) -> None:
        self._account.store.save_record(record)
        self._account.record = record


def _case(context: Context) -> cases.Case | None:
    return None if context.case is None else cases.find(context.case)


def account_of(connection: Connection) -> Account:
    """The account behind a handle: for the core's own parts above the connection, and for nobody else."""
    return connection._account  # pyright: ignore[reportPrivateUsage]


class Opening:
    """What `Connection.open` gives: `await` it for a connection, or enter it and have it closed at the end."""

    def __init__(self, build: Callable[[], Connection]) -> None:
        self._build = build
        self._connection: Connection | None = None

    def __await__(self) -> Generator[Any, Any, Connection]:
        return self._built().__await__()

    async def __aenter__(self) -> Connection:
        self._connection = await self
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._connection.aclose()

    if not TYPE_CHECKING:  # a type checker says it before

        def __enter__(self) -> None:
            raise MisuseError("Connection.open is for `async with`; for `with` there is signedin.sync.Connection.")

        def __exit__(self, *_: object) -> None: ...

        def __getattr__(self, name: str) -> None:
            raise AttributeError(f"There is no {name} yet: Connection.open has to be awaited first.")

    async def _built(self) -> Connection:
        """Where no thread is to be had, the loop waits for the disk: the connection itself tells of the trouble."""
        try:
            building = apart(self._build)
        except TemporarilyUnavailable:
            return self._build()
        return await wait(building)


async def _open_browser(attempt: Attempt) -> None:
    """The prompt of those who gave none: the system's browser, and nothing else."""
    if not await wait(apart(lambda: bool(wiring.default("browser")(attempt.url)))):
        shown = "give sign_in a prompt that shows the address, such as signedin_adapters.console.console_prompt()"
        attempt.fail("no-browser-headless", f"No browser could be opened here: {shown}")
