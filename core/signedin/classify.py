"""Owns the judgement of what was observed: which event a refresh's outcome is, and which case.

Pure and total. By code before status, each code scoped to its endpoint; what is not known stays `unclassified` and
keeps the credential. The catalogue of what each case means is `cases`.
"""

import re
from dataclasses import dataclass

from signedin import events as ev
from signedin.errors import AnswerRefused, SignedinError, StoreError, TransportFailed, UnknownAccount
from signedin.oauth.refusal import TERMINAL_CODES, code_in
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.states import Flag

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
_PASSING_STATUS = frozenset({408, 425, 429})

_CODES_AS_TYPE = frozenset({"usage_limit_reached", "usage_not_included", "rate_limit_exceeded"})
"""Codes that the API also gives as an error's `type`, which names only its kind otherwise."""
_REFUSED_MODEL = re.compile(r"\bmodel(?: ['\"`][^'\"`]{1,100}['\"`])? is not supported\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiFinding:
    """What an API answer says about the account. `unauthorized`: the token was refused; `ended`: the grant is over."""

    case: str | None = None
    flag: Flag | None = None
    unauthorized: bool = False
    ended: bool = False


def refresh_outcome(
    error: SignedinError, *, at: float, was_in_doubt: bool, ending_codes: tuple[str, ...] = ()
) -> ev.Event:
    """The event that a failed redemption is. `was_in_doubt` says that the token may have been spent before.

    `ending_codes` end a grant at this provider, beside the six that do everywhere.
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
        if error.code in ("invalid_request", "redirect_uri_mismatch"):
            return "redirect-uri-mismatch"
    return error.case


def api_finding(status: int, headers: dict[str, str], body: bytes) -> ApiFinding:
    """What an answer of the API's own origin says about the account, beside the request that it answers."""
    answer = _object(body)
    known = code_finding(_code(answer))
    if known is not None:
        return known
    if status == 400 and _names_refused_model(answer.get("detail")):
        return _API_CODES["model_not_found"]
    if headers.get("cf-mitigated") == "challenge":
        return ApiFinding(case="cloudflare-challenge")
    if status == 401:
        return ApiFinding(case="scopes-missing") if b"issing scopes" in body else ApiFinding(unauthorized=True)
    if status >= 500:
        return ApiFinding(case="provider-outage")
    return ApiFinding()


def code_finding(code: str) -> ApiFinding | None:
    """What an error code of the API says, wherever it stands: in an answer's body or inside a stream."""
    bare = code.removeprefix("subscription_sharing_v2_").removeprefix("subscription_sharing_")
    if code != bare and bare == "usage_limit_exceeded":
        return _SHARE_SPENT
    return _API_CODES.get(bare)


def api_code(body: bytes) -> str:
    """The error code of an API body, "" where there is none."""
    return _code(_object(body))


def error_code(error: object) -> str:
    """The code of one error object, "" where there is none."""
    return _code({"error": error})


def _code(answer: dict[str, object]) -> str:
    return code_in(answer, types=_CODES_AS_TYPE) or ""


def _names_refused_model(detail: object) -> bool:
    """A model is refused in words alone, with no code beside them."""
    return isinstance(detail, str) and _REFUSED_MODEL.search(detail) is not None


def _object(body: bytes) -> dict[str, object]:
    try:
        return parse_object(body)
    except MalformedJson:
        return {}


_SHARE_SPENT = ApiFinding(case="app-usage-limit-hit", flag=Flag.USAGE_PAUSED)
"""Where the provider lends an app a share of the plan, that share has a limit of its own."""
_API_CODES = {
    "invalid_api_key": ApiFinding(case="api-key-rejected", unauthorized=True),
    "token_invalidated": ApiFinding(case="refresh-token-revoked", ended=True),
    "token_revoked": ApiFinding(case="refresh-token-revoked", ended=True),
    "account_deactivated": ApiFinding(case="account-deactivated"),
    "model_not_found": ApiFinding(case="model-not-in-plan", flag=Flag.MODELS_BLOCKED),
    "usage_limit_reached": ApiFinding(case="usage-limit-hit", flag=Flag.USAGE_PAUSED),
    "insufficient_quota": ApiFinding(case="usage-limit-hit", flag=Flag.USAGE_PAUSED),
    "usage_limit_exceeded": ApiFinding(case="usage-limit-hit", flag=Flag.USAGE_PAUSED),
    "workplace_individual_usage_limit_exceeded": ApiFinding(case="usage-limit-hit", flag=Flag.USAGE_PAUSED),
    "usage_unavailable": ApiFinding(case="usage-check-unavailable"),
    "user_unavailable": ApiFinding(case="usage-check-unavailable"),
    "user_not_eligible": ApiFinding(case="plan-not-included"),
    "usage_not_included": ApiFinding(case="plan-not-included"),
    "rate_limit_exceeded": ApiFinding(case="login-rate-limited"),
    "deactivated_workspace": ApiFinding(case="workspace-deactivated"),
    "invalid_workspace_selected": ApiFinding(case="wrong-account-or-workspace"),
    "client_not_enabled": ApiFinding(case="plan-not-included"),
    "unsupported_capability": ApiFinding(case="route-or-capability-unsupported"),
    "route_not_supported": ApiFinding(case="route-or-capability-unsupported"),
    "invalid_user": ApiFinding(unauthorized=True),
    "chatpass_v2_scope_not_authorized": ApiFinding(case="plan-consent-declined"),
    "chatpass_v2_invalid_authorization_context": ApiFinding(case="plan-not-included"),
}


def _is_passing(error: AnswerRefused) -> bool:
    """Whether the answer says nothing about the grant: an outage, a limit, a page instead of JSON."""
    if error.status in _PASSING_STATUS or error.status >= 500 or error.status < 400:
        return True
    return error.case in ("cloudflare-challenge", "region-unsupported")
