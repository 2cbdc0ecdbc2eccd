"""Owns the guards: the questions that the table asks of a context and an event. Pure.

A guard's docstring, without its "Whether", is how docs/state-diagram.md puts it.
"""

from collections.abc import Callable

from signedin import events as ev
from signedin.context import Context, Exchange
from signedin.session import Session
from signedin.states import State

Ending = ev.SignInFailed | ev.SignInCancelled | ev.SignInTimedOut | ev.CodeExchangeFailed


# The store was read.


def read_before_the_sign_out(context: Context, _: ev.AccountLoaded | ev.StoreFailed) -> bool:
    """Whether the reading began before a sign-out."""
    return context.signed_out and context.reading > 0


def nobody_signed_in(_: Context, event: ev.AccountLoaded) -> bool:
    """Whether nobody is signed in."""
    return event.signed_out or event.session is None


def copied_from_another_machine(_: Context, event: ev.AccountLoaded) -> bool:
    """Whether the session was made on another machine."""
    return event.copied


def known_as_expired(_: Context, event: ev.AccountLoaded) -> bool:
    """Whether the grant is known to be dead."""
    return event.health is not None and event.health.state == State.EXPIRED.value


def run_out_without_refresh_token(_: Context, event: ev.AccountLoaded) -> bool:
    """Whether the access token has run out and there is no refresh token."""
    return event.session is not None and _spent(event.session, event.at)


def endpoints_changed(_: Context, event: ev.AccountLoaded) -> bool:
    """Whether the configuration names other endpoints than the session was made with."""
    return event.rebound


def known_as_another_users(_: Context, event: ev.AccountLoaded) -> bool:
    """Whether the tokens are known to be another user's."""
    noted = event.health is not None and event.health.case == "refresh-token-other-user"
    return noted or (event.session is not None and event.session.another_users)


def known_in_error(_: Context, event: ev.AccountLoaded) -> bool:
    """Whether the account is known to be in Error; a bug, which waits for nothing, may be another process' alone."""
    return event.health is not None and event.health.state == State.ERROR.value and event.health.retry_at is not None


def unsaved_in_hand(context: Context, _: ev.AccountLoaded) -> bool:
    """Whether what is in hand lies in memory alone: nothing in the store is newer."""
    return context.unsaved is not None


def undecryptable(_: Context, event: ev.StoreFailed) -> bool:
    """Whether the session is there and cannot be opened."""
    return event.case == "session-undecryptable"


# Signing in.


def first_code(context: Context, event: ev.CodeReceived) -> bool:
    """Whether it is this attempt's first code."""
    attempt = context.attempt
    return attempt is not None and attempt.id == event.attempt_id and not attempt.code_seen


def first_code_and_no_exchange(context: Context, event: ev.CodeReceived) -> bool:
    """Whether it is this attempt's first code and nothing else is being redeemed."""
    return first_code(context, event) and context.exchange is None


def this_attempt(context: Context, event: Ending | ev.CodeExchanged | ev.SessionCommitted) -> bool:
    """Whether the attempt is still on."""
    return context.attempt is not None and context.attempt.id == event.attempt_id


def goes_back_to(place: State) -> Callable[[Context, Ending], bool]:
    """The guard for an attempt that goes back to `place`. What is being committed is ended by its own outcome alone."""

    def guard(context: Context, event: Ending) -> bool:
        attempt = context.attempt
        if attempt is None or attempt.id != event.attempt_id:
            return False
        if attempt.committing and not isinstance(event, ev.CodeExchangeFailed):
            return False
        refreshing = context.exchange is Exchange.REFRESH
        return place is (State.REFRESHING if refreshing else attempt.returns_to)

    guard.__doc__ = f"Whether the attempt is still on and goes back to {place.value.capitalize()}."
    return guard


def signed_out_since(context: Context, _: ev.TokenRefreshed | ev.SessionCommitted) -> bool:
    """Whether the account was signed out meanwhile."""
    return context.signed_out


# Refreshing.


def no_refresh_token_and_run_out(context: Context, event: ev.RefreshDue | ev.RefreshRequested) -> bool:
    """Whether the access token has run out and there is no refresh token."""
    return context.session is not None and _spent(context.session, event.at)


