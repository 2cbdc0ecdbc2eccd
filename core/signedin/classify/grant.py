"""Owns what the token endpoint's answer means to a grant: the event that a refresh came to, the case of an exchange.

A grant is ended by its code alone. Whatever else comes keeps the credential: an outage passes, and what is not known is
for a person to look at.
"""

from signedin import events as ev
from signedin.errors import AnswerRefused, SignedinError, StoreError, TransportFailed, UnknownAccount
from signedin.oauth.refusal import TERMINAL_CODES

_ENDED_BY = {
    "refresh_token_reused": "refresh-token-reused",
    "refresh_token_invalidated": "refresh-token-revoked",
    "refresh_token_expired": "refresh-token-expired-idle",
    "token_expired": "refresh-token-expired-idle",
    "invalid_refresh_token": "session-ended",
    "invalid_grant": "session-ended",
    "refresh_token_revoked": "refresh-token-revoked",
    "token_invalidated": "refresh-token-revoked",
    "token_revoked": "refresh-token-revoked",
}
_CLIENT_CODES = frozenset({"invalid_client", "unauthorized_client"})
_MISMATCH_CODES = frozenset({"invalid_request", "redirect_uri_mismatch"})
_PASSING_STATUS = frozenset({408, 425, 429})
_PASSING_CASES = frozenset({"cloudflare-challenge", "region-unsupported"})


def refresh_outcome(
    error: SignedinError, *, at: float, was_in_doubt: bool, ending_codes: tuple[str, ...] = ()
) -> ev.Event:
    """The event that a failed redemption is. `was_in_doubt` says that the token may have been spent before.

    `ending_codes` end a grant at this provider, beside the six that do everywhere. `at` is the event's, Unix seconds.
    """
    if isinstance(error, TransportFailed):
        return ev.RefreshFailed(at=at, case=error.case, in_doubt=error.sent or was_in_doubt)
    if isinstance(error, StoreError):
        return ev.RefreshFailed(at=at, case=error.case, in_doubt=was_in_doubt)
    if isinstance(error, UnknownAccount):  # never saved, or removed while this process holds it
        return ev.RefreshFailed(at=at, case=StoreError.case, in_doubt=was_in_doubt)
    if not isinstance(error, AnswerRefused):
        return ev.RefreshRefused(at=at, case=error.case)
    if error.code is not None and error.code in TERMINAL_CODES.union(ending_codes):
        ended_by = _ENDED_BY.get(error.code, "session-ended")
        return ev.RefreshRejected(at=at, case="refresh-interrupted" if was_in_doubt else ended_by)
    if error.code in _CLIENT_CODES:
        return ev.RefreshRefused(at=at, case="client-refused")
    if _is_passing(error):
        spent = error.status < 400 or error.status >= 500
        return ev.RefreshFailed(at=at, case=error.case, retry_after=error.retry_after, in_doubt=spent or was_in_doubt)
    return ev.RefreshRefused(at=at, case=error.case)


def exchange_case(error: SignedinError, *, registered: bool = False) -> str:
    """The case of a code exchange that came to nothing. `registered`: with an id that the server issued earlier."""
    if isinstance(error, AnswerRefused):
        if error.code == "invalid_grant":
            return "code-expired-or-used"
        if error.code in _CLIENT_CODES:
            return "registration-gone" if registered else "client-refused"
        if error.code in _MISMATCH_CODES:
            return "redirect-uri-mismatch"
    return error.case


def _is_passing(error: AnswerRefused) -> bool:
    """Whether the answer says nothing about the grant: an outage, a limit, a page instead of JSON."""
    if error.status in _PASSING_STATUS or error.status >= 500 or error.status < 400:
        return True
    return error.case in _PASSING_CASES
