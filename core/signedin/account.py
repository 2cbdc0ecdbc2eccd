"""Owns `Account`: one account's state in this process, the lock that every step takes, and the exchanges it starts.

There is one object for an account in a process; connections are handles on it. A step is synchronous and without I/O,
so it is atomic for asyncio, trio and plain threads alike. What a step commands is carried out by `errands`, and reports
back as an event. No secret leaves it but the access token that a caller asks for.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Protocol

from signedin import cases, machine
from signedin import events as ev
from signedin.authorization_server import AuthorizationServer
from signedin.code_exchange import CodeExchange
from signedin.context import Context
from signedin.errands import Errand, Errands, Failed, nothing
from signedin.errors import (
    ConnectionFailed,
    InteractionRequired,
    MisuseError,
    SignedinError,
    SignInFailed,
    TemporarilyUnavailable,
    UnexpectedEvent,
)
from signedin.failures import Failures
from signedin.in_hand import InHand
from signedin.listeners import Listeners
from signedin.lookout import Lookout, Seen
from signedin.ports import Clock, Http, Listen, Log, Store
from signedin.provider import Provider
from signedin.record import AccountRecord
from signedin.session import Session
from signedin.states import Category, Flag, State
from signedin.stored_state import FOUND_ANEW, health_of, is_noteworthy
from signedin.timekeeper import Due, Timekeeper
from signedin.transition import Transition, details_of

_ATTEMPT_ENDINGS = (ev.SignInFailed, ev.SignInCancelled, ev.SignInTimedOut, ev.CodeExchangeFailed)
"""Their case is told even where an older case of the account stands."""
_A_PERSONS = ("sign_in", "enable_plan", "open_url", "unlock_store")
"""What only the user can do."""
_SIGNED_OUT_ELSEWHERE = "signed-out-elsewhere"
"""Why nobody is signed in any more; any other case of Disconnected is about a sign-in or a sign-out that is over."""


class SignIn(Protocol):
    """An attempt, as far as the account knows it: `deadline` is Unix seconds, `end` tells what it came to.

    `timeout_case` is what it means if the deadline passes.
    """

    id: str
    deadline: float
    timeout_case: str

    def end(self, case: str | None, *, saved: bool) -> None:
        """`case` is None for a session; `saved` is False where that session lies in memory alone."""
        ...

    async def done(self) -> None:
        """Wait for the end. Raises SignInFailed with the case; returns once a session is held."""
        ...


class Account:
    """One account. `post` is the only way in, `offer` the only way to a token; `listeners` hear every transition.

    What fails beside the transitions is told to `failures`.

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
        self.timekeeper = Timekeeper(
            next_due=self._next_due,
            fire=self._fire,
            clock=clock,
            needed=self._is_unsaved,
            look=self._look_for_listeners,
        )
        self.listeners.changed = self.timekeeper.attend
        self.lookout = Lookout(store, provider, clock=clock, may_be=may_be)
        self._begin()

    def _begin(self) -> None:
        self._lock, self._telling = threading.Lock(), threading.Lock()
        self._opening, self._opened = threading.RLock(), False
        self._standing: tuple[State, Context] = (State.DISCONNECTED, Context())
        self._in_hand: InHand | None = None
        self._settling: tuple[Future[None], ...] = ()
        self._told: list[Transition] = []
        self._noted = False
        self.failures = Failures(self.log, self._id)
        self._errands = Errands(self)

    def begin_again(self) -> None:
        """In a forked child: nothing is known, until the next use takes it from the store.

        Locks, exchanges, sign-ins and those who wait for them are the parent's, and none of them ever ends here.
        """
        self._begin()
        self.listeners.begin_again()
        self.timekeeper.begin_again()

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

    def _id(self) -> str:
        """Whose it is by now."""
        return self.record.id

    def _is_unsaved(self) -> bool:
        """Whether the session lies in memory alone."""
        return self.context.unsaved is not None

    def open(self) -> None:
        """Take the state from the store, once: whoever comes meanwhile waits. Blocks on the disk, perhaps a keyring."""
        with self._opening:
            if self._opened:
                return
            self._opened = True  # by now, so that a listener that looks at the account from here finds it
            try:
                seen = self.read()
            except BaseException:
                self._opened = False
                raise
            if seen.sign_out_unfinished:
                self._errands.start("revocation", self._errands.finish_sign_out, nothing)

    def read(self) -> Seen:
        """Take the state from the store. Blocks on the disk, perhaps a keyring."""
        seen = self.lookout.read(self.record)
        self._believe(seen)
        return seen

    def look(self, *, at_once: bool = False) -> None:
        """See what other processes did, at most once a second unless `at_once`; a sign-in out of time ends too.

        While our own sign-out is under way the store may still hold what it ends: that is no news.
        """
        self.open()
        self._end_overdue_sign_in()
        if self._errands.leaving:
            return
        seen = self.lookout.news(self.record, self.context, at_once=at_once)
        if seen is not None and not self._errands.leaving:
            self._believe(seen)

    def _look_for_listeners(self) -> None:
        """Whoever listens is told what another process did without asking; what fails now is met by the next look."""
        with suppress(SignedinError):
            self.look()

    def adopt(self, record: AccountRecord) -> None:
        """The record as another process left it, with the session that is about to be told of."""
        self.record = record

    def _believe(self, seen: Seen) -> None:
        self.record, self._noted = seen.record, seen.noted
        if seen.event is not None:
            self.post(seen.event)

    # serving ------------------------------------------------------------------------------------------------------

    def offer(self) -> "Session | Future[None]":
        """The session to use now, or a future to wait for before asking again.

        Starts a refresh where one is due, and serves the old token meanwhile as long as that is wise. Raises
        InteractionRequired, TemporarilyUnavailable or ConnectionFailed where no token can be had.
        """
        hand = self._in_hand  # judged here and not by a call: most calls for a token end at this line
        if hand is not None and monotonic() < hand.look_at and hand.since <= self.clock() < hand.due_at:
            return hand.session
        self.look()
        at = self.clock()
        if (session := self._take_in_hand(at)) is not None:
            return session
        self._let_happen(at)
        state, context = self._standing
        if context.session is not None and machine.usable(state, context, at):
            return context.session
        if context.reading or (context.session is not None and context.exchange is not None):
            return self.settled()
        raise _refusal(state, context)

    def _take_in_hand(self, at: float) -> Session | None:
        """The session where nothing is to be done about it, ready for those who ask until the next look."""
        state, context = standing = self._standing
        session = context.session
        if session is None or state is not State.CONNECTED or context.refused() or at >= (due_at := session.due_at(at)):
            return None
        hand = InHand(session=session, since=session.known_since, due_at=due_at, look_at=self.lookout.next_at)
        with self._lock:
            if self._standing is standing:
                self._in_hand = hand
        return session

    def _let_happen(self, at: float) -> None:
        """All that the clock made due happens now: without listeners there is no thread that would do it."""
        while (due := self._next_due(at)) is not None and due[0] <= at:
            self._fire(due[1](at))

    def _next_due(self, at: float) -> Due | None:
        return machine.due(*self._standing, at)

    def _end_overdue_sign_in(self) -> None:
        """The task that keeps its deadline may have died with its event loop."""
        due, at = machine.sign_in_due(self.context), self.clock()
        if due is not None and due[0] <= at:
            self._fire(due[1](at))

    def _fire(self, event: ev.Event) -> None:
        """Post what the clock made due. What it means that a sign-in ran out of time, its attempt knows best."""
        if isinstance(event, ev.SignInTimedOut) and (held := self._errands.attempts.get(event.attempt_id)):
            event = replace(event, case=held[0].timeout_case)
        self._post_if_it_can_be(event)

    def _post_if_it_can_be(self, event: ev.Event) -> bool:
        try:
            self.post(event)
        except UnexpectedEvent:
            return False  # the account moved meanwhile
        return True

    def request_refresh(self) -> "Future[None]":
        """Ask for a fresh token now; the future ends with the asking. Raises `refusal` where none can be had."""
        self.open()
        if self.provider.takes_key and self.state is State.ERROR:
            return self.retry()
        if self.provider.takes_key:
            raise MisuseError("An API key is never renewed: there is nothing to refresh.")
        if not self._post_if_it_can_be(ev.RefreshRequested(at=self.clock())):
            raise self.refusal()
        session = self.context.session
        if session is not None and session.refresh_token is None:
            raise ConnectionFailed("The session cannot be renewed.", case="refresh-token-absent")
        return self.settled()

    def retry(self) -> "Future[None]":
        """Try again what an Error waits for, now. Raises `refusal` where nothing can be tried."""
        self.open()
        if not self._post_if_it_can_be(ev.RetryRequested(at=self.clock())):
            raise self.refusal()
        return self.settled()

    def raise_flag(self, flag: Flag, case: str | None) -> None:
        """Raise the flag for this case, as far as that is news: whoever asks on and on is refused on and on."""
        context = self.context
        if flag not in context.flags or (case != context.case and context.retry_at is None):
            self.post(ev.FlagRaised(at=self.clock(), flag=flag, case=case))

    def lower_flag(self, flag: Flag) -> None:
        """Lower the flag, if it is raised."""
        if flag in self.context.flags:
            self.post(ev.FlagCleared(at=self.clock(), flag=flag))

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
        self._errands.endings.append(ending)
        self.post(ev.SignOutRequested(at=self.clock(), revoke=revoke))
        return ending

    # signing in ----------------------------------------------------------------------------------------------------

    def begin(self, attempt: SignIn, code_exchange: CodeExchange) -> None:
        """Take the attempt over, with what is to be done with its code.

        Raises SignInFailed where another one runs in this process.
        """
        self._end_overdue_sign_in()
        self._errands.attempts[attempt.id] = attempt, code_exchange
        requested = ev.SignInRequested(
            at=self.clock(), attempt_id=attempt.id, deadline=attempt.deadline, timeout_case=attempt.timeout_case
        )
        if not self._post_if_it_can_be(requested):
            del self._errands.attempts[attempt.id]
            raise SignInFailed("Another sign-in of this account is running.", case="login-in-progress")

    def carry_out(self, name: str, work: Callable[[], Sequence[ev.Event]], failed: Failed) -> None:
        """Do an attempt's own work as an exchange, once at a time: see `Errands.start`.

        It waits for no place and takes none: refreshes never wait for what people are slow to decide.
        """
        self._errands.start(name, work, failed, at_once=True)

    @property
    def attempt(self) -> "SignIn | None":
        """The sign-in that is running, if any."""
        return next((attempt for attempt, _ in tuple(self._errands.attempts.values())), None)

    # stepping ------------------------------------------------------------------------------------------------------

    def post(self, event: ev.Event) -> None:
        """Take one event, from any thread; then tell the listeners and start what it commands.

        Raises UnexpectedEvent where the event cannot be.
        """
        self.take(event)()

    def take(self, event: ev.Event) -> Callable[[], None]:
        """Take one event and note for other processes how the account fares then; what is returned does the rest.

        Raises UnexpectedEvent where the event cannot be.
        """
        with self._lock:
            state, before = self._standing
            step = machine.step(state, before, event)
            self._standing, self._in_hand = (step.state, step.context), None
            transition = self._transition(step, before, event)
            self._told.append(transition)
            settled = self._take_settled()
            errands = [self._errands.bind(command, event) for command in step.commands]
        if not isinstance(event, ev.AccountLoaded):  # what was read is noted already
            self._note(transition)
        return partial(self._follow_up, errands, settled)

    def _follow_up(self, errands: Sequence[Errand], settled: Sequence["Future[None]"]) -> None:
        try:
            self._tell()
        finally:  # a Ctrl-C in a listener must not lose what the step commands
            for errand in errands:
                errand()
            self.timekeeper.look_again()
            for future in settled:
                future.set_result(None)

    def settled(self) -> "Future[None]":
        """A future that is done as soon as no exchange and no reading is under way; waiting for it asks for nothing."""
        future: Future[None] = Future()
        with self._lock:
            if self.context.exchange is not None or self.context.reading:
                self._settling = (*self._settling, future)
                return future
        future.set_result(None)
        return future

    def _take_settled(self) -> Sequence["Future[None]"]:
        if self.context.exchange is not None or self.context.reading:
            return ()
        settled, self._settling = self._settling, ()
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
        while self._told and (telling := self._telling).acquire(blocking=False):
            try:
                while self._told:
                    transition = self._told.pop(0)
                    self.failures.heard(transition)
                    self.listeners.tell(transition)
            finally:
                telling.release()  # after a fork in a listener, the child has another one

    def _note(self, transition: Transition) -> None:
        """Leave how the account fares where `status` and other processes find it; nothing where all is well."""
        if transition.state not in (State.CONNECTED, State.EXPIRED, State.ERROR):
            return
        health = health_of(*self._standing)
        if health.case == FOUND_ANEW or not transition.visible:
            return
        noteworthy = is_noteworthy(health)
        if transition.trigger == ev.ApiAccepted.__name__:
            health = replace(health, last_verified_at=transition.at)
        if health.generation and (noteworthy or self._noted):
            self._noted = noteworthy
            self.store.note_health(self.record.id, health)


def _refusal(state: State, context: Context) -> ConnectionFailed:
    if state is State.AUTHORIZING:
        return InteractionRequired("A sign-in is under way already.", case="login-in-progress")
    if context.case is None or (state is State.DISCONNECTED and context.case != _SIGNED_OUT_ELSEWHERE):
        return InteractionRequired("Nobody is signed in.")
    case = cases.find(context.case)
    if state in (State.DISCONNECTED, State.EXPIRED):
        return InteractionRequired(f"{case.title}.", case=context.case)
    if case.category in (Category.TRANSIENT, Category.ENVIRONMENT):
        return TemporarilyUnavailable(f"{case.title}.", case=context.case, retry_at=context.retry_at)
    if case.action in _A_PERSONS:
        return InteractionRequired(f"{case.title}.", case=context.case)
    return ConnectionFailed(f"{case.title}.", case=context.case)
