"""Owns `Account`: one account's state in this process, the lock that every step takes, and the exchanges it starts.

There is one object for an account in a process; connections are handles on it. A step is synchronous and without I/O,
so it is atomic for asyncio, trio and plain threads alike. What a step commands runs on threads of its own, belongs to
the account, and reports back as an event. No secret leaves it but the access token that a caller asks for.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Protocol, assert_never

from signedin import cases, exchange, machine, sign_out
from signedin import commands as cmd
from signedin import events as ev
from signedin.authorization_server import AuthorizationServer
from signedin.code_exchange import CodeExchange
from signedin.context import Context
from signedin.errors import (
    ConnectionFailed,
    InteractionRequired,
    SignInFailed,
    TemporarilyUnavailable,
    UnexpectedEvent,
)
from signedin.listeners import Listeners
from signedin.lookout import Lookout, Seen
from signedin.oauth.authorization import Authorization
from signedin.ports import Clock, Http, Listen, Log, Store
from signedin.provider import Provider
from signedin.record import AccountRecord, AttemptNote
from signedin.rotation import Rotation
from signedin.session import Session
from signedin.states import Category, State
from signedin.stored_state import health_of, is_noteworthy
from signedin.timekeeper import Due, Timekeeper
from signedin.transition import Transition, details_of

_ATTEMPT_ENDINGS = (ev.SignInFailed, ev.SignInCancelled, ev.SignInTimedOut, ev.CodeExchangeFailed)
"""Their case is told even where an older case of the account stands."""


class SignIn(Protocol):
    """An attempt, as far as the account knows it: `deadline` is Unix seconds, `end` tells what it came to."""

    id: str
    deadline: float

    def end(self, case: str | None, *, saved: bool) -> None:
        """`case` is None for a session; `saved` is False where that session lies in memory alone."""
        ...

    async def done(self) -> None:
        """Wait for the end. Raises SignInFailed with the case; returns once a session is held."""
        ...


class Account:
    """One account. `post` is the only way in, `offer` the only way to a token; `listeners` hear every transition.

    `may_be` tells whether the account, while nobody signed in to it here, may turn out to be that of another id.
    """

    def __init__(
        self,
        *,
        record: AccountRecord,
        provider: Provider,
        app_name: str,
        store: Store,
        http: Http,
        listen: Listen,
        log: Log,
        clock: Clock = time.time,
        may_be: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self.record, self.provider, self.app_name, self.store = record, provider, app_name, store
        self.http, self.listen, self.log, self.clock = http, listen, log, clock
        self.server = AuthorizationServer(provider, http=http, clock=clock)
        self.listeners = Listeners(log)
        self.timekeeper = Timekeeper(next_due=self._next_due, fire=self._post_if_it_can_be, clock=clock)
        self.listeners.changed = self.timekeeper.attend
        self._lock = threading.Lock()
        self._standing: tuple[State, Context] = (State.DISCONNECTED, Context())
        self._attempts: dict[str, tuple[SignIn, CodeExchange]] = {}
        self._settling: list[Future[None]] = []
        self._told: deque[Transition] = deque()
        self._telling = threading.Lock()
        self._endings: list[Future[bool | None]] = []
        self._leaving = 0
        self._noted = False
        self._opening = threading.Lock()
        self._opened = False
        self._lookout = Lookout(store, provider, clock=clock, may_be=may_be)

    # looking -------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where the account stands."""
        return self._standing[0]

    @property
    def context(self) -> Context:
        """What the machine remembers: frozen, and holding secrets. For the core alone."""
        return self._standing[1]

    @property
    def standing(self) -> tuple[State, Context]:
        """Both, as they belong together."""
        return self._standing

    def open(self) -> None:
        """Take the state from the store, once: whoever comes meanwhile waits. Blocks on the disk, perhaps a keyring."""
        with self._opening:
            if not self._opened:
                seen = self._lookout.read(self.record)
                self._take(seen)
                self._opened = True
                if seen.revocation_pending:
                    self._start("revocation", self._revoke_pending, _nothing)

    def look(self, *, at_once: bool = False) -> None:
        """See what other processes did, at most once a second unless `at_once`; a sign-in out of time ends too.

        While our own sign-out is under way the store may still hold what it ends: that is no news.
        """
        self._end_overdue_sign_in()
        if self._leaving:
            return
        seen = self._lookout.news(self.record, self.context, at_once=at_once)
        if seen is not None and not self._leaving:
            self._take(seen)

    def _take(self, seen: Seen) -> None:
        self.record, self._noted = seen.record, seen.noted
        if seen.event is not None:
            self.post(seen.event)

    # serving ------------------------------------------------------------------------------------------------------

    def offer(self) -> "Session | Future[None]":
        """The session to use now, or a future to wait for before asking again.

        Starts a refresh where one is due, and serves the old token meanwhile as long as that is wise. Raises
        InteractionRequired, TemporarilyUnavailable or ConnectionFailed where no token can be had.
        """
        self.look()
        at = self.clock()
        state, context = self._standing
        if context.session is not None and state is State.CONNECTED and at < context.session.due_at():
            return context.session
        self._let_happen(at)
        state, context = self._standing
        if context.session is not None and machine.usable(state, context, at):
            return context.session
        if context.reading or (context.session is not None and context.exchange is not None):
            return self.settled()
        raise _refusal(state, context)

    def _let_happen(self, at: float) -> None:
        """All that the clock made due happens now: without listeners there is no thread that would do it."""
        while (due := self._next_due()) is not None and due[0] <= at:
            self._post_if_it_can_be(due[1](at))

    def _next_due(self) -> Due | None:
        return machine.due(*self._standing)

    def _end_overdue_sign_in(self) -> None:
        """The task that keeps its deadline may have died with its event loop."""
        due, at = machine.sign_in_due(self.context), self.clock()
        if due is not None and due[0] <= at:
            self._post_if_it_can_be(due[1](at))

    def _post_if_it_can_be(self, event: ev.Event) -> bool:
        try:
            self.post(event)
        except UnexpectedEvent:
            return False  # the account moved meanwhile
        return True

    def request_refresh(self) -> "Future[None]":
        """Ask for a fresh token now; the future ends with the asking. Raises `refusal` where none can be had."""
        if not self._post_if_it_can_be(ev.RefreshRequested(at=self.clock())):
            raise self.refusal()
        session = self.context.session
        if session is not None and session.refresh_token is None:
            raise ConnectionFailed("The session cannot be renewed.", case="refresh-token-absent")
        return self.settled()

    def retry(self) -> "Future[None]":
        """Try again what an Error waits for, now. Raises `refusal` where nothing can be tried."""
        if not self._post_if_it_can_be(ev.RetryRequested(at=self.clock())):
            raise self.refusal()
        return self.settled()

    @property
    def troubled(self) -> bool:
        """Whether no session is in hand, or the last try to renew it failed."""
        state, context = self._standing
        return context.session is None or state is State.ERROR or context.retry_at is not None

    def refusal(self) -> ConnectionFailed:
        """Why there is no token, as an error to raise."""
        return _refusal(*self._standing)

    def sign_out(self, *, revoke: bool) -> "Future[bool | None]":
        """Sign out at once; the future tells, when all is removed, whether the provider confirmed it."""
        ending: Future[bool | None] = Future()
        self._endings.append(ending)
        self.post(ev.SignOutRequested(at=self.clock(), revoke=revoke))
        return ending

    # signing in ----------------------------------------------------------------------------------------------------

    def begin(self, attempt: SignIn, authorization: Authorization) -> None:
        """Take the attempt over. Raises SignInFailed where another one runs in this process."""
        self._end_overdue_sign_in()
        code_exchange = CodeExchange(
            store=self.store,
            server=self.server,
            record=self.record,
            authorization=authorization,
            clock=self.clock,
        )
        self._attempts[attempt.id] = attempt, code_exchange
        requested = ev.SignInRequested(at=self.clock(), attempt_id=attempt.id, deadline=attempt.deadline)
        if not self._post_if_it_can_be(requested):
            del self._attempts[attempt.id]
            raise SignInFailed("Another sign-in of this account is running.", case="login-in-progress")

    @property
    def attempt(self) -> "SignIn | None":
        """The sign-in that is running, if any."""
        return next((attempt for attempt, _ in tuple(self._attempts.values())), None)

    def _end_attempt(self, attempt_id: str, cause: ev.Event) -> None:
        """Tell the attempt what it came to: None for a session, else the case."""
        attempt, _ = self._attempts.pop(attempt_id)
        signed_in = isinstance(cause, ev.SessionCommitted)
        case = None if signed_in else getattr(cause, "case", "login-cancelled")
        saved = not isinstance(cause, ev.SessionCommitted) or cause.durable
        self.store.note_attempt(
            None if case is None else AttemptNote(account_id=self.record.id, case=case, at=cause.at)
        )
        attempt.end(case, saved=saved)

    # stepping ------------------------------------------------------------------------------------------------------

    def post(self, event: ev.Event) -> Transition:
        """Take one event, from any thread; then tell the listeners and start what it commands.

        Raises UnexpectedEvent where the event cannot be.
        """
        with self._lock:
            state, before = self._standing
            step = machine.step(state, before, event)
            self._standing = step.state, step.context
            transition = self._transition(step, before, event)
            self._told.append(transition)
            settled = self._take_settled()
            errands = [self._errand(command, event) for command in step.commands]
        try:
            self._note(transition)
            self._tell()
        finally:  # a Ctrl-C in a listener must not lose what the step commands
            for errand in errands:
                errand()
            for future in settled:
                future.set_result(None)
        self.timekeeper.look_again()
        return transition

    def settled(self) -> "Future[None]":
        """A future that is done as soon as no exchange and no reading is under way; waiting for it asks for nothing."""
        future: Future[None] = Future()
        with self._lock:
            if self.context.exchange is not None or self.context.reading:
                self._settling.append(future)
                return future
        future.set_result(None)
        return future

    def _take_settled(self) -> list["Future[None]"]:
        if self.context.exchange is not None or self.context.reading:
            return []
        settled, self._settling = self._settling, []
        return settled

    def _transition(self, step: machine.Step, before: Context, event: ev.Event) -> Transition:
        after = step.context
        seen_before = (step.source, before.case, before.flags, before.generation)
        return Transition(
            at=event.at,
            account_id=self.record.id,
            source=step.source,
            trigger=type(event).__name__,
            state=step.state,
            case=event.case if isinstance(event, _ATTEMPT_ENDINGS) else after.case,
            flags=after.flags,
            generation=after.generation,
            details=details_of(event),
            visible=seen_before != (step.state, after.case, after.flags, after.generation),
        )

    def _tell(self) -> None:
        """Tell in order, one thread at a time; whoever comes meanwhile leaves its transition to the one that tells."""
        while self._told and self._telling.acquire(blocking=False):
            try:
                while self._told:
                    self.listeners.tell(self._told.popleft())
            finally:
                self._telling.release()

    def _note(self, transition: Transition) -> None:
        """Leave how the account fares where `status` and other processes find it; nothing where all is well."""
        if not transition.visible or transition.state not in (State.CONNECTED, State.EXPIRED, State.ERROR):
            return
        health = health_of(*self._standing)
        noteworthy = is_noteworthy(health)
        if health.generation and (noteworthy or self._noted):
            self._noted = noteworthy
            self.store.note_health(self.record.id, health)

    # carrying out --------------------------------------------------------------------------------------------------

    def _errand(self, command: cmd.Command, cause: ev.Event) -> Callable[[], None]:
        """How the command is carried out, bound under the lock: by then its attempt may be over.

        What takes time is done apart, and ends in an event whatever happens.
        """
        match command:
            case cmd.LoadAccount():
                return partial(self._start, "load", self._read, _reading_failed)
            case cmd.StopSignIn():
                return partial(self._end_attempt, command.attempt_id, cause)
            case cmd.ExchangeCode(attempt_id=id_):
                work = partial(self._exchange_code, command, self._attempts[id_][1])
                return partial(self._start, "code exchange", work, _broken_off(id_))
            case cmd.CommitSession(attempt_id=id_):
                work = partial(self._commit, command, self._attempts[id_][1])
                return partial(self._start, "commit", work, _broken_off(id_))
            case cmd.RefreshToken():
                work = partial(self._refresh, command.session)
                return partial(self._start, "refresh", work, _refresh_failed)
            case cmd.RevokeTokens():
                return partial(self._start, "revocation", partial(self._revoke, command.session), _nothing)
            case cmd.EndSession():
                self._leaving += 1
                work = partial(self._end_session, command)
                return partial(self._start, "sign-out", work, lambda _, __: work(), at_once=True)
            case _:
                assert_never(command)

    def _start(
        self,
        name: str,
        work: Callable[[], Sequence[ev.Event]],
        failed: "_Failed",
        *,
        at_once: bool = False,
    ) -> None:
        """Do `work` on a thread of its own and take the events it gives; those of `failed` where that cannot be."""

        def run() -> None:
            try:
                outcomes = work()
            except Exception as error:  # noqa: BLE001 - the slot must be freed whatever happened
                self.log.write("exchange.failed", kind=type(error).__name__)
                outcomes = failed(self.clock(), "bug")
            for outcome in outcomes:
                self.post(outcome)

        try:
            exchange.start(run, name=name, at_once=at_once)
        except exchange.NoThread:
            for outcome in failed(self.clock(), "no-thread"):
                self.post(outcome)

    def _read(self) -> Sequence[ev.Event]:
        self._take(self._lookout.read(self.record))
        return []

    def _refresh(self, session: Session) -> Sequence[ev.Event]:
        rotation = Rotation(store=self.store, server=self.server, record=self.record, clock=self.clock)
        return rotation.run(session)

    def _exchange_code(self, command: cmd.ExchangeCode, code_exchange: CodeExchange) -> Sequence[ev.Event]:
        try:
            return [code_exchange.redeem(command)]
        finally:
            self.record = replace(self.record, client_id=code_exchange.record.client_id)

    def _commit(self, command: cmd.CommitSession, code_exchange: CodeExchange) -> Sequence[ev.Event]:
        committed = code_exchange.commit(command, after=self.context.generation)
        if isinstance(committed, ev.SessionCommitted):
            self.record = code_exchange.record
        return [committed]

    def _revoke(self, session: Session) -> Sequence[ev.Event]:
        sign_out.revoke_session(server=self.server, record=self.record, session=session)
        return []

    def _revoke_pending(self) -> Sequence[ev.Event]:
        sign_out.revoke_pending(store=self.store, server=self.server, record=self.record)
        return []

    def _end_session(self, command: cmd.EndSession) -> Sequence[ev.Event]:
        endings, self._endings = self._endings, []
        revoked: bool | None = False
        failure: Exception | None = None
        try:
            revoked = sign_out.end(
                store=self.store,
                server=self.server,
                record=self.record,
                session=command.session,
                revoke=command.revoke,
            )
        except Exception as error:  # noqa: BLE001 - it is raised where the sign-out is awaited
            failure = error
        with self._lock:
            self._leaving -= 1
        self.post(ev.SignOutCompleted(at=self.clock(), revoked=revoked))
        for future in endings:
            if failure is None:
                future.set_result(revoked)
            else:
                future.set_exception(failure)
        return []


