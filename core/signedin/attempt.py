"""Owns `Attempt`: one sign-in attempt as a front end sees it, and the end that every attempt comes to.

How a code is come by is each way's own: `sign_in` in a browser on this machine, `device_sign_in` in one on another,
`key_sign_in` with a key. An attempt holds the sole right to sign in until the account ends it.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import anyio

from signedin import cases
from signedin import events as ev
from signedin.errors import SignInFailed
from signedin.waiting import wait

if TYPE_CHECKING:
    from signedin.account import Account
    from signedin.code_exchange import CodeExchange

LONGEST_SLEEP_SECONDS = 30.0
"""How long the deadline is not looked at: clocks are set, and machines are suspended."""


class HeldAttempt:
    """An attempt as the account knows it. `deadline` is Unix seconds, `timeout_case` what it means if that passes.

    What `claim` holds is the attempt's from here on, and freed with its end, whoever ends it and on whichever thread.
    """

    timeout_case = "callback-never-arrives"

    def __init__(self, account: "Account", *, deadline: float, claim: ExitStack) -> None:
        self.id, self.deadline = secrets.token_hex(8), deadline
        self._account, self._claim = account, claim.pop_all()
        self._ended: Future[str | None] = Future()
        self._told: str | None = None

    def begin(self, code_exchange: "CodeExchange") -> None:
        """Tell the machine. Raises SignInFailed where another attempt runs in this process."""
        self._code_exchange = code_exchange
        try:
            self._account.begin(self, code_exchange)
        except BaseException:
            self._claim.close()
            raise

    def cancel(self) -> None:
        """Give the attempt up; harmless once it is over."""
        if not self._ended.done():
            self._account.post(ev.SignInCancelled(at=self._account.clock(), attempt_id=self.id))

    async def done(self) -> None:
        """Wait for the end, whatever brings it. Raises SignInFailed with the case; returns once a session is held."""
        case = await wait(self._ended)
        if case is not None:
            refusal = self._code_exchange.refusal
            refused = refusal.message if refusal is not None and refusal.case == case else None
            raise SignInFailed(f"{self._told or refused or cases.find(case).title}.", case=case)

    def end(self, case: str | None, *, saved: bool) -> None:
        """The account's word that it is over: None for a session, `saved` or held in memory alone; else the case."""
        self._claim.close()
        self._ended.set_result(case)


class Attempt(HeldAttempt, ABC):
    """One sign-in attempt, from `Connection.authorize`. All of it is for the task that opened it, `cancel` for any.

    `url` is what the browser must open and `short_url`, where there is one, redirects to it. `user_code` is what is
    typed there, None where nothing is, and `complete_url` has it in it, None where the provider gives no such address.
    `deadline` is Unix seconds, `ways` names the ways that are open ("browser", "paste", "device"), `asks` says what the
    user will be asked to allow.
    """

    short_url: str | None = None
    user_code: str | None = None
    complete_url: str | None = None

    def __init__(
        self, account: "Account", *, url: str, ways: tuple[str, ...], deadline: float, claim: ExitStack
    ) -> None:
        super().__init__(account, deadline=deadline, claim=claim)
        self.url, self.ways = url, ways
        self.app_name, self.asks = account.app_name, asks_of(account.provider.scopes)

    @abstractmethod
    async def submit(self, pasted: str) -> None:
        """Take the callback's whole URL from a person. Raises CallbackRejected, which ends nothing."""

    @abstractmethod
    async def run(self) -> None:
        """Carry the attempt on until it is over."""

    def fail(self, case: str, message: str | None = None) -> None:
        """A prompt's word that it cannot go on, with the case that says why; harmless once it is over.

        `message` is the sentence that `done` raises then, without its full stop; the case's title unless said.
        """
        if not self._ended.done():
            self._told = message
            self._account.post(ev.SignInFailed(at=self._account.clock(), attempt_id=self.id, case=case))

    async def _carry_on(self, come_by_code: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Until the attempt is over, whatever brings that; the deadline is kept here."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(come_by_code)
            tasks.start_soon(self._keep_the_deadline)
            await wait(self._ended)
            tasks.cancel_scope.cancel()

    async def _keep_the_deadline(self) -> None:
        """By the wall clock, and where that is set back, by the time that passed."""
        left = self.deadline - self._account.clock()
        last = anyio.current_time() + left
        while (left := min(self.deadline - self._account.clock(), last - anyio.current_time())) > 0:  # noqa: ASYNC110 - clocks are set
            await anyio.sleep(min(left, LONGEST_SLEEP_SECONDS))
        if not self._ended.done():
            at = self._account.clock()
            self._account.post(ev.SignInTimedOut(at=at, attempt_id=self.id, case=self.timeout_case))


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
