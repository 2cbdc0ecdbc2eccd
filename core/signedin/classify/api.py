"""Owns what the API says about the account, beside the request that it answers.

Its codes are its own: `token_expired` is a token to renew here, and the end of a grant at the token endpoint.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from signedin.oauth.refusal import code_in
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.states import Flag

_CODES_AS_TYPE = frozenset({"usage_limit_reached", "usage_not_included", "rate_limit_exceeded"})
"""Codes that the API also gives as an error's `type`, which names only its kind otherwise."""
_OUTAGE_CODES = frozenset(
    {
        "internal_error",
        "overloaded",
        "server_error",
        "server_is_overloaded",
        "service_unavailable_error",
        "slow_down",
    }
)
"""What the provider's own failures are called inside a stream, if they are called anything."""
_REFUSED_MODEL = re.compile(r"\bmodel(?: ['\"`][^'\"`]{1,100}['\"`])? is not supported\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiFinding:
    """What an API answer says about the account. `unauthorized`: the token was refused; `ended`: the grant is over."""

    case: str | None = None
    flag: Flag | None = None
    unauthorized: bool = False
    ended: bool = False


def api_finding(status: int, headers: Mapping[str, str], body: bytes) -> ApiFinding:
    """What an answer of the API's own origin says about the account, beside the request that it answers."""
    answer = _object(body)
    known = code_finding(_code(answer))
    if known is not None:
        return known
    if status == 400 and _names_refused_model(answer.get("detail")):
        return _CODES["model_not_found"]
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
    return _CODES.get(bare)


def answer_case(status: int, finding: ApiFinding, *, code: str | None, otherwise: str, told_who_asks: bool) -> str:
    """The case of an answer that is no success. `otherwise` is what it says by itself (`answer.refusal_case`).

    A refused token was renewed, or found renewed, and sent once more, before its refusal is anybody's answer.
    Admission refuses with a 403 that carries a sentence and no code: by policy or region, or for who asks, where the
    API is `told_who_asks`.
    """
    if finding.case is not None:
        return finding.case
    if finding.unauthorized:
        return "api-401-loop"
    if status != 403 or code is not None or otherwise != "unclassified":
        return otherwise
    return "client-not-recognised" if told_who_asks else "plan-not-included"


def stream_case(code: str | None) -> str:
    """The case of an error inside a stream, by its code, None where it has none."""
    finding = code_finding(code or "")
    if finding is not None and finding.case is not None:
        return finding.case
    return "provider-outage" if code is None or code in _OUTAGE_CODES else "unclassified"


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
_CODES = {
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
    "codex_cli_workspace_disabled": ApiFinding(case="workspace-not-entitled"),
    "invalid_workspace_selected": ApiFinding(case="account-id-header-wrong"),
    "client_not_enabled": ApiFinding(case="plan-not-included"),
    "unsupported_capability": ApiFinding(case="route-or-capability-unsupported"),
    "route_not_supported": ApiFinding(case="route-or-capability-unsupported"),
    "invalid_user": ApiFinding(unauthorized=True),
    "chatpass_v2_scope_not_authorized": ApiFinding(case="plan-consent-declined"),
    "chatpass_v2_invalid_authorization_context": ApiFinding(case="plan-not-included"),
}
