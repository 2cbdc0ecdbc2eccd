"""Owns the actions: what a row of the table does to the context, and which commands come of it. Pure.

An action's docstring is how docs/state-diagram.md puts it.
"""

from collections.abc import Callable
from dataclasses import replace

from signedin import cases
from signedin import events as ev
from signedin.commands import (
    Command,
    CommitSession,
    EndSession,
    ExchangeCode,
    LoadAccount,
    RefreshToken,
    RevokeTokens,
    SaveSession,
    StopSignIn,
)
from signedin.context import SAVE_SECONDS, Attempt, Context, Exchange, Unsaved
from signedin.guards import Ending
from signedin.states import KEPT_FLAGS, Flag, State
from signedin.waits import in_force

Outcome = tuple[Context, tuple[Command, ...]]


def stay(context: Context, _: ev.Event) -> Outcome:
    """Nothing."""
    return context, ()


# The store was read.


def answer(context: Context, _: ev.AccountLoaded | ev.StoreFailed) -> Outcome:
    """Nothing; the reading is over."""
    return context.after_reading(), ()


def load_nobody(context: Context, event: ev.AccountLoaded) -> Outcome:
    """Forget what was known, but for the generation."""
    answered = context.after_reading()
    empty = Context(generation=answered.generation, exchange=answered.exchange, reading=answered.reading)
    return replace(empty, case=event.case, signed_out=event.signed_out), ()


def load(context: Context, event: ev.AccountLoaded) -> Outcome:
    """Hold the session."""
    if event.session is None:
        return load_nobody(context, event)
    flags = {Flag.IN_DOUBT} if event.in_doubt else set[Flag]()
    if event.answered:
        flags |= {Flag.STORAGE_DEGRADED}
    if event.health is not None:
        flags |= {Flag(flag) for flag in event.health.flags if flag in KEPT_FLAGS}
    case = "unsaved-elsewhere" if event.answered else None
    clear = replace(context.after_reading(), flags=frozenset(flags), retry_at=None, failures=0, case=case)
    return _waiting_on(clear.holding(event.session), event), ()


def load_copied(context: Context, event: ev.AccountLoaded) -> Outcome:
    """Leave the session alone: it belongs to another machine."""
    return _known(context, event).without_session("copied-to-second-machine"), ()


def load_expired(context: Context, event: ev.AccountLoaded) -> Outcome:
    """Leave the session alone: its grant is known to be dead."""
    case = event.health.case if event.health is not None else None
    return _known(context, event).without_session(case or "session-ended"), ()


def load_run_out(context: Context, event: ev.AccountLoaded) -> Outcome:
    """Leave the session alone: nothing can renew it."""
    return _known(context, event).without_session("refresh-token-absent"), ()


def load_rebound(context: Context, event: ev.AccountLoaded) -> Outcome:
    """Leave the session alone: it was made with other endpoints."""
    return _leave_alone(context, event, "configuration-changed")


def load_another_users(context: Context, event: ev.AccountLoaded) -> Outcome:
    """Leave the session alone: it is another user's."""
    return _leave_alone(context, event, "refresh-token-other-user")


def load_in_error(context: Context, event: ev.AccountLoaded) -> Outcome:
    """Hold the session and wait on where another process left off."""
    health = event.health
    loaded, _ = load(context, event)
    if health is None or health.retry_at is None:
        return loaded, ()
    return loaded.waiting(health.case or "unclassified", since=health.backed_off_at, until=health.retry_at), ()


def find_undecryptable(context: Context, event: ev.StoreFailed) -> Outcome:
    """Drop the session: it cannot be opened."""
    return context.after_reading().without_session(event.case), ()


def store_failed(context: Context, event: ev.StoreFailed) -> Outcome:
    """Wait before the store is read again."""
    return context.after_reading().in_trouble(event.at, event.case), ()


# Signing in.


def begin_sign_in(returns_to: State) -> Callable[[Context, ev.SignInRequested], Outcome]:
    """The action that begins an attempt which goes back to `returns_to` if it comes to nothing."""

    def begin(context: Context, event: ev.SignInRequested) -> Outcome:
        """Begin an attempt, with its deadline."""
        attempt = Attempt(
            id=event.attempt_id, deadline=event.deadline, returns_to=returns_to, timeout_case=event.timeout_case
        )
        return replace(context, attempt=attempt), ()

    return begin


