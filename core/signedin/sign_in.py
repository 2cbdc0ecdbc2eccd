"""Owns one sign-in attempt: from the authorization request to the code, in the caller's own task.

Cancelling the caller cancels the attempt. What is done with the code is not: it belongs to the account (`account`).
The store's sign-in claim is held from before the listener is bound until the attempt is over, whoever ends it and on
whichever thread. Nothing here opens a browser or prints: that is the prompt's work.
"""

import secrets
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import anyio

from signedin import cases
from signedin import events as ev
from signedin.errors import ConfigurationError, SignInFailed, StoreError
from signedin.oauth import callback
from signedin.oauth.authorization import Authorization, new_authorization
from signedin.oauth.callback import Callback, CallbackRejected
from signedin.oauth.discovery import Metadata
from signedin.record import AttemptNote
from signedin.states import Category
from signedin.waiting import apart, wait

if TYPE_CHECKING:
    from signedin.account import Account
    from signedin.ports import Listener

SIGN_IN_SECONDS = 600.0
"""How long an attempt waits for the browser unless told otherwise."""
BROWSER_SECONDS = 3.0
"""How long the end of an attempt may wait for the browser to take the last page."""
REJECTIONS = 50
"""How many callbacks that were turned away an attempt tells of: whoever forges more cannot fill the log with them."""


Prompt = Callable[["Attempt"], Coroutine[Any, Any, None]]
"""Shows an attempt to a person: opens a browser, prints the URL, takes a pasted one. It is cancelled at the end."""


class Attempt:
    """One sign-in attempt, from `Connection.authorize`. All of it is for the task that opened it, `cancel` for any.

    `url` is what the browser must open, `short_url` redirects to it, `deadline` is Unix seconds, `ways` names the ways
    that are open ("browser", "paste"), `asks` says what the user will be asked to allow. `user_code` is for providers
    with a device flow, None otherwise.
    """

    def __init__(
        self,
        account: "Account",
        listener: "Listener",
        metadata: Metadata,
        authorization: Authorization,
        *,
        deadline: float,
        claim: ExitStack,
    ) -> None:
        self.id, self.deadline = secrets.token_hex(8), deadline
        self.url = authorization.url
        self.app_name = account.app_name
        self.short_url = listener.short_url
        self.user_code: str | None = None
        self.ways = ("browser", "paste")
        self.asks = asks_of(account.provider.scopes)
        self._account, self._listener, self._metadata = account, listener, metadata
        self._authorization, self._claim = authorization, claim
        self._saved, self._rejected = True, 0
        self._ended: Future[str | None] = Future()

    async def submit(self, pasted: str) -> None:
        """Take the callback's whole URL from a person. Raises CallbackRejected, which ends nothing."""
        self._settle(self._judged(lambda: callback.read_pasted(pasted, self._authorization, self._metadata)))

    def cancel(self) -> None:
        """Give the attempt up; harmless once it is over."""
        if not self._ended.done():
            self._account.post(ev.SignInCancelled(at=self._account.clock(), attempt_id=self.id))

    async def done(self) -> None:
        """Wait for the end, whatever brings it. Raises SignInFailed with the case; returns once a session is held."""
        case = await wait(self._ended)
        if case is not None:
            raise SignInFailed(f"{cases.find(case).title}.", case=case)

    def end(self, case: str | None, *, saved: bool) -> None:
        """The account's word that it is over: None for a session, `saved` or held in memory alone; else the case."""
        self._saved = saved
        self._claim.close()
        self._ended.set_result(case)

    async def run(self) -> None:
        """Listen until the attempt is over, then tell the browser. The deadline is kept here."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._listen)
                tasks.start_soon(self._keep_the_deadline)
                await wait(self._ended)
                tasks.cancel_scope.cancel()
        finally:
            # A failure is raised to the caller at once, and that must not take the last page from the browser.
            if self._ended.done():
                with anyio.move_on_after(BROWSER_SECONDS, shield=True):
                    await self._tell_the_browser(self._ended.result())

    async def _listen(self) -> None:
        self._settle(await self._listener.wait(authorize_url=self.url, judge=self._judge))

    async def _keep_the_deadline(self) -> None:
        await anyio.sleep(max(self.deadline - self._account.clock(), 0.0))
        if not self._ended.done():
            self._account.post(ev.SignInTimedOut(at=self._account.clock(), attempt_id=self.id))

    def _judge(self, query: str) -> Callback:
        return self._judged(lambda: callback.read(query, self._authorization, self._metadata))

    def _judged(self, read: Callable[[], Callback]) -> Callback:
        try:
            return read()
        except CallbackRejected as error:
            self._rejected += 1
            if self._rejected <= REJECTIONS:
                self._account.post(ev.CallbackRejected(at=self._account.clock(), attempt_id=self.id, case=error.case))
            raise

    def _settle(self, received: Callback) -> None:
        at = self._account.clock()
        if isinstance(received, callback.CodeReceived):
            code, client_id = received.code, received.client_id
            self._account.post(ev.CodeReceived(at=at, attempt_id=self.id, code=code, client_id=client_id))
        else:
            self._account.post(ev.SignInFailed(at=at, attempt_id=self.id, case=received.case))

    async def _tell_the_browser(self, case: str | None) -> None:
        ok, record = case is None and self._saved, self._account.record
        if ok:
            title, text = f"{self.app_name} is signed in", f"As {record.email or record.label}."
        else:
            told = cases.find(case or "persist-failed-at-login")
            passing = told.category is Category.TRANSIENT  # its meaning speaks of a session that is kept
            title, text = told.title, f"Nothing was changed. {self.app_name} says more." if passing else told.meaning
        await self._listener.finish(ok=ok, title=title, text=text)


@asynccontextmanager
async def attempt(
    account: "Account", *, seconds: float, ports: tuple[int, ...] | None, consent: bool
) -> AsyncGenerator[Attempt]:
    """Begin an attempt and carry it on to the end of the block.

    The store is proved, the sole right to sign in is taken, the listener is bound, then the machine is told. Raises
    SignInFailed(case="login-in-progress"), saying who and since when, where another process has that right.
    """
    with _bare_errors():
        async with AsyncExitStack() as opened:
            async with in_turn(account):
                begun = await _prepare(account, opened, seconds=seconds, ports=ports, consent=consent)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(begun.run)
                try:
                    yield begun
                finally:
                    begun.cancel()


async def with_prompt(opened: AbstractAsyncContextManager[Attempt], prompt: Prompt) -> None:
    """Carry one attempt to its end with a person at hand. Raises SignInFailed, and what the prompt raises."""
    with _bare_errors():
        async with opened as begun, anyio.create_task_group() as tasks:
            tasks.start_soon(prompt, begun)
            await begun.done()
            tasks.cancel_scope.cancel()


_preparing: dict["Account", Future[bool]] = {}


def begin_again() -> None:
    """In a forked child: what is being prepared is the parent's."""
    _preparing.clear()


