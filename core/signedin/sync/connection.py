"""Owns `Connection` for threads: each method runs the async connection's of the same name, and waits for it.

What a method does and raises is said there. Its one difference: `client` gives an `httpx.Client`.
"""

import os
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from signedin import cases, connection
from signedin.listeners import Listener, Subscription
from signedin.ports import Clock, Http, Log, Store
from signedin.provider import Provider
from signedin.record import AccountRecord
from signedin.secret import Secret
from signedin.session import Session
from signedin.sign_in import Prompt
from signedin.snapshot import Snapshot
from signedin.states import Flag, State
from signedin.sync.attempt import Attempt, carried_on
from signedin.sync.event_loop import run
from signedin.sync.transition_stream import TransitionStream

if TYPE_CHECKING:
    import httpx

    from signedin.auth import ConnectionAuth


class Connection:
    """A handle on one account, for any number of threads. Close it, or use it in `with`.

    `Connection.open` opens one; the constructor takes an async connection that is open already, and shares it.
    """

    def __init__(self, opened: connection.Connection) -> None:
        self._connection = opened

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
    ) -> "Connection":
        """Open a connection. The settings are `signedin.Connection.open`'s, and so is the prompt: an async one."""
        opening = connection.Connection.open(
            app_name=app_name,
            account=account,
            new=new,
            provider=provider,
            store=store,
            home=home,
            prompt=prompt,
            http=http,
            log=log,
            clock=clock,
        )

        async def opened() -> connection.Connection:
            return await opening

        return cls(run(opened))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # looking -------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where the connection stands now."""
        return self._connection.state

    @property
    def needs_sign_in(self) -> bool:
        """Whether only signing in helps: Disconnected or Expired, and nothing else."""
        return self._connection.needs_sign_in

    @property
    def case(self) -> cases.Case | None:
        """What is wrong, if anything is: with title, remedy and action."""
        return self._connection.case

    @property
    def flags(self) -> frozenset[Flag]:
        """What is true beside the state."""
        return self._connection.flags

    @property
    def api_base(self) -> str:
        """The base URL of the provider's API. Raises ConfigurationError where the provider has none."""
        return self._connection.api_base

    @property
    def provider(self) -> Provider:
        """The profile of the provider."""
        return self._connection.provider

    @property
    def snapshot(self) -> Snapshot:
        """Everything a front end shows, in one look."""
        return self._connection.snapshot

    def accounts(self) -> Sequence[AccountRecord]:
        """All accounts of this app, oldest first."""
        return self._connection.accounts()

    # signing in ----------------------------------------------------------------------------------------------------

    def authorize(
        self,
        *,
        seconds: float | None = None,
        ports: tuple[int, ...] | None = None,
        consent: bool = False,
        device: bool = False,
    ) -> AbstractContextManager[Attempt]:
        """Begin a sign-in and show it yourself; leaving the block before the end cancels it."""
        return carried_on(self._connection.authorize(seconds=seconds, ports=ports, consent=consent, device=device))

    def sign_in(
        self,
        *,
        prompt: Prompt | None = None,
        seconds: float | None = None,
        ports: tuple[int, ...] | None = None,
        consent: bool = False,
        device: bool = False,
    ) -> None:
        """Sign in with a person at hand. Raises SignInFailed with the case; Ctrl-C cancels it.

        The prompt is an async one, such as `console_prompt()`; it runs on another thread than this call.
        """
        signing_in = partial(
            self._connection.sign_in, prompt=prompt, seconds=seconds, ports=ports, consent=consent, device=device
        )
        run(signing_in)

    def sign_in_with_key(self, key: Secret) -> None:
        """Sign in with an API key, at a provider whose `registration` is "api-key"."""
        run(partial(self._connection.sign_in_with_key, key))

    def ensure_signed_in(self) -> None:
        """Sign in only if nobody is signed in. Never on an outage, and never twice: a running attempt is waited for."""
        run(self._connection.ensure_signed_in)

    def enable_plan(self) -> None:
        """Ask the user to allow plan use, by signing in again with consent."""
        run(self._connection.enable_plan)

    def sign_out(self, *, revoke: bool = True) -> bool | None:
        """Sign out. True where the provider confirmed it, False where it did not, None where it was not asked."""
        return run(partial(self._connection.sign_out, revoke=revoke))

    def acknowledge_notice(self) -> None:
        """The one-time notice about plan use was shown."""
        self._connection.acknowledge_notice()

    def use_model(self, model: str) -> None:
        """Remember the model for this account. What may be chosen: `signedin.sync.models`."""
        self._connection.use_model(model)

    # using ---------------------------------------------------------------------------------------------------------

    @property
    def auth(self) -> "ConnectionAuth":
        """An `httpx.Auth` for sync and async clients: adds the token, recovers once from a 401, raises flags."""
        return self._connection.auth

    def client(self) -> "httpx.Client":
        """A new `httpx.Client` for the provider's API, with `auth` and the network settings. Close it yourself."""
        http = connection.account_of(self._connection).http
        return http.sync_client(base_url=self.api_base, auth=self.auth)

    def get_access_token(self) -> Secret:
        """A token that is good now, refreshed first where that is due."""
        offer = connection.account_of(self._connection).offer()
        if isinstance(offer, Session):  # in hand: nothing to wait for
            return offer.access_token
        return run(self._connection.get_access_token)

    def refresh(self) -> None:
        """Get a fresh token now. Raises ConnectionFailed with the case where none was to be had."""
        run(self._connection.refresh)

    def retry(self) -> None:
        """Try again what an Error waits for. Raises ConnectionFailed with the case where it is still in the way."""
        run(self._connection.retry)

    def subscribe(self, listener: Listener) -> Subscription:
        """Tell `listener` every transition, in order, on the thread that makes it. It must not block."""
        return self._connection.subscribe(listener)

    def transitions(self) -> TransitionStream:
        """`for transition in connection.transitions()`: every transition from now on."""
        return TransitionStream(self._connection.transitions())

    def close(self) -> None:
        """Let go of the account; whatever is under way goes on. Callable from any thread, more than once."""
        run(self._connection.aclose)


def connection_of(handle: Connection) -> connection.Connection:
    """The async connection behind a handle: for this package's own parts, and for nobody else."""
    return handle._connection  # pyright: ignore[reportPrivateUsage]
