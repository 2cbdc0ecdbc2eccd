"""The nine rules of the machine, held against a small world that acts without asking: user, provider, other processes.

The world has a store, a grant that may die, a clock, and the commands whose outcome is still out; it may answer them at
any time, in any order with everything else. Each rule of the design stands below under its number.
"""

import os
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.walk import CODE, LIFE, START, session

from signedin import cases, machine
from signedin import commands as cmd
from signedin import events as ev
from signedin.context import Context
from signedin.record import Health
from signedin.session import Session
from signedin.states import Category, Flag, State

NO_VERDICT = ("offline", "dns-failure", "tls-interception", "proxy-not-used", "provider-outage", "ok-status-error-body")
TERMINAL = ("refresh-token-reused", "refresh-token-revoked", "refresh-token-expired-idle", "session-ended")
UNKNOWN = ("unclassified", "client-refused", "scopes-missing")
LEADING_TO_EXPIRED = (ev.RefreshRejected, ev.GrantEnded, ev.RefreshDue, ev.RefreshRequested, ev.AccountLoaded)
LONGEST_WAIT = 7200.0
"""What the provider asks for at most, which is more than we wait by ourselves."""
FOUND = ("well", "rebound", "in error", "in error with a time", "another user's", "expired")
"""What may lie beside a session, or stand against it, where it is loaded."""
GIVING_UP: tuple[Any, ...] = (ev.SignInFailed, ev.SignInCancelled)
ENDINGS = (ev.SignInFailed, ev.SignInCancelled, ev.SignInTimedOut, ev.CodeExchangeFailed)


@dataclass
class Store:
    """What all processes share."""

    session: Session | None = None
    signed_out: bool = False
    highest: int = 0
    saved: set[int] = field(default_factory=set)

    def commit(self, fresh: Session) -> Session:
        """Give the session the next number and keep it."""
        self.highest += 1
        self.session = fresh.with_generation(self.highest)
        self.saved.add(self.highest)
        return self.session


