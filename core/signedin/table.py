"""Owns the table: which event, in which state, under which guard, leads where and does what.

Theory of operation
===================

What the machine sees. One account, and three parties that act on it without asking each other: the user (signs in,
signs out, gives up), the provider (answers late, refuses, ends a grant) and other processes on the same store. Each
reaches the machine as an event with a time. The machine itself has no clock, no I/O and no randomness.

What can collide, and how it is resolved.

1. Two exchanges at the token endpoint. `context.exchange` is the one slot. A refresh that falls due while a code is
   redeemed waits for it; a code that arrives while a refresh is under way is held in the attempt and redeemed as soon
   as the slot is free. So two commits of one process never overtake each other.
2. A sign-in over a living session. The attempt keeps where it came from (`returns_to`); refreshes are served while it
   lasts and only move that place. Refused, cancelled, timed out or failed, it goes back there, with the case.
3. An answer that comes after nobody wants it. Every outcome of an exchange has a row in every state. When a session is
   dropped while it is refreshed, the slot is marked late: the outcome frees it and decides nothing more. Late tokens
   are kept if the account still stands, and revoked if it was signed out or the attempt is over. No outcome ever leads
   out of Disconnected, and neither does a reading of the store that began before the sign-out.
4. A commit against a cancel. Once the session is being committed the attempt can no longer be given up: the store may
   already hold it. A sign-out wins even then, and ends the session again when the commit reports.
5. A refusal against an outage. Only RefreshRejected and GrantEnded end a grant, and only the classifier's terminal
   codes make them. Everything that says nothing about the grant is RefreshFailed: Connected while the access token
   lives, then Error with a time to try again.
6. A 401 from the API. It is believed once a generation. The generation it refused is remembered until the API accepts
   one again; a 401 to a later generation in between means that refreshing does not help, and is an Error.

How to read a row. Rows are tried from top to bottom within their event and state; the first whose guard holds is
taken. A destination of None stays. An action gives the new context and the commands; it runs before the state moves,
so an action that raises changes nothing. `docs/state-diagram.md` is generated from this table, and so is the check of
recorded logs: change a row here, and run `make docs`. What the rows ask stands in `guards`, what they do in `actions`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from signedin import actions as do
from signedin import events as ev
from signedin import guards as when
from signedin.actions import Outcome
from signedin.context import Context
from signedin.states import State

Fact = TypeVar("Fact", bound=ev.Event)

D, A, C = State.DISCONNECTED, State.AUTHORIZING, State.CONNECTED
R, X, E = State.REFRESHING, State.EXPIRED, State.ERROR
ALL = (D, A, C, R, X, E)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `guard` None always holds; `destination` None stays."""

    event: type[Any]
    sources: tuple[State, ...]
    destination: State | None
    action: Callable[[Context, Any], Outcome]
    guard: Callable[[Context, Any], bool] | None = None

    @property
    def asks(self) -> str:
        """The guard in plain words; empty where the row always holds."""
        return "" if self.guard is None else (self.guard.__doc__ or "").removeprefix("Whether ").rstrip(".")

    @property
    def does(self) -> str:
        """The action in plain words."""
        return self.action.__doc__ or ""


def row(
    event: type[Fact],
    sources: Sequence[State],
    destination: State | None,
    action: Callable[[Context, Fact], Outcome],
    guard: Callable[[Context, Fact], bool] | None = None,
) -> Row:
    """A row whose action and guard are checked against the event's type."""
    return Row(event=event, sources=tuple(sources), destination=destination, action=action, guard=guard)


def _endings(event: type[Any], end: Callable[[Context, Any], Outcome]) -> tuple[Row, ...]:
    """An attempt that ends before its code is redeemed goes back to where it came from; a late ending is nobody's."""
    back = tuple(row(event, [A], place, end, when.goes_back_to(place)) for place in (D, C, R, X, E))
    return (*back, row(event, ALL, None, do.stay))