def _refusal(state: State, context: Context) -> ConnectionFailed:
    if state is State.AUTHORIZING:
        return InteractionRequired("A sign-in is waiting for the browser.", case="login-in-progress")
    if state is State.DISCONNECTED or context.case is None:
        return InteractionRequired("Nobody is signed in.")
    case = cases.find(context.case)
    if state is State.EXPIRED:
        return InteractionRequired(f"{case.title}.", case=context.case)
    if case.category in (Category.TRANSIENT, Category.ENVIRONMENT):
        return TemporarilyUnavailable(f"{case.title}.", case=context.case, retry_at=context.retry_at)
    return ConnectionFailed(f"{case.title}.", case=context.case)


_Failed = Callable[[float, str], Sequence[ev.Event]]
"""What to report of work that broke, or never began: at which time, and for which case."""


def _nothing(_: float, __: str) -> Sequence[ev.Event]:
    return []


def _reading_failed(at: float, case: str) -> Sequence[ev.Event]:
    return [ev.StoreFailed(at=at, case=case)]


def _broken_off(attempt_id: str) -> _Failed:
    return lambda at, case: [ev.CodeExchangeFailed(at=at, attempt_id=attempt_id, case=case)]


def _refresh_failed(at: float, case: str) -> Sequence[ev.Event]:
    """A bug waits for nobody; everything else passes, and nothing was sent."""
    return [ev.RefreshRefused(at=at, case=case) if cases.is_bug(case) else ev.RefreshFailed(at=at, case=case)]