class World(RuleBasedStateMachine):
    """One account's machine, and everybody who acts on it."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.context, self.now = State.DISCONNECTED, Context(), START
        self.store = Store()
        self.exchange: cmd.RefreshToken | cmd.ExchangeCode | cmd.CommitSession | None = None
        self.readings: list[ev.AccountLoaded] = []
        self.attempts: list[str] = []
        self.signed_out = False
        self.refreshed_after_401: set[int] = set()

    # How the world turns.

    def take(self, kind: type[Any], **fields: Any) -> tuple[cmd.Command, ...]:
        """Fire one event, check what holds for every step, and remember the commands."""
        source, before = self.state, self.context
        step = machine.step(source, before, kind(at=self.now, **fields))
        self.state, self.context = step.state, step.context
        self.check_rule_2(source, kind)
        self.check_rule_8(source, before, kind)
        for command in step.commands:
            if isinstance(command, (cmd.RefreshToken, cmd.ExchangeCode, cmd.CommitSession)):
                assert self.exchange is None, "two exchanges at once"
                self.exchange = command
            elif isinstance(command, cmd.LoadAccount):
                self.readings.append(self.reading())
        return step.commands

    def reading(self) -> ev.AccountLoaded:
        """What the store says now, to be told later."""
        return ev.AccountLoaded(at=self.now, session=self.store.session, signed_out=self.store.signed_out)

    def fresh(self, **fields: Any) -> Session:
        """A session that the provider issues now."""
        return session(0, issued_at=self.now, **fields)

    def out(self, kind: type[Any]) -> Any:
        """The exchange that is out, taken off, if it is of this kind."""
        assert isinstance(self.exchange, kind)
        command, self.exchange = self.exchange, None
        return command

    def awaits(self, kind: type[Any]) -> bool:
        """Whether such an exchange is out."""
        return isinstance(self.exchange, kind)

    def found(self, what: str) -> dict[str, Any]:
        """What a reading tells beside the session itself."""

        def health(state: State, case: str, retry_at: float | None = None) -> dict[str, Any]:
            left = Health(generation=self.store.highest, state=state.value, case=case, retry_at=retry_at)
            return {"health": left}

        told: dict[str, dict[str, Any]] = {
            "well": {},
            "rebound": {"rebound": True},
            "in error": health(State.ERROR, "offline"),
            "in error with a time": health(State.ERROR, "keyring-locked", self.now + 30),
            "another user's": health(State.ERROR, "refresh-token-other-user", self.now + 30),
            "expired": health(State.EXPIRED, "session-ended"),
        }
        return told[what]

    @initialize(held=st.booleans(), renewable=st.booleans(), what=st.sampled_from(FOUND))
    def begin(self, held: bool, renewable: bool, what: str) -> None:
        """The store is read."""
        if held:
            self.store.commit(self.fresh(refresh=renewable))
        self.take(ev.AccountLoaded, session=self.store.session, **self.found(what))

    @rule(seconds=st.sampled_from([1.0, 20.0, 300.0, LIFE * 0.9, 2 * LIFE]))
    def time_passes(self, seconds: float) -> None:
        """Nothing happens by itself."""
        self.now += seconds

    @rule(seconds=st.sampled_from([-4 * 3600.0, -30.0, 4 * 3600.0]))
    def the_clock_is_set(self, seconds: float) -> None:
        """By a person, by the network or by a machine that wakes up."""
        self.now += seconds

    @rule()
    def the_clock_fires(self) -> None:
        """What is due is fired; it ends."""
        for _ in range(4):
            due = machine.due(self.state, self.context, self.now)
            if due is None or due[0] > self.now:
                return
            event = due[1](self.now)
            fields = {name: getattr(event, name) for name in type(event).__dataclass_fields__ if name != "at"}
            self.take(type(event), **fields)
        raise AssertionError("the clock runs in circles")

    # The user.

    @precondition(lambda self: self.state is not State.AUTHORIZING)
    @rule()
    def user_signs_in(self) -> None:
        """A new attempt begins."""
        self.attempts.append(f"attempt {len(self.attempts)}")
        self.take(ev.SignInRequested, attempt_id=self.attempts[-1], deadline=self.now + 600)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), kind=st.sampled_from(GIVING_UP))
    def attempt_ends(self, data: st.DataObject, kind: Any) -> None:
        """Cancelled or refused: the attempt that runs, or late, one that is over; a commit is not given up."""
        committing = self.context.attempt is not None and self.context.attempt.committing
        self.take(kind, attempt_id=data.draw(st.sampled_from(self.attempts)), case="user-denied-consent")
        assert self.state is State.AUTHORIZING or not committing

    @precondition(lambda self: self.attempts)
    @rule(data=st.data())
    def code_arrives(self, data: st.DataObject) -> None:
        """Rule 8: a code redeems nothing unless it is the running attempt's first."""
        attempt_id, running = data.draw(st.sampled_from(self.attempts)), self.context.attempt
        commands = self.take(ev.CodeReceived, attempt_id=attempt_id, code=CODE, client_id="client")
        if running is None or running.id != attempt_id or running.code_seen:
            assert commands == ()
            assert self.context.attempt == running

    @rule(case=st.sampled_from(["state-mismatch-stale-tab"]), attempt_id=st.sampled_from(["attempt 0", "forged"]))
    def rule_6_a_wrong_callback_changes_nothing(self, case: str, attempt_id: str) -> None:
        """It is answered and counted elsewhere; the machine stays as it is."""
        before = (self.state, self.context)
        assert self.take(ev.CallbackRejected, attempt_id=attempt_id, case=case) == ()
        assert (self.state, self.context) == before

    @rule(revoke=st.booleans())
    def rule_9_signing_out_reaches_disconnected(self, revoke: bool) -> None:
        """From every state, whatever is out."""
        commands = self.take(ev.SignOutRequested, revoke=revoke)
        assert self.state is State.DISCONNECTED
        assert isinstance(commands[-1], cmd.EndSession)
        self.store.session, self.store.signed_out, self.signed_out = None, True, True

    @rule(revoked=st.sampled_from([True, False, None]))
    def sign_out_completes(self, revoked: bool | None) -> None:
        """At any time, since it is told late."""
        self.take(ev.SignOutCompleted, revoked=revoked)

    @precondition(lambda self: self.state not in (State.DISCONNECTED, State.EXPIRED))
    @rule(kind=st.sampled_from([ev.RefreshRequested, ev.RetryRequested]))
    def user_asks_again(self, kind: type[Any]) -> None:
        """For a fresh token, or another try."""
        self.take(kind)

    # The provider, at the token endpoint.

    @precondition(lambda self: self.awaits(cmd.RefreshToken))
    @rule(renewable=st.booleans(), saved=st.booleans())
    def refresh_succeeds(self, renewable: bool, saved: bool) -> None:
        """Rule 3 and the marker come first: a newer session is adopted, a sign-out is followed, both unspent."""
        spent: Session = self.out(cmd.RefreshToken).session
        if self.adopts_or_abandons(spent):
            return
        if saved:
            fresh = self.store.commit(self.fresh(refresh=renewable))
            commands = self.take(ev.TokenRefreshed, session=fresh)
        else:
            self.store.highest = max(self.store.highest, spent.generation) + 1
            fresh = self.fresh(refresh=renewable).with_generation(self.store.highest)
            commands = self.take(ev.TokenRefreshed, session=fresh, durable=False, case="disk-full-or-readonly")
        revoked = cmd.RevokeTokens(session=fresh) in commands
        assert revoked or self.context.generation >= fresh.generation, "rule 8: a late refresh is kept or revoked"

    def adopts_or_abandons(self, spent: Session) -> bool:
        """What the store says before anything is spent, or before a refusal is believed."""
        if self.store.signed_out:
            self.take(ev.RefreshAbandoned)
        elif self.store.session is not None and self.store.session.generation > spent.generation:
            self.take(ev.SessionAdopted, session=self.store.session)
            if self.state not in (State.DISCONNECTED, State.AUTHORIZING):
                assert self.state is State.CONNECTED, "rule 3: a newer session is adopted"
        else:
            return False
        return True

    @precondition(lambda self: self.awaits(cmd.RefreshToken))
    @rule(case=st.sampled_from(NO_VERDICT), in_doubt=st.booleans(), retry_after=st.sampled_from([None, LONGEST_WAIT]))
    def rule_1_an_outage_ends_nothing(self, case: str, in_doubt: bool, retry_after: float | None) -> None:
        """Connected while the access token lives, then a transient Error; never Expired, never Disconnected."""
        self.out(cmd.RefreshToken)
        source, held = self.state, self.context.session
        self.take(ev.RefreshFailed, case=case, in_doubt=in_doubt, retry_after=retry_after)
        assert self.context.session == held
        if source is State.REFRESHING:
            assert held is not None
            assert self.state is (State.CONNECTED if held.alive(self.now) else State.ERROR)
            assert cases.find(self.context.case or "").category is Category.TRANSIENT
            assert self.context.retry_at is not None
            assert self.context.retry_at >= self.now + (retry_after or 15.0)
        else:
            assert self.state is source

    @precondition(lambda self: self.awaits(cmd.RefreshToken))
    @rule(case=st.sampled_from(TERMINAL))
    def grant_is_dead(self, case: str) -> None:
        """Rule 3: believed only if the store has nothing newer."""
        spent: Session = self.out(cmd.RefreshToken).session
        if not self.adopts_or_abandons(spent):
            self.take(ev.RefreshRejected, case=case)

    @precondition(lambda self: self.awaits(cmd.RefreshToken))
    @rule(case=st.sampled_from(UNKNOWN))
    def rule_2_an_unknown_refusal_keeps_the_credential(self, case: str) -> None:
        """Error, by category; the session stays in hand."""
        self.out(cmd.RefreshToken)
        source, held = self.state, self.context.session
        self.take(ev.RefreshRefused, case=case)
        assert self.context.session == held
        assert self.state is (State.ERROR if source is State.REFRESHING else source)

    @precondition(lambda self: self.awaits(cmd.ExchangeCode))
    @rule()
    def code_is_redeemed(self) -> None:
        """Rules 7 and 8: committed before it is held if the attempt is on, else revoked."""
        command = self.out(cmd.ExchangeCode)
        held = self.context.session
        fresh = self.fresh(plan_enabled=True)
        commands = self.take(ev.CodeExchanged, attempt_id=command.attempt_id, session=fresh)
        assert self.context.session == held
        assert {type(each) for each in commands} <= {cmd.CommitSession, cmd.RevokeTokens, cmd.ExchangeCode}
        assert isinstance(commands[0], (cmd.CommitSession, cmd.RevokeTokens))

    @precondition(lambda self: self.awaits(cmd.ExchangeCode) or self.awaits(cmd.CommitSession))
    @rule()
    def code_is_refused(self) -> None:
        """Or the commit finds that the session is another account's."""
        command = self.out((cmd.ExchangeCode, cmd.CommitSession))  # type: ignore[arg-type]
        self.take(ev.CodeExchangeFailed, attempt_id=command.attempt_id, case="code-expired-or-used")

    @precondition(lambda self: self.awaits(cmd.CommitSession))
    @rule(saved=st.booleans())
    def session_is_committed(self, saved: bool) -> None:
        """In the store, or in memory alone; the end of a signed-out account's late session removes it again."""
        command = self.out(cmd.CommitSession)
        wanted = self.context.attempt is not None and self.context.attempt.id == command.attempt_id
        if saved:
            fresh, case = self.store.commit(command.session), None
        else:
            self.store.highest += 1
            fresh, case = command.session.with_generation(self.store.highest), "persist-failed-at-login"
        if wanted:
            self.store.signed_out = self.signed_out = False
        commands = self.take(
            ev.SessionCommitted, attempt_id=command.attempt_id, session=fresh, durable=saved, case=case
        )
        assert wanted == (self.state is State.CONNECTED and self.context.session == fresh)
        if not wanted:
            assert isinstance(commands[0], (cmd.EndSession, cmd.RevokeTokens))
            self.store.session = self.store.session if self.store.session != fresh else None

    # The provider, at the API.

    @rule(back=st.sampled_from([0, 0, 0, 1]))
    def rule_4_a_401_is_believed_once_a_generation(self, back: int) -> None:
        """It refreshes once; the next generation's is an Error, and never a third step."""
        generation, suspected = self.context.generation - back, self.context.unauthorized
        alive, source = self.context.alive(self.now), self.state
        if not alive:
            return  # an answer counts only if the token was alive when it came
        commands = self.take(ev.ApiUnauthorized, generation=generation)
        if back or source in (State.DISCONNECTED, State.EXPIRED):
            assert commands == ()
        if any(isinstance(each, cmd.RefreshToken) for each in commands):
            assert suspected is None
            assert generation not in self.refreshed_after_401
            self.refreshed_after_401.add(generation)

    @rule(back=st.integers(0, 1))
    def api_accepts(self, back: int) -> None:
        """A token of this generation, or an older one's late answer."""
        self.take(ev.ApiAccepted, generation=self.context.generation - back)
        if back == 0 and self.context.session is not None:
            self.refreshed_after_401.discard(self.context.generation)

    @rule(back=st.integers(0, 1))
    def api_says_that_the_grant_ended(self, back: int) -> None:
        """By code; of the generation in hand or an older one."""
        self.take(ev.GrantEnded, generation=self.context.generation - back, case="refresh-token-revoked")

    @rule(
        kind=st.sampled_from([ev.FlagRaised, ev.FlagCleared]),
        flag=st.sampled_from([Flag.USAGE_PAUSED, Flag.MODELS_BLOCKED, Flag.CLOCK_SKEWED, Flag.IDENTITY_UNVERIFIED]),
    )
    def rule_5_a_flag_moves_nothing(self, kind: type[Any], flag: Flag) -> None:
        """Neither state nor session nor deadline; and it commands nothing."""
        before, due = (self.state, self.context), machine.due(self.state, self.context, self.now)
        assert self.take(kind, flag=flag) == ()
        after = machine.due(self.state, self.context, self.now)
        assert (self.state, replace(self.context, flags=before[1].flags, case=before[1].case)) == before
        assert (due and due[0]) == (after and after[0])

    # The store and other processes.

    @precondition(lambda self: self.readings)
    @rule(data=st.data(), failed=st.booleans(), what=st.sampled_from(FOUND))
    def store_answers(self, data: st.DataObject, failed: bool, what: str) -> None:
        """With what it held when it was asked."""
        reading = self.readings.pop(data.draw(st.integers(0, len(self.readings) - 1)))
        if failed:
            self.take(ev.StoreFailed, case="keyring-locked")
        else:
            fields = self.found(what)
            self.take(ev.AccountLoaded, session=reading.session, signed_out=reading.signed_out, **fields)

    @precondition(lambda self: self.context.flags & {Flag.STORAGE_DEGRADED})
    @rule()
    def unsaved_session_is_saved(self) -> None:
        """The holder keeps trying."""
        if self.context.session is not None:
            self.store.session = self.context.session
            self.store.saved.add(self.context.session.generation)
            self.take(ev.FlagCleared, flag=Flag.STORAGE_DEGRADED)

    @precondition(lambda self: Flag.STORAGE_DEGRADED not in self.context.flags)
    @rule(signs_in=st.booleans())
    def another_process_commits(self, signs_in: bool) -> None:
        """It refreshed, or signed in anew."""
        if signs_in or (self.store.session is not None and not self.store.signed_out):
            self.store.commit(self.fresh())
            self.store.signed_out = self.store.signed_out and not signs_in

    @rule()
    def another_process_signs_out(self) -> None:
        """It leaves the marker; the session is gone."""
        self.store.session, self.store.signed_out = None, True

    @rule()
    def store_is_looked_at(self) -> None:
        """What changed there is told."""
        if self.store.signed_out:
            self.take(ev.SignedOutElsewhere)
        elif self.store.session is not None and self.store.session.generation > self.context.generation:
            self.signed_out = False
            self.take(ev.SessionReplaced, session=self.store.session)

    # What holds for every step, and always.

    def check_rule_2(self, source: State, kind: type[Any]) -> None:
        """Rule 2: only a verdict on the grant leads to Expired, and from Refreshing only one by code."""
        if self.state is State.EXPIRED and source is not State.EXPIRED:
            assert kind in (*LEADING_TO_EXPIRED, *ENDINGS)
            if source is State.REFRESHING:
                assert kind in (ev.RefreshRejected, ev.GrantEnded)

    def check_rule_8(self, source: State, before: Context, kind: type[Any]) -> None:
        """Rule 8: an attempt that comes to nothing goes back to where it came from, and takes nothing away."""
        if source is State.AUTHORIZING and kind in ENDINGS and self.state is not State.AUTHORIZING:
            assert before.attempt is not None
            assert self.state in (before.attempt.returns_to, State.REFRESHING)
            assert self.context.session == before.session
            assert self.context.case is not None

    @invariant()
    def rule_7_connected_means_saved_or_announced_as_unsaved(self) -> None:
        """A session in hand is in the store, or the flag says that it is not."""
        if self.context.session is not None:
            saved = self.context.session.generation in self.store.saved
            assert saved or Flag.STORAGE_DEGRADED in self.context.flags

    @invariant()
    def rule_8_every_attempt_has_an_end(self) -> None:
        """Authorizing has a deadline, or a commit that is out."""
        assert (self.state is State.AUTHORIZING) == (self.context.attempt is not None)
        if self.context.attempt is not None:
            assert self.context.attempt.committing or machine.due(self.state, self.context, self.now) is not None
            assert not self.context.attempt.committing or self.awaits(cmd.CommitSession)

    @invariant()
    def rule_9_no_late_answer_brings_the_session_back(self) -> None:
        """Between a sign-out and the next sign-in there is no token."""
        if self.signed_out:
            assert self.context.session is None
        if self.state in (State.DISCONNECTED, State.EXPIRED):
            assert self.context.session is None
            assert not machine.usable(self.state, self.context, self.now)

    @invariant()
    def rule_9_every_error_ends(self) -> None:
        """By time, unless it is a bug; and it always has a reason."""
        if self.state is State.ERROR:
            assert self.context.case is not None
            assert cases.is_bug(self.context.case) or self.context.retry_at is not None

    @invariant()
    def no_wait_is_longer_than_was_asked_for(self) -> None:
        """However the clock was set meanwhile."""
        due = machine.due(self.state, self.context, self.now)
        if self.state is State.ERROR and due is not None:
            assert due[0] <= self.now + LONGEST_WAIT + 60

    @invariant()
    def one_exchange_at_most(self) -> None:
        """The slot is taken exactly while an outcome is out."""
        assert (self.exchange is not None) == (self.context.exchange is not None)


World.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=list(HealthCheck),
)
TestTheNineRules = pytest.mark.timeout(60)(World.TestCase)
