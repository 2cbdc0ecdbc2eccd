"""Owns the steps that several cases share. Which of its places a step leads to is decided by the table's guards."""

from signedin.cases.case import Move
from signedin.states import State

D, A, C = State.DISCONNECTED, State.AUTHORIZING, State.CONNECTED
R, X, E = State.REFRESHING, State.EXPIRED, State.ERROR

TIMED_OUT = Move(event="SignInTimedOut", sources=(A,), to=(D, C, R, X, E))
CANCELLED = Move(event="SignInCancelled", sources=(A,), to=(D, C, R, X, E))
NOT_SIGNED_IN = Move(event="SignInFailed", sources=(A,), to=(D, C, R, X, E))
NOT_EXCHANGED = Move(event="CodeExchangeFailed", sources=(A,), to=(D, C, X, E))
TURNED_AWAY = Move(event="CallbackRejected", sources=(A,))

NOT_REFRESHED = Move(event="RefreshFailed", sources=(R,), to=(C, E))
REFUSED = Move(event="RefreshRefused", sources=(R,), to=(E,))
ENDED = Move(event="RefreshRejected", sources=(R,), to=(X,))

API_REFUSED = Move(event="ApiUnauthorized", sources=(C,), to=(E,))
STORE_FAILED = Move(event="StoreFailed", sources=(D, E), to=(E,))
UNOPENED = Move(event="StoreFailed", sources=(D, E), to=(X,))