@asynccontextmanager
async def in_turn(account: "Account") -> AsyncGenerator[None]:
    """Prepare an account's attempts one by one in this process; who waited for one that then began is refused."""
    mine, begun = Future[bool](), False
    while (others := _preparing.setdefault(account, mine)) is not mine:
        if await wait(others):
            raise SignInFailed("Another sign-in of this account is running.", case="login-in-progress")
    try:
        yield
        begun = True
    finally:
        _preparing.pop(account, None)
        mine.set_result(begun)


async def _prepare(
    account: "Account", opened: AsyncExitStack, *, seconds: float, ports: tuple[int, ...] | None, consent: bool
) -> Attempt:
    if account.provider.takes_key:
        raise ConfigurationError(f"{account.provider.title} is signed in to with an API key, not in a browser.")
    await wait(apart(account.store.probe))
    account.look()  # a sign-in that is out of time makes way
    provider = account.provider
    with await claimed(account) as claim:
        metadata = await account.server.metadata()
        listening = account.listen(
            host=provider.redirect_host,
            ports=ports or provider.redirect_ports,
            path=account.record.redirect_path or provider.redirect_path,
            app_name=account.app_name,
        )
        listener = await opened.enter_async_context(listening)
        return _begin(account, listener, metadata, claim, seconds=seconds, consent=consent)


async def claimed(account: "Account") -> ExitStack:
    """The sole right to sign in, until it is closed. Given up on, it is freed as soon as it is there."""
    claim = ExitStack()
    taking = apart(lambda: claim.enter_context(account.store.sign_in_claim(account.record.id)))
    try:
        await wait(taking)
    except StoreError as error:
        if error.case == "login-in-progress":
            raise SignInFailed(error.message, case=error.case) from None
        raise
    except BaseException:
        taking.add_done_callback(lambda _: claim.close())
        raise
    return claim


def _begin(
    account: "Account", listener: "Listener", metadata: Metadata, claim: ExitStack, *, seconds: float, consent: bool
) -> Attempt:
    """Tell the machine; from here on the claim is the attempt's."""
    authorization = new_authorization(
        account.provider,
        metadata,
        redirect_uri=listener.redirect_uri,
        client_id=account.record.client_id,
        host_id=account.store.host_id(),
        app_name=account.app_name,
        login_hint=account.record.email,
        consent=consent,
    )
    now, held = account.clock(), claim.pop_all()
    begun = Attempt(account, listener, metadata, authorization, deadline=now + seconds, claim=held)
    account.store.note_attempt(AttemptNote(account_id=account.record.id, case=None, at=now))
    try:
        account.begin(begun, authorization)
    except BaseException:
        held.close()
        raise
    return begun


@contextmanager
def _bare_errors() -> Generator[None]:
    """A task group wraps what is raised in it, once; callers get the error itself, and a failure before its echo."""
    try:
        yield
    except BaseExceptionGroup as group:
        echoes = anyio.get_cancelled_exc_class()
        failures = [error for error in group.exceptions if not isinstance(error, echoes)]
        error = (failures or group.exceptions)[0]
        raise error from error.__cause__


def asks_of(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """What the consent page will ask for, in plain words, in the order of the scopes."""
    return tuple(_ASKS.get(scope, scope) for scope in scopes if scope not in _UNSAID)


_UNSAID = frozenset({"openid", "resource.invoke"})
_ASKS = {
    "profile": "see your name",
    "email": "see your e-mail address",
    "offline_access": "stay signed in",
    "chatgpt.tokens.use.direct": "use your ChatGPT plan for its requests",
}