def hold_code(context: Context, event: ev.CodeReceived) -> Outcome:
    """Hold the code until the refresh is over."""
    if context.attempt is None:
        return context, ()
    held = replace(context.attempt, held_code=event.code, client_id=event.client_id, code_seen=True)
    return replace(context, attempt=held), ()


def exchange_code(context: Context, event: ev.CodeReceived) -> Outcome:
    """Redeem the code."""
    held, _ = hold_code(context, event)
    return _redeem_held_code(held)


def end_sign_in(context: Context, event: Ending) -> Outcome:
    """End the attempt, with its case."""
    attempt = context.attempt
    if attempt is None:
        return context, ()
    explained = attempt.returns_to in (State.EXPIRED, State.ERROR) or context.retry_at is not None
    ended = replace(context, attempt=None, case=context.case if explained else event.case)
    return ended, (StopSignIn(attempt_id=attempt.id),)


def end_exchange_and_sign_in(context: Context, event: ev.CodeExchangeFailed) -> Outcome:
    """Free the slot, and end the attempt, with its case."""
    return end_sign_in(replace(context, exchange=None), event)


def commit(context: Context, event: ev.CodeExchanged) -> Outcome:
    """Commit the session: from here on the attempt is not given up."""
    if context.attempt is None:
        return context, ()
    committing = replace(context, attempt=replace(context.attempt, committing=True))
    return committing, (CommitSession(attempt_id=event.attempt_id, session=event.session),)


def sign_in(context: Context, event: ev.SessionCommitted) -> Outcome:
    """Hold the new session; everything about the older one is over."""
    kept = context.flags & {Flag.CLOCK_SKEWED}
    fresh = Context(flags=kept, case="clock-skew" if kept else None, reading=context.reading)
    unsaved = None if event.durable else Unsaved.SIGN_IN
    signed_in = fresh.holding(event.session).degraded(event.at, unsaved, event.case)
    return signed_in, (StopSignIn(attempt_id=event.attempt_id),)


def end_late_session(context: Context, event: ev.SessionCommitted) -> Outcome:
    """Free the slot, and end the session that came after the sign-out."""
    freed, commands = free(context, event)
    return freed, (EndSession(session=event.session, revoke=True), *commands)


# Refreshing.


def free(context: Context, _: ev.Event) -> Outcome:
    """Free the slot."""
    return _redeem_held_code(replace(context, exchange=None))


def revoke_late_tokens(context: Context, event: ev.CodeExchanged | ev.TokenRefreshed | ev.SessionCommitted) -> Outcome:
    """Free the slot, and revoke tokens that nobody waits for."""
    freed, commands = free(context, event)
    return freed, (RevokeTokens(session=event.session), *commands)


def refresh(context: Context, event: ev.Event) -> Outcome:
    """Spend the refresh token."""
    if context.session is None:
        return context, ()
    command = RefreshToken(
        session=context.session,
        refused=context.refused(),
        asked=isinstance(event, ev.RefreshRequested | ev.RetryRequested),
        unsaved=context.unsaved,
    )
    return replace(context, exchange=Exchange.REFRESH), (command,)


def refresh_refused_generation(context: Context, event: ev.ApiUnauthorized) -> Outcome:
    """Remember the refused generation, and spend the refresh token."""
    return refresh(replace(context, unauthorized=event.generation), event)


def expire_without_refresh_token(context: Context, _: ev.RefreshDue | ev.RefreshRequested) -> Outcome:
    """Drop the session: nothing can renew it."""
    return context.without_session("refresh-token-absent"), ()


def refreshed(context: Context, event: ev.TokenRefreshed) -> Outcome:
    """Hold the new session: trouble and back-off are over."""
    well = replace(context, exchange=None).holding(event.session).well()
    return _redeem_held_code(well.degraded(event.at, None if event.durable else Unsaved.REFRESH, event.case))


