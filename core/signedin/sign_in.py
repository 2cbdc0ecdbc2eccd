"""Owns signing in with a browser: from the authorization request to the code, in the caller's own task.

Cancelling the caller cancels the attempt. What is done with the code is not: it belongs to the account (`account`).
The store's sign-in claim is held from before the listener is bound until the attempt is over, whoever ends it and on
whichever thread. Nothing here opens a browser or prints: that is the prompt's work.
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import anyio

from signedin import cases
from signedin import events as ev
from signedin.attempt import Attempt
from signedin.code_exchange import CodeExchange
from signedin.errors import ConfigurationError, SignInFailed, StoreError
from signedin.oauth import callback
from signedin.oauth.authorization import Authorization, new_authorization
from signedin.oauth.callback import Callback, CallbackRejected
from signedin.oauth.device import flow_of
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
MISTYPED = frozenset({"bare-code", "cut", "url"})
"""Reasons why a paste is no answer at all: the person is told, and nothing came."""
REJECTIONS = 50
"""How many callbacks that were turned away an attempt tells of: whoever forges more cannot fill the log with them."""


Prompt = Callable[[Attempt], Coroutine[Any, Any, None]]
"""Shows an attempt to a person: opens a browser, prints the URL, takes a pasted one. It is cancelled at the end."""


class BrowserAttempt(Attempt):
    """An attempt in a browser on this machine, which comes back to the listener, or whose last address is pasted."""

    def __init__(
        self,
        account: "Account",
        listener: "Listener",
        metadata: Metadata,
        authorization: Authorization,
        *,
        ways: tuple[str, ...],
        deadline: float,
        claim: ExitStack,
    ) -> None:
        super().__init__(account, url=authorization.url, ways=ways, deadline=deadline, claim=claim)
        self.short_url = listener.short_url
        self._listener, self._metadata, self._authorization = listener, metadata, authorization
        self._saved, self._rejected = True, 0

    async def submit(self, pasted: str) -> None:
        """Take the callback's whole URL from a person. Raises CallbackRejected, which ends nothing."""
        self._settle(self._judged(lambda: callback.read_pasted(pasted, self._authorization, self._metadata)))

    def end(self, case: str | None, *, saved: bool) -> None:
        """The account's word that it is over; the last page says whether the session is saved."""
        self._saved = saved
        super().end(case, saved=saved)

    async def run(self) -> None:
        """Listen until the attempt is over, then tell the browser."""
        try:
            await self._carry_on(self._listen)
        finally:
            # A failure is raised to the caller at once, and that must not take the last page from the browser.
            if self._ended.done():
                with anyio.move_on_after(BROWSER_SECONDS, shield=True):
                    await self._tell_the_browser(self._ended.result())

    async def _listen(self) -> None:
        try:
            received = await self._listener.wait(authorize_url=self.url, judge=self._judge, astray=self._came_astray)
        except SignInFailed as failed:
            running = self._account.context.attempt
            if running is None or not running.code_seen:  # a code that was pasted needs no listener
                self.fail(failed.case)
        else:
            self._settle(received)

    def _judge(self, query: str) -> Callback:
        return self._judged(lambda: callback.read(query, self._authorization, self._metadata))

    def _judged(self, read: Callable[[], Callback]) -> Callback:
        try:
            return read()
        except CallbackRejected as error:
            if error.reason not in MISTYPED:
                self._came_astray(error.case)
            raise

    def _came_astray(self, case: str) -> None:
        """What came is not the answer: if nothing better follows, that is what the attempt dies of."""
        self.timeout_case = case
        self._rejected += 1
        if self._rejected <= REJECTIONS:
            self._account.post(ev.CallbackRejected(at=self._account.clock(), attempt_id=self.id, case=case))

    def _settle(self, received: Callback) -> None:
        at = self._account.clock()
        if isinstance(received, callback.CodeReceived):
            code, client_id = received.code, received.client_id
            self._account.post(ev.CodeReceived(at=at, attempt_id=self.id, code=code, client_id=client_id))
        else:
            self.fail(received.case)

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
    with bare_errors():
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
    with bare_errors():
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
            with account.failures.noted("sign-in"):
                raise SignInFailed("Another sign-in of this account is running.", case="login-in-progress")
    try:
        with account.failures.noted("sign-in"):
            yield
        begun = True
    finally:
        _preparing.pop(account, None)
        mine.set_result(begun)


async def _prepare(
    account: "Account", opened: AsyncExitStack, *, seconds: float, ports: tuple[int, ...] | None, consent: bool
) -> Attempt:
    provider = account.provider
    if provider.takes_key:
        raise ConfigurationError(f"{provider.title} is signed in to with an API key, not in a browser.")
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
    """Prove the store, then take the sole right to sign in, until it is closed.

    Given up on, it is freed as soon as it is there.
    """
    await wait(apart(account.store.probe))
    account.look()  # a sign-in that is out of time makes way
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
    device = flow_of(account.provider, metadata, client_id=authorization.client_id)
    now = account.clock()
    begun = BrowserAttempt(
        account,
        listener,
        metadata,
        authorization,
        ways=("browser", "paste", "device") if device else ("browser", "paste"),
        deadline=now + seconds,
        claim=claim,
    )
    account.store.note_attempt(
        AttemptNote(account_id=account.record.id, case=None, at=now, provider=account.record.provider)
    )
    begun.begin(
        CodeExchange(
            store=account.store,
            server=account.server,
            record=account.record,
            authorization=authorization,
            clock=account.clock,
        )
    )
    return begun


@contextmanager
def bare_errors() -> Generator[None]:
    """A task group wraps what is raised in it, once; callers get the error itself, and a failure before its echo."""
    try:
        yield
    except BaseExceptionGroup as group:
        echoes = anyio.get_cancelled_exc_class()
        failures = [error for error in group.exceptions if not isinstance(error, echoes)]
        error = (failures or group.exceptions)[0]
        raise error from error.__cause__
