"""Owns the events: facts that happened, in the past tense, on their way into the machine.

Every event carries `at`, Unix seconds: the machine has no clock of its own. Events may carry secrets, and then only as
`Secret`. They decide nothing; what each one means in each state stands in `table`.
"""

from dataclasses import dataclass

from signedin.record import Health
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag

REFUSED_AGAIN = "api-401-loop"
"""The case of a token that the API refuses although it was renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLoaded:
    """The store was read. `health` is None unless it speaks of this very generation; `rebound` means that the
    configuration now names other endpoints than the session was made with; `in_doubt` and `answered` are the store's
    (`record.Stored`)."""

    at: float
    session: Session | None
    signed_out: bool = False
    copied: bool = False
    rebound: bool = False
    in_doubt: bool = False
    answered: bool = False
    health: Health | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFailed:
    """The store could not be read: nothing is known about the session, and nothing is thrown away."""

    at: float
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRequested:
    """Somebody asked to sign in. The attempt ends at `deadline`, Unix seconds, come what may: as `timeout_case`."""

    at: float
    attempt_id: str
    deadline: float
    timeout_case: str = "callback-never-arrives"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRejected:
    """Something reached the redirect URI or the paste that is not this attempt's answer."""

    at: float
    attempt_id: str
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeReceived:
    """The authorization code arrived and passed every check of the callback; or, in its place, a key, or a device code
    that was allowed."""

    at: float
    attempt_id: str
    code: Secret
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFailed:
    """The attempt ended before a code: refused by the user or the server, or no listener could be had."""

    at: float
    attempt_id: str
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCancelled:
    """The caller gave the attempt up."""

    at: float
    attempt_id: str
    case: str = "login-cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTimedOut:
    """The attempt's deadline passed."""

    at: float
    attempt_id: str
    case: str = "callback-never-arrives"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExchanged:
    """The code was redeemed and the ID token holds; nothing is stored yet."""

    at: float
    attempt_id: str
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExchangeFailed:
    """The code could not be redeemed, or what came back is not this user's."""

    at: float
    attempt_id: str
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCommitted:
    """The sign-in's session is in the store, or, with `durable` False, in memory alone because the store failed."""

    at: float
    attempt_id: str
    session: Session
    durable: bool = True
    case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshDue:
    """The clock reached the point at which the access token is to be renewed."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRequested:
    """Somebody asked for a fresh token now."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRefreshed:
    """Our redemption went well; the session is in the store, or, with `durable` False, in memory alone."""

    at: float
    session: Session
    durable: bool = True
    case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDue:
    """The time came to try once more to save a session that lies in memory alone."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSaved:
    """A session that lay in memory alone is in the store now, under the generation that its commit gave it."""

    at: float
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAdopted:
    """Our refresh found that another process had already made a newer session, and took it."""

    at: float
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRejected:
    """The grant is dead: one of the six terminal codes, believed only after the store was read again."""

    at: float
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshFailed:
    """No verdict: time-out, DNS, TLS, proxy, 408, 429, 5xx, HTML. `retry_after` is the server's wish in seconds.

    `in_doubt` means that the token may have been spent all the same.
    """

    at: float
    case: str
    retry_after: float | None = None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOffFound:
    """Our refresh found that another process waits, from `since` until `until`, and sent nothing."""

    at: float
    case: str
    since: float | None
    until: float
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRefused:
    """The server said no in words that do not end the grant: unknown code, client trouble, another user's token.

    `generation` is that of a session that was committed and must not be used, since it names another user or was made
    with other endpoints than the configuration's.
    """

    at: float
    case: str
    generation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshAbandoned:
    """Our refresh found the account signed out in the store and redeemed nothing, or revoked what it got."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReplaced:
    """The store was seen to hold a newer session: another process refreshed or signed in."""

    at: float
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOutElsewhere:
    """The store was seen to hold a signed-out marker that is not ours."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiUnauthorized:
    """The API answered 401 to a token that was alive when the answer came."""

    at: float
    generation: int
    case: str = REFUSED_AGAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAccepted:
    """The API took a token of this generation."""

    at: float
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEnded:
    """The API said by code that the session was invalidated or revoked."""

    at: float
    generation: int
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRaised:
    """Something became true beside the state."""

    at: float
    flag: Flag
    case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagCleared:
    """Something is no longer true beside the state."""

    at: float
    flag: Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDue:
    """The retry time of an Error came."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRequested:
    """Somebody asked to try again now."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutRequested:
    """Somebody asked to sign out; with `revoke` False the provider is not told."""

    at: float
    revoke: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutCompleted:
    """Tokens and key are gone. `revoked` is None where revocation was not asked for, False where it is unconfirmed."""

    at: float
    revoked: bool | None


Event = (
    AccountLoaded
    | StoreFailed
    | SignInRequested
    | CallbackRejected
    | CodeReceived
    | SignInFailed
    | SignInCancelled
    | SignInTimedOut
    | CodeExchanged
    | CodeExchangeFailed
    | SessionCommitted
    | RefreshDue
    | RefreshRequested
    | TokenRefreshed
    | SaveDue
    | SessionSaved
    | SessionAdopted
    | RefreshRejected
    | RefreshFailed
    | BackOffFound
    | RefreshRefused
    | RefreshAbandoned
    | SessionReplaced
    | SignedOutElsewhere
    | ApiUnauthorized
    | ApiAccepted
    | GrantEnded
    | FlagRaised
    | FlagCleared
    | RetryDue
    | RetryRequested
    | SignOutRequested
    | SignOutCompleted
)
