"""Owns the errors that callers meet. One root, three branches by who has to act; each carries its case.

    SignedinError
    ├── MisuseError                 the caller did something that cannot be
    │   ├── UnexpectedEvent         no row of the table fits (state, event)
    │   ├── UnknownAccount          no account has this label
    │   ├── UnknownProvider         no profile has this name
    │   ├── UnknownModel            the account's list does not have it
    │   └── ForbiddenOrigin         a request to a host that must not see the token
    ├── ConnectionFailed            the connection cannot serve now; says why and what to do
    │   ├── InteractionRequired     only a person can go on: the case's action says how
    │   ├── SignInFailed            one sign-in attempt ended without a session
    │   └── TemporarilyUnavailable  time or the network has to change; the credential is kept
    ├── ProviderError               what the provider answered, or that it did not
    │   ├── TransportFailed         no answer: DNS, TLS, proxy, time-out, broken or oversized body
    │   └── AnswerRefused           an answer that says no, or that cannot be read
    ├── StoreError                  what holds the session cannot be read or written
    └── ConfigurationError          a setting is wrong; names file, line and key

Messages are for people and never hold a secret, a response body or another exception's text.
"""


class SignedinError(Exception):
    """The root. `case` is an id of the catalogue or one of the command line's own ids; `message` is one sentence."""

    case = "unexpected"

    def __init__(self, message: str, *, case: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if case is not None:
            self.case = case


class MisuseError(SignedinError):
    """The caller asked for something that cannot be; asking again changes nothing."""

    case = "bad-usage"


class UnexpectedEvent(MisuseError):
    """No row of the table takes this event in this state, or every guard said no."""

    case = "unexpected"

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"{event} cannot happen while {state}")
        self.state, self.event = state, event


class UnknownAccount(MisuseError):
    """No account of this app has the label."""

    case = "unknown-account"


class UnknownProvider(MisuseError):
    """No built-in or configured provider has the name."""

    case = "unknown-provider"


class UnknownModel(MisuseError):
    """The account's own list does not have the model."""

    case = "unknown-model"


class ForbiddenOrigin(MisuseError):
    """A request would carry the token to an origin that is not the provider's API."""

    case = "bad-usage"


class ConnectionFailed(SignedinError):
    """The connection cannot serve the call; `case` says why."""


class InteractionRequired(ConnectionFailed):
    """Only a person can go on: nobody is signed in, the grant is dead, or the case's `action` waits for the user."""

    case = "not-signed-in"


class SignInFailed(ConnectionFailed):
    """One sign-in attempt ended without a session; what was there before still is."""


class TemporarilyUnavailable(ConnectionFailed):
    """The access token ran out and cannot be renewed now; the credential is kept. `retry_at` is Unix seconds."""

    def __init__(self, message: str, *, case: str | None = None, retry_at: float | None = None) -> None:
        super().__init__(message, case=case)
        self.retry_at = retry_at


class ProviderError(SignedinError):
    """What the provider answered, or that it did not."""


class TransportFailed(ProviderError):
    """No whole answer came. `sent` is False where it is certain that the request never left this machine.

    `kind` is one of `dns connect timeout tls proxy proxy-auth reset too-large encoding redirect deadline`.
    """

    def __init__(self, message: str, *, kind: str, sent: bool, case: str | None = None) -> None:
        super().__init__(message, case=case)
        self.kind, self.sent = kind, sent


class AnswerRefused(ProviderError):
    """An answer came that says no or cannot be read.

    `status` is the HTTP status, `code` the provider's error code or None, `retry_after` seconds or None,
    `request_id` what the provider calls this request, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        case: str | None = None,
        status: int = 0,
        code: str | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, case=case)
        self.status, self.code, self.retry_after, self.request_id = status, code, retry_after, request_id


class StoreError(SignedinError):
    """What holds the session cannot be read or written. `path` names the file where it is one."""

    case = "store-unavailable"

    def __init__(self, message: str, *, case: str | None = None, path: str | None = None) -> None:
        super().__init__(message, case=case)
        self.path = path


class ConfigurationError(SignedinError):
    """A setting is wrong. The message names file, line and key."""

    case = "bad-config"