def adopted(context: Context, event: ev.SessionAdopted) -> Outcome:
    """Hold the session that another process made: trouble and back-off are over."""
    return _redeem_held_code(replace(context, exchange=None).holding(event.session).well())


def rejected(context: Context, event: ev.RefreshRejected) -> Outcome:
    """Drop the session: its grant is dead."""
    dropped = replace(context, exchange=None).without_session(event.case)
    return _redeem_held_code(dropped.returning_to(State.EXPIRED))


def failed(context: Context, event: ev.RefreshFailed) -> Outcome:
    """Keep the session, and back off."""
    troubled = replace(context, exchange=None).after_failure(event.at, event.case, event.retry_after or 0.0)
    if event.in_doubt:
        troubled = replace(troubled, flags=troubled.flags | {Flag.IN_DOUBT})
    place = State.CONNECTED if context.alive(event.at) else State.ERROR
    return _redeem_held_code(troubled.returning_to(place))


def held_back(context: Context, event: ev.BackOffFound) -> Outcome:
    """Keep the session, and wait as the other process does."""
    flags = context.flags | ({Flag.IN_DOUBT} if event.in_doubt else set[Flag]())
    waiting = replace(context, exchange=None, flags=flags).waiting(event.case, since=event.since, until=event.until)
    place = State.CONNECTED if context.alive(event.at) else State.ERROR
    return _redeem_held_code(waiting.returning_to(place))


def refused(context: Context, event: ev.RefreshRefused) -> Outcome:
    """Keep the session, and wait before the next try; another user's tokens are not used."""
    free_again = _without_another_users(replace(context, exchange=None), event)
    return _redeem_held_code(free_again.in_trouble(event.at, event.case).returning_to(State.ERROR))


def refused_late(context: Context, event: ev.RefreshRefused) -> Outcome:
    """Free the slot; another user's tokens are not used."""
    return free(_without_another_users(context, event), event)


def abandoned(context: Context, _: ev.RefreshAbandoned) -> Outcome:
    """Drop the session: the account was signed out. Revoke it where it lay in memory alone."""
    dropped, commands = _redeem_held_code(_without_account(replace(context, exchange=None)))
    return dropped, (*_revoke_unsaved(context), *commands)


def save(context: Context, event: ev.SaveDue) -> Outcome:
    """Try to save the session that lies in memory alone."""
    if context.session is None or context.unsaved is None:
        return context, ()
    later = replace(context, save_at=event.at + SAVE_SECONDS)
    return later, (SaveSession(session=context.session, unsaved=context.unsaved),)


def saved(context: Context, event: ev.SessionSaved) -> Outcome:
    """Hold the session under its new generation: it lies in memory alone no longer."""
    return context.holding(event.session).saved(), ()


# What other processes did.


def replaced(context: Context, event: ev.SessionReplaced) -> Outcome:
    """Hold the newer session: trouble and back-off are over."""
    return context.holding(event.session).well(), ()


def signed_out_elsewhere(context: Context, _: ev.SignedOutElsewhere) -> Outcome:
    """Drop the session. Revoke it where it lay in memory alone."""
    return _without_account(context), _revoke_unsaved(context)


# What the API said.


def unauthorized_again(context: Context, event: ev.ApiUnauthorized) -> Outcome:
    """Wait before the next try: refreshing does not help."""
    return context.in_trouble(event.at, event.case).returning_to(State.ERROR), ()


def proved(context: Context, _: ev.ApiAccepted) -> Outcome:
    """Trouble and back-off are over: the API takes what it had refused."""
    return replace(context, unauthorized=None).well(), ()


def accepted(context: Context, _: ev.ApiAccepted) -> Outcome:
    """Forget the refused generation."""
    failures = 0 if context.unauthorized is not None and context.retry_at is None else context.failures
    return replace(context, unauthorized=None, failures=failures), ()


def grant_ended(context: Context, event: ev.GrantEnded) -> Outcome:
    """Drop the session: its grant is dead."""
    return context.without_session(event.case).returning_to(State.EXPIRED), ()


# Beside the state.


