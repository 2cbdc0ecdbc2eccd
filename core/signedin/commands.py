"""Owns the commands: what must be done, in the imperative, on its way out of the machine.

A command is data. Who carries it out decides nothing, and reports what came of it as an event. Timers are no commands:
see `machine.due`.
"""

from dataclasses import dataclass

from signedin.context import Unsaved
from signedin.secret import Secret
from signedin.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadAccount:
    """Read the store again. Ends in AccountLoaded or StoreFailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSignIn:
    """Close the attempt's listener and tell whoever waits for it."""

    attempt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeCode:
    """Redeem the code and validate what comes back. Ends in CodeExchanged or CodeExchangeFailed."""

    attempt_id: str
    code: Secret
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitSession:
    """Make the sign-in's session durable. Ends in SessionCommitted, or, not this account's, in CodeExchangeFailed."""

    attempt_id: str
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """Spend the refresh token of this session, once. Ends in exactly one of TokenRefreshed, SessionAdopted,
    RefreshRejected, RefreshFailed, BackOffFound, RefreshRefused, RefreshAbandoned.

    `refused` tells that the API refused its access token, `asked` that somebody asked for it: neither waits for the
    end of a back-off of other processes. A session that is `unsaved` is saved first.
    """

    session: Session
    refused: bool = False
    asked: bool = False
    unsaved: Unsaved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSession:
    """Put the session that lies in memory alone into the store. Ends in SessionSaved, or in nothing but a log line."""

    session: Session
    unsaved: Unsaved


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeTokens:
    """Revoke tokens that came too late to be used."""

    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """Mark the account signed out, revoke where asked, remove tokens and key. Ends in SignOutCompleted."""

    session: Session | None
    revoke: bool


Command = (
    LoadAccount | StopSignIn | ExchangeCode | CommitSession | RefreshToken | SaveSession | RevokeTokens | EndSession
)