def run_out_while_backing_off(context: Context, event: ev.RefreshDue) -> bool:
    """Whether the access token has run out during a back-off."""
    return context.backing_off(event.at) and not context.alive(event.at)


def refresh_due(context: Context, event: ev.RefreshDue) -> bool:
    """Whether the token is due, nothing else is being redeemed and no back-off holds."""
    return context.refreshable() and event.at >= context.refresh_due_at(event.at)


def refresh_due_behind_the_sign_in(context: Context, event: ev.RefreshDue) -> bool:
    """Whether the older session is well and due, and nothing else is being redeemed."""
    attempt = context.attempt
    return attempt is not None and attempt.returns_to is State.CONNECTED and refresh_due(context, event)


def refresh_allowed(context: Context, event: ev.RefreshRequested) -> bool:
    """Whether there is a refresh token to spend and the server's earliest time has come."""
    session = context.session
    if session is None or not context.refreshable():
        return False
    bound = 0.0 if session.from_the_future(event.at) else session.earliest_refresh_at or 0.0
    return not session.alive(event.at) or event.at >= bound


def refreshable(context: Context, _: ev.RetryRequested | ev.RefreshRequested) -> bool:
    """Whether there is a refresh token to spend."""
    return context.refreshable()


def refreshing(context: Context, _: ev.Event) -> bool:
    """Whether this refresh is still wanted."""
    return context.exchange is Exchange.REFRESH


def another_users_in_hand(context: Context, event: ev.RefreshRefused) -> bool:
    """Whether the session in hand turned out to be another user's, or older than that one."""
    return context.session is not None and event.generation is not None and event.generation >= context.generation


def save_due(context: Context, event: ev.SaveDue) -> bool:
    """Whether the session lies in memory alone and it is time to save it."""
    return context.unsaved is not None and event.at >= context.save_due_at(event.at)


def in_hand_and_unsaved(context: Context, event: ev.SessionSaved) -> bool:
    """Whether it is the session in hand, which lay in memory alone."""
    return context.unsaved is not None and event.session.generation > context.generation


def access_token_alive(context: Context, event: ev.RefreshFailed | ev.BackOffFound) -> bool:
    """Whether the access token still lives."""
    return context.alive(event.at)


def newer(context: Context, event: ev.TokenRefreshed | ev.SessionAdopted | ev.SessionReplaced) -> bool:
    """Whether the session is newer than the one in hand."""
    return event.session.generation > context.generation


# What the API said.


def refused_first(context: Context, event: ev.ApiUnauthorized) -> bool:
    """Whether no 401 is in the air and the token can be refreshed."""
    return event.generation == context.generation and context.unauthorized is None and context.refreshable()


def refused_again(context: Context, event: ev.ApiUnauthorized) -> bool:
    """Whether refreshing has not helped, or cannot."""
    if event.generation != context.generation or context.session is None or context.exchange is not None:
        return False
    helpless = context.session.refresh_token is None
    return helpless or (context.unauthorized is not None and context.unauthorized < event.generation)


def this_generation(context: Context, event: ev.ApiAccepted | ev.GrantEnded) -> bool:
    """Whether it speaks of the session in hand."""
    return context.session is not None and event.generation == context.generation


def proves_the_session(context: Context, event: ev.ApiAccepted) -> bool:
    """Whether the API's yes ends the trouble: its own no was the trouble, or nothing can renew the session."""
    session = context.session
    helpless = session is not None and session.refresh_token is None
    disproved = helpless or context.case == ev.REFUSED_AGAIN
    return disproved and context.unsaved is None and context.retry_at is not None and this_generation(context, event)


# Retrying.


def retry_due(context: Context, event: ev.RetryDue) -> bool:
    """Whether there is a refresh token to spend."""
    return context.refreshable() and _retry_came(context, event)


def retry_due_without_refresh_token(context: Context, event: ev.RetryDue) -> bool:
    """Whether there is no refresh token to spend."""
    return not context.refreshable() and context.exchange is None and _retry_came(context, event)


def _retry_came(context: Context, event: ev.RetryDue) -> bool:
    return context.retry_at is not None and not context.backing_off(event.at)


def _spent(session: Session, at: float) -> bool:
    return session.refresh_token is None and not session.alive(at)