def raise_flag(context: Context, event: ev.FlagRaised) -> Outcome:
    """Raise the flag, with its case unless a back-off has one."""
    case = context.case if context.retry_at is not None else event.case or context.case
    return replace(context, flags=context.flags | {event.flag}, case=case), ()


def raise_flag_alone(context: Context, event: ev.FlagRaised) -> Outcome:
    """Raise the flag; the state keeps its own case."""
    return replace(context, flags=context.flags | {event.flag}), ()


def clear_flag(context: Context, event: ev.FlagCleared) -> Outcome:
    """Lower the flag, and its case with it."""
    told = context.retry_at is None and event.flag in context.flags and cases.flag_of(context.case) is event.flag
    return replace(context, flags=context.flags - {event.flag}, case=None if told else context.case), ()


def clear_flag_alone(context: Context, event: ev.FlagCleared) -> Outcome:
    """Lower the flag; the state keeps its own case."""
    return replace(context, flags=context.flags - {event.flag}), ()


# Retrying and signing out.


def reload(context: Context, event: ev.RetryDue | ev.RetryRequested) -> Outcome:
    """Read the store again."""
    retry_at = None if context.retry_at is None else event.at + context.next_wait()
    waiting = replace(context, retry_at=retry_at, backed_off_at=event.at)
    return replace(waiting, reading=context.reading + 1), (LoadAccount(),)


def sign_out(context: Context, event: ev.SignOutRequested) -> Outcome:
    """Drop everything, stop a sign-in, and end the session."""
    stop = () if context.attempt is None else (StopSignIn(attempt_id=context.attempt.id),)
    empty = Context(
        generation=context.generation,
        exchange=context.late_exchange(),
        signed_out=True,
        reading=context.reading,
    )
    return empty, (*stop, EndSession(session=context.session, revoke=event.revoke))


def sign_out_completed(context: Context, event: ev.SignOutCompleted) -> Outcome:
    """Say so where the provider did not confirm it."""
    return (replace(context, case="logout-not-effective") if event.revoked is False else context), ()


# Pieces of actions.


def _without_account(context: Context) -> Context:
    """The account was signed out by another process: there is nothing to hold and nothing to return to."""
    dropped = replace(context.without_session("signed-out-elsewhere"), signed_out=True)
    return dropped.returning_to(State.DISCONNECTED)


def _revoke_unsaved(context: Context) -> tuple[Command, ...]:
    """Whoever signed the account out could not see what lies in memory alone."""
    return () if context.session is None or context.unsaved is None else (RevokeTokens(session=context.session),)


def _without_another_users(context: Context, event: ev.RefreshRefused) -> Context:
    """Tokens that were committed and are another user's: our own are spent, and theirs are not kept in hand.

    They may be in hand already, read from the store before anybody had looked whose they are.
    """
    if event.generation is None or event.generation < context.generation:
        return context
    return replace(context, session=None, generation=event.generation, unsaved=None)


def _redeem_held_code(context: Context) -> Outcome:
    """The slot is free: a code that was held is redeemed now."""
    attempt = context.attempt
    if attempt is None or attempt.held_code is None or context.exchange is not None:
        return context, ()
    command = ExchangeCode(attempt_id=attempt.id, code=attempt.held_code, client_id=attempt.client_id)
    return replace(context, exchange=Exchange.CODE, attempt=replace(attempt, held_code=None)), (command,)


def _known(context: Context, event: ev.AccountLoaded) -> Context:
    """The generation is known although the session is left alone."""
    generation = context.generation if event.session is None else event.session.generation
    return replace(context.after_reading(), generation=generation)


def _waiting_on(context: Context, event: ev.AccountLoaded) -> Context:
    """A wait that another process noted holds for everybody."""
    health = event.health
    if health is None or health.retry_at is None:
        return context
    if not in_force(since=health.backed_off_at, until=health.retry_at, at=event.at):
        return context
    return context.waiting(health.case or "unclassified", since=health.backed_off_at, until=health.retry_at)


def _leave_alone(context: Context, event: ev.AccountLoaded, case: str) -> Outcome:
    """The tokens stay in the store: what is not in hand cannot be sent."""
    return replace(_known(context, event), session=None).in_trouble(event.at, case), ()
