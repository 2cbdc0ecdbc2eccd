"""Owns carrying out what a step of the account commands: each command on a thread of its own, each ends in its event.

The machine decided already; here it is done. What it starts belongs to the account and not to whoever asked, and it
reports back through the account alone.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, assert_never

from signedin import cases, exchange, saving, sign_out
from signedin import commands as cmd
from signedin import events as ev
from signedin.classify.transport import STRANDED
from signedin.code_exchange import CodeExchange
from signedin.context import Unsaved
from signedin.errors import StoreError, UnknownAccount
from signedin.record import AttemptNote
from signedin.rotation import Rotation
from signedin.session import Session

if TYPE_CHECKING:
    from signedin.account import Account, SignIn

Errand = Callable[[], None]
Failed = Callable[[float, str], Sequence[ev.Event]]
"""What to report of work that broke, or never began: at which time, and for which case."""


class Errands:
    """One account's. `attempts` are the sign-ins that run, with what is to be done with their codes.

    `endings` are the futures of those who wait for a sign-out.
    """

    __slots__ = ("_account", "_leaving", "attempts", "endings")

    def __init__(self, account: "Account") -> None:
        self._account = account
        self.attempts: dict[str, tuple[SignIn, CodeExchange]] = {}
        self.endings: list[Future[bool | None]] = []
        self._leaving: list[cmd.EndSession] = []

    @property
    def leaving(self) -> bool:
        """Whether a sign-out of this process is under way: the store may hold what it ends."""
        return bool(self._leaving)

    def bind(self, command: cmd.Command, cause: ev.Event) -> Errand:
        """How the command is carried out, bound under the account's lock: by then its attempt may be over.

        What takes time is done apart, and ends in an event whatever happens.
        """
        match command:
            case cmd.LoadAccount():
                return partial(self.start, "load", self._load, _reading_failed)
            case cmd.StopSignIn():
                return partial(self._end_attempt, command.attempt_id, cause)
            case cmd.ExchangeCode(attempt_id=id_):
                work = partial(self._exchange_code, command, self.attempts[id_][1])
                return partial(self.start, "code exchange", work, _broken_off(id_))
            case cmd.CommitSession(attempt_id=id_):
                work = partial(self._commit, command, self.attempts[id_][1])
                return partial(self.start, "commit", work, _broken_off(id_))
            case cmd.RefreshToken():
                return partial(self.start, "refresh", partial(self._refresh, command), _refresh_failed)
            case cmd.SaveSession():
                return partial(self.start, "save", partial(self._save, command), nothing)
            case cmd.RevokeTokens():
                return partial(self.start, "revocation", partial(self._revoke, command.session), nothing)
            case cmd.EndSession():
                self._leaving.append(command)
                work = partial(self._end_session, command, cause.at)
                return partial(self.start, "sign-out", work, lambda _, __: work(), at_once=True)
            case _:
                assert_never(command)

    def start(
        self, name: str, work: Callable[[], Sequence[ev.Event]], failed: Failed, *, at_once: bool = False
    ) -> None:
        """Do `work` on a thread of its own and take the events it gives; those of `failed` where that cannot be."""
        account = self._account

        def run() -> None:
            try:
                outcomes = work()
            except Exception as error:  # noqa: BLE001 - the slot must be freed whatever happened
                account.log.write("exchange.failed", kind=type(error).__name__)
                outcomes = failed(account.clock(), "bug")
            for outcome in outcomes:
                account.post(outcome)

        try:
            exchange.start(run, name=name, at_once=at_once)
        except exchange.NoThread:
            for outcome in failed(account.clock(), STRANDED):
                account.post(outcome)

    def finish_sign_out(self) -> Sequence[ev.Event]:
        """End what an earlier sign-out could not."""
        account = self._account
        sign_out.finish(store=account.store, server=account.server, record=account.record)
        return []

    def _load(self) -> Sequence[ev.Event]:
        self._account.read()
        return []

    def _end_attempt(self, attempt_id: str, cause: ev.Event) -> None:
        """Tell the attempt what it came to: None for a session, else the case."""
        account = self._account
        attempt, _ = self.attempts.pop(attempt_id)
        signed_in = isinstance(cause, ev.SessionCommitted)
        case = None if signed_in else getattr(cause, "case", "login-cancelled")
        saved = not isinstance(cause, ev.SessionCommitted) or cause.durable
        record = account.record
        account.store.note_attempt(
            None
            if case is None
            else AttemptNote(account_id=record.id, case=case, at=cause.at, provider=record.provider)
        )
        attempt.end(case, saved=saved)

    def _refresh(self, command: cmd.RefreshToken) -> Sequence[ev.Event]:
        account = self._account
        if self._signed_out_since(command.unsaved):
            return [ev.RefreshAbandoned(at=account.clock())]
        rotation = Rotation(
            store=account.store,
            server=account.server,
            record=account.record,
            clock=account.clock,
            take=account.take,
            adopt=account.adopt,
        )
        rotation.run(command)
        return []

    def _save(self, command: cmd.SaveSession) -> Sequence[ev.Event]:
        account = self._account
        if self._signed_out_since(command.unsaved):
            return []
        try:
            saved = saving.save(command, store=account.store, record=account.record, clock=account.clock)
        except UnknownAccount:
            return [ev.SignedOutElsewhere(at=account.clock())]  # another process removed it whole
        except StoreError as error:
            account.log.write("save.failed", account=account.record.id, case=error.case)
            return []
        if isinstance(saved, ev.SignedOutElsewhere):
            self.finish_sign_out()
        return [saved]

    def _signed_out_since(self, unsaved: Unsaved | None) -> bool:
        """Whether another process ended a sign-in that was never saved: saving it would outrank that marker too."""
        if unsaved is Unsaved.SIGN_IN:
            self._account.look(at_once=True)
        return unsaved is not None and self._account.context.signed_out

    def _exchange_code(self, command: cmd.ExchangeCode, code_exchange: CodeExchange) -> Sequence[ev.Event]:
        try:
            return [code_exchange.redeem(command)]
        finally:
            account = self._account
            account.record = replace(account.record, client_id=code_exchange.record.client_id)

    def _commit(self, command: cmd.CommitSession, code_exchange: CodeExchange) -> Sequence[ev.Event]:
        account = self._account
        stamp = account.store.stamp(account.record.id)
        committed = code_exchange.commit(command, after=account.context.generation)
        if not isinstance(committed, ev.SessionCommitted):
            return [committed]
        account.record = code_exchange.record
        if not committed.durable:  # a marker that lay there before is no news; one that comes now is
            account.lookout.remember(stamp)
        return [*account.server.clock_events(committed.at), committed]

    def _revoke(self, session: Session) -> Sequence[ev.Event]:
        account = self._account
        sign_out.revoke_session(server=account.server, record=account.record, session=session)
        return []

    def _end_session(self, command: cmd.EndSession, asked_at: float) -> Sequence[ev.Event]:
        account = self._account
        endings, self.endings = self.endings, []
        revoked: bool | None = False
        failure: Exception | None = None
        try:
            revoked = sign_out.end(
                store=account.store,
                server=account.server,
                record=account.record,
                session=command.session,
                revoke=command.revoke,
            )
        except Exception as error:  # noqa: BLE001 - it is raised where the sign-out is awaited
            failure = error
        self._leaving.pop()
        self._forget_attempt(before=asked_at)
        account.post(ev.SignOutCompleted(at=account.clock(), revoked=revoked))
        for future in endings:
            if failure is None:
                future.set_result(revoked)
            else:
                future.set_exception(failure)
        return []

    def _forget_attempt(self, *, before: float) -> None:
        """How an earlier sign-in failed is no reason why nobody is signed in now: somebody signed out since."""
        noted, own = self._account.store.attempt(), self._account.record.id
        if noted is not None and noted.case is not None and noted.account_id == own and noted.at < before:
            self._account.store.note_attempt(None)


def nothing(_: float, __: str) -> Sequence[ev.Event]:
    """What breaks is nobody's loss."""
    return []


def _reading_failed(at: float, case: str) -> Sequence[ev.Event]:
    return [ev.StoreFailed(at=at, case=case)]


def _broken_off(attempt_id: str) -> Failed:
    return lambda at, case: [ev.CodeExchangeFailed(at=at, attempt_id=attempt_id, case=case)]


def _refresh_failed(at: float, case: str) -> Sequence[ev.Event]:
    """A bug waits for nobody; everything else passes, and nothing was sent."""
    return [ev.RefreshRefused(at=at, case=case) if cases.is_bug(case) else ev.RefreshFailed(at=at, case=case)]
