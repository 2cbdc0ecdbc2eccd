"""Owns what the answers of a device flow mean: to the request for a code, and to the question what became of it."""

from signedin.classify.answer import UNREADABLE

UNUSABLE = "unclassified"
"""A code that was granted with a verifier that is none, or not its own: it is worth no try."""

_OWN_PREFIX = "deviceauth_"
_STARTING = {"invalid_client": "client-refused", "unauthorized_client": "device-code-disabled"}
_ENDING = {
    "access_denied": "user-denied-consent",
    "authorization_denied": "user-denied-consent",
    "expired_token": "device-code-expired",
    "authorization_expired": "device-code-expired",
    "invalid_client": "client-refused",
    "unauthorized_client": "client-refused",
    "invalid_grant": "code-expired-or-used",
}
_PASSING = frozenset({"cloudflare-challenge", "login-rate-limited", "provider-outage"})


def bare(code: str | None) -> str:
    """The code without what a provider of its own way puts before it; "" for None."""
    return (code or "").removeprefix(_OWN_PREFIX)


def start_case(code: str | None, *, otherwise: str, off: bool = False) -> str:
    """The case of a start that was refused. `off`: the status alone says so; `otherwise` is the answer's own case."""
    return "device-code-disabled" if off else _STARTING.get(code or "", otherwise)


def ending_case(code: str | None) -> str | None:
    """The case of a code that ends the asking (RFC 8628 §3.5, RFC 6749 §5.2); None for one that does not."""
    return _ENDING.get(bare(code))


def passing_case(status: int, *, otherwise: str) -> str | None:
    """The case of an answer after which the asking goes on; None where it does not. `otherwise` is the answer's own."""
    if otherwise in _PASSING:
        return otherwise
    return UNREADABLE if status < 400 else None
