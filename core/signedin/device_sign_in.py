"""Owns signing in with a code that is typed into a browser on another machine: from the code to its answer.

Waiting is the caller's, and ends with it. Asking is not: each question has a thread of its own, which hands on what is
granted even where nobody waits any more. Nothing here shows the code: that is the prompt's work.
"""

from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from signedin import cases
from signedin import events as ev
from signedin.attempt import Attempt
from signedin.device_exchange import DeviceExchange
from signedin.errors import AnswerRefused, ConfigurationError, MisuseError, SignInFailed
from signedin.oauth.device import Flow, Pace, flow_of
from signedin.oauth.device_answer import DeviceCode, Refused, Waiting
from signedin.record import AttemptNote
from signedin.sign_in import bare_errors, claimed, in_turn
from signedin.waiting import apart, wait

if TYPE_CHECKING:
    from signedin.account import Account

Answer = Waiting | Refused | None
"""What became of the code; None once it is granted."""


class DeviceAttempt(Attempt):
    """An attempt in a browser anywhere: at `url` a person types `user_code`, or opens `complete_url`."""

    timeout_case = "device-code-expired"

    def __init__(
        self,
        account: "Account",
        flow: Flow,
        code: DeviceCode,
        device_exchange: DeviceExchange,
        *,
        deadline: float,
        claim: ExitStack,
    ) -> None:
        super().__init__(account, url=code.verification_uri, ways=("device",), deadline=deadline, claim=claim)
        self.user_code, self.complete_url = code.user_code, code.verification_uri_complete
        self._flow, self._code, self._exchange = flow, code, device_exchange
        self._trouble: str | None = None

    async def submit(self, pasted: str) -> None:
        """Raises MisuseError: nothing comes back to this machine that could be pasted."""
        raise MisuseError("A sign-in with a code takes no address: the code is typed into the browser.")

    def end(self, case: str | None, *, saved: bool) -> None:
        """The account's word that it is over; what was granted and not redeemed is revoked."""
        self._exchange.give_up()
        super().end(case, saved=saved)

    async def run(self) -> None:
        """Ask again and again until the attempt is over."""
        await self._carry_on(self._ask_until_answered)

    async def _ask_until_answered(self) -> None:
        pace, pause = Pace(self._code.interval), self._code.interval
        while True:
            await anyio.sleep(pause)
            answer = await wait(self._ask())
            if not isinstance(answer, Waiting):
                return
            pause = pace.after(answer)

    def _ask(self) -> Future[Answer]:
        """Ask on a thread of its own, which tells the account what was decided."""
        asked: Future[Answer] = Future()

        def work() -> Sequence[ev.Event]:
            return told(self._exchange.poll())

        def failed(_: float, case: str) -> Sequence[ev.Event]:
            return told(Refused(case=case) if cases.is_bug(case) else Waiting(case=case))

        def told(answer: Answer) -> Sequence[ev.Event]:
            asked.set_result(answer)
            return self._events_of(answer)

        self._account.carry_out("device poll", work, failed)
        return asked

    def _events_of(self, answer: Answer) -> Sequence[ev.Event]:
        at = self._account.clock()
        match answer:
            case None:
                code, client_id = self._code.device_code, self._flow.client_id
                return [ev.CodeReceived(at=at, attempt_id=self.id, code=code, client_id=client_id)]
            case Refused(case=case):
                ended = ev.SignInTimedOut if case == self.timeout_case else ev.SignInFailed
                return [ended(at=at, attempt_id=self.id, case=case)]
            case Waiting(case=case):
                self._note(case)
                return []

    def _note(self, trouble: str | None) -> None:
        """One line for each trouble, however often it is met."""
        if trouble not in (None, self._trouble):
            self._account.log.write("poll.failed", account=self._account.record.id, case=trouble)
        self._trouble = trouble


@asynccontextmanager
async def attempt(account: "Account", *, seconds: float | None) -> AsyncGenerator[DeviceAttempt]:
    """Begin an attempt and carry it on to the end of the block; `seconds` may end it before its code expires.

    Raises ConfigurationError where the provider has no device flow, and SignInFailed with the case where it gives no
    code, or another sign-in runs.
    """
    with bare_errors():
        with account.failures.noted("sign-in"):
            flow = await _flow(account)
        async with in_turn(account):
            begun = await _prepare(account, flow, seconds=seconds)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(begun.run)
            try:
                yield begun
            finally:
                begun.cancel()


async def _flow(account: "Account") -> Flow:
    provider, server = account.provider, account.server
    if provider.registration == "fixed":
        flow = flow_of(provider, await server.metadata(), client_id=server.client_id_of(account.record))
        if flow is not None:
            return flow
    raise ConfigurationError(f"{provider.title} does not offer signing in with a code.")


async def _prepare(account: "Account", flow: Flow, *, seconds: float | None) -> DeviceAttempt:
    """The code is asked for under the claim, and the machine told once there is something to wait for.

    It is asked for apart: a form that is given up half sent on the caller's own loop leaves a warning there.
    """
    with await claimed(account) as claim:
        try:
            code = await wait(apart(lambda: anyio.run(account.server.start_device, flow)))
        except AnswerRefused as error:
            raise SignInFailed(f"{cases.find(error.case).title}.", case=error.case) from None
        return _begin(account, flow, code, claim, seconds=seconds)


def _begin(
    account: "Account", flow: Flow, code: DeviceCode, claim: ExitStack, *, seconds: float | None
) -> DeviceAttempt:
    """Tell the machine; from here on the claim is the attempt's."""
    device_exchange = DeviceExchange(
        store=account.store,
        server=account.server,
        record=account.record,
        flow=flow,
        code=code,
        host_id=account.store.host_id(),
        clock=account.clock,
    )
    now = account.clock()
    deadline = now + (code.lasts if seconds is None else min(code.lasts, seconds))
    begun = DeviceAttempt(account, flow, code, device_exchange, deadline=deadline, claim=claim)
    account.store.note_attempt(
        AttemptNote(account_id=account.record.id, case=None, at=now, provider=account.record.provider)
    )
    begun.begin(device_exchange)
    return begun