TABLE: tuple[Row, ...] = (
    # The store was read.
    row(ev.AccountLoaded, [D], None, do.answer, when.read_before_the_sign_out),
    row(ev.AccountLoaded, [E], None, do.answer, when.unsaved_in_hand),
    row(ev.AccountLoaded, [D, E], D, do.load_nobody, when.nobody_signed_in),
    row(ev.AccountLoaded, [D, E], X, do.load_copied, when.copied_from_another_machine),
    row(ev.AccountLoaded, [D, E], X, do.load_expired, when.known_as_expired),
    row(ev.AccountLoaded, [D, E], X, do.load_run_out, when.run_out_without_refresh_token),
    row(ev.AccountLoaded, [D, E], E, do.load_rebound, when.endpoints_changed),
    row(ev.AccountLoaded, [D, E], E, do.load_another_users, when.known_as_another_users),
    row(ev.AccountLoaded, [D], E, do.load_in_error, when.known_in_error),
    row(ev.AccountLoaded, [D, E], C, do.load),
    row(ev.AccountLoaded, [A, C, R, X], None, do.answer),
    row(ev.StoreFailed, [D], None, do.answer, when.read_before_the_sign_out),
    row(ev.StoreFailed, [D, E], X, do.find_undecryptable, when.undecryptable),
    row(ev.StoreFailed, [D, E], E, do.store_failed),
    row(ev.StoreFailed, [A, C, R, X], None, do.answer),
    # Signing in, up to the code.
    row(ev.SignInRequested, [D], A, do.begin_sign_in(D)),
    row(ev.SignInRequested, [C, R], A, do.begin_sign_in(C)),
    row(ev.SignInRequested, [X], A, do.begin_sign_in(X)),
    row(ev.SignInRequested, [E], A, do.begin_sign_in(E)),
    row(ev.CallbackRejected, ALL, None, do.stay),
    row(ev.CodeReceived, [A], None, do.exchange_code, when.first_code_and_no_exchange),
    row(ev.CodeReceived, [A], None, do.hold_code, when.first_code),
    row(ev.CodeReceived, ALL, None, do.stay),
    *_endings(ev.SignInFailed, do.end_sign_in),
    *_endings(ev.SignInCancelled, do.end_sign_in),
    *_endings(ev.SignInTimedOut, do.end_sign_in),
    # Signing in, from the code to the session.
    row(ev.CodeExchanged, [A], None, do.commit, when.this_attempt),
    row(ev.CodeExchanged, ALL, None, do.revoke_late_tokens),
    row(ev.CodeExchangeFailed, [A], D, do.end_exchange_and_sign_in, when.goes_back_to(D)),
    row(ev.CodeExchangeFailed, [A], C, do.end_exchange_and_sign_in, when.goes_back_to(C)),
    row(ev.CodeExchangeFailed, [A], X, do.end_exchange_and_sign_in, when.goes_back_to(X)),
    row(ev.CodeExchangeFailed, [A], E, do.end_exchange_and_sign_in, when.goes_back_to(E)),
    row(ev.CodeExchangeFailed, ALL, None, do.free),
    row(ev.SessionCommitted, [A], C, do.sign_in, when.this_attempt),
    row(ev.SessionCommitted, [D], None, do.end_late_session),
    row(ev.SessionCommitted, [A], None, do.end_late_session, when.signed_out_since),
    row(ev.SessionCommitted, ALL, None, do.revoke_late_tokens),
    # Asking for a fresh token.
    row(ev.RefreshDue, [C], X, do.expire_without_refresh_token, when.no_refresh_token_and_run_out),
    row(ev.RefreshDue, [C], E, do.stay, when.run_out_while_backing_off),
    row(ev.RefreshDue, [C], R, do.refresh, when.refresh_due),
    row(ev.RefreshDue, [A], None, do.refresh, when.refresh_due_behind_the_sign_in),
    row(ev.RefreshDue, ALL, None, do.stay),
    row(ev.RefreshRequested, [C], X, do.expire_without_refresh_token, when.no_refresh_token_and_run_out),
    row(ev.RefreshRequested, [C], R, do.refresh, when.refresh_allowed),
    row(ev.RefreshRequested, [A], None, do.refresh, when.refresh_allowed),
    row(ev.RefreshRequested, [E], R, do.refresh, when.refreshable),
    row(ev.RefreshRequested, [A, C, R, E], None, do.stay),
    # What became of it.
    row(ev.TokenRefreshed, [C, R, X, E], C, do.refreshed, when.newer),
    row(ev.TokenRefreshed, [R], C, do.free),
    row(ev.TokenRefreshed, [D], None, do.revoke_late_tokens),
    row(ev.TokenRefreshed, [A], None, do.revoke_late_tokens, when.signed_out_since),
    row(ev.TokenRefreshed, [A], None, do.refreshed, when.newer),
    row(ev.TokenRefreshed, [A, C, X, E], None, do.free),
    row(ev.SaveDue, ALL, None, do.save, when.save_due),
    row(ev.SaveDue, ALL, None, do.stay),
    row(ev.SessionSaved, [A, C, R, E], None, do.saved, when.in_hand_and_unsaved),
    row(ev.SessionSaved, ALL, None, do.stay),
    row(ev.SessionAdopted, [C, R, X, E], C, do.adopted, when.newer),
    row(ev.SessionAdopted, [R], C, do.free),
    row(ev.SessionAdopted, [A], None, do.adopted, when.newer),
    row(ev.SessionAdopted, [D, A, C, X, E], None, do.free),
    row(ev.RefreshRejected, [R], X, do.rejected),
    row(ev.RefreshRejected, [A], None, do.rejected, when.refreshing),
    row(ev.RefreshRejected, [D, A, C, X, E], None, do.free),
    row(ev.RefreshFailed, [R], C, do.failed, when.access_token_alive),
    row(ev.RefreshFailed, [R], E, do.failed),
    row(ev.RefreshFailed, [A], None, do.failed, when.refreshing),
    row(ev.RefreshFailed, [D, A, C, X, E], None, do.free),
    row(ev.BackOffFound, [R], C, do.held_back, when.access_token_alive),
    row(ev.BackOffFound, [R], E, do.held_back),
    row(ev.BackOffFound, [A], None, do.held_back, when.refreshing),
    row(ev.BackOffFound, [D, A, C, X, E], None, do.free),
    row(ev.RefreshRefused, [R], E, do.refused),
    row(ev.RefreshRefused, [A], None, do.refused, when.refreshing),
    row(ev.RefreshRefused, [C, E], E, do.refused, when.another_users_in_hand),
    row(ev.RefreshRefused, [A], None, do.refused, when.another_users_in_hand),
    row(ev.RefreshRefused, [D, A, C, X, E], None, do.refused_late),
    row(ev.RefreshAbandoned, [R], D, do.abandoned),
    row(ev.RefreshAbandoned, [A], None, do.abandoned, when.refreshing),
    row(ev.RefreshAbandoned, [D, A, C, X, E], None, do.free),
    # What other processes did.
    row(ev.SessionReplaced, [D, C, X, E], C, do.replaced, when.newer),
    row(ev.SessionReplaced, [A, R], None, do.replaced, when.newer),
    row(ev.SessionReplaced, ALL, None, do.stay),
    row(ev.SignedOutElsewhere, [C, R, X, E], D, do.signed_out_elsewhere),
    row(ev.SignedOutElsewhere, [A], None, do.signed_out_elsewhere),
    row(ev.SignedOutElsewhere, [D], None, do.stay),
    # What the API said.
    row(ev.ApiUnauthorized, [C], E, do.unauthorized_again, when.refused_again),
    row(ev.ApiUnauthorized, [A], None, do.unauthorized_again, when.refused_again),
    row(ev.ApiUnauthorized, [C], R, do.refresh_refused_generation, when.refused_first),
    row(ev.ApiUnauthorized, [A], None, do.refresh_refused_generation, when.refused_first),
    row(ev.ApiUnauthorized, ALL, None, do.stay),
    row(ev.ApiAccepted, [C, E], C, do.proved, when.proves_the_session),
    row(ev.ApiAccepted, ALL, None, do.accepted, when.this_generation),
    row(ev.ApiAccepted, ALL, None, do.stay),
    row(ev.GrantEnded, [C, R, E], X, do.grant_ended, when.this_generation),
    row(ev.GrantEnded, [A], None, do.grant_ended, when.this_generation),
    row(ev.GrantEnded, ALL, None, do.stay),
    # Beside the state.
    row(ev.FlagRaised, [C, R], None, do.raise_flag),
    row(ev.FlagRaised, [D, A, X, E], None, do.raise_flag_alone),
    row(ev.FlagCleared, [C, R], None, do.clear_flag),
    row(ev.FlagCleared, [D, A, X, E], None, do.clear_flag_alone),
    # Out of Error.
    row(ev.RetryDue, [E], R, do.refresh, when.retry_due),
    row(ev.RetryDue, [E], None, do.reload, when.retry_due_without_refresh_token),
    row(ev.RetryDue, ALL, None, do.stay),
    row(ev.RetryRequested, [E], R, do.refresh, when.refreshable),
    row(ev.RetryRequested, [E], None, do.reload),
    row(ev.RetryRequested, [A, C, R], None, do.stay),
    # Signing out.
    row(ev.SignOutRequested, ALL, D, do.sign_out),
    row(ev.SignOutCompleted, [D], None, do.sign_out_completed),
    row(ev.SignOutCompleted, [A, C, R, X, E], None, do.stay),
)
