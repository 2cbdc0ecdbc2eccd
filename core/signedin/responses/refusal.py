"""Owns what a refusal of the API means to the one who asked: one mapping, for answers and for errors inside a stream.

By code before status, as `classify` has it; what stays unknown says so. A body or a sentence of the server's is never
quoted; of what a limit says, only when it ends is kept.
"""

from signedin import cases, classify
from signedin.errors import AnswerRefused, SignedinError, UnknownModel
from signedin.oauth.messages import Response
from signedin.oauth.refusal import read_error
from signedin.provider import ApiRules
from signedin.responses import reset

OUTAGE_CODES = frozenset(
    {
        None,
        "internal_error",
        "overloaded",
        "server_error",
        "server_is_overloaded",
        "service_unavailable_error",
        "slow_down",
    }
)
"""What the provider's own failures are called inside a stream, if they are called anything."""

_OTHER_WORKSPACE = "The provider does not take the workspace that this account is signed in to."


def of_answer(response: Response, rules: ApiRules | None = None) -> SignedinError:
    """The error to raise for an answer that is no success: AnswerRefused, or UnknownModel.

    `rules` are the provider's: an API that is told who asks may turn away whom it does not know.
    """
    refused = read_error(response)
    refused.code = classify.api_code(response.body) or None
    finding = classify.api_finding(response.status, response.headers, response.body)
    return _error(finding.case or _case_without_code(refused, rules or ApiRules()), refused, response)


def of_code(code: str | None, response: Response) -> SignedinError:
    """The error to raise for one that came inside the stream that `response` began."""
    refused = AnswerRefused("", status=response.status, code=code, request_id=response.request_id)
    finding = classify.code_finding(code or "")
    if finding is not None and finding.case is not None:
        return _error(finding.case, refused, response)
    return _error("provider-outage" if code in OUTAGE_CODES else "unclassified", refused, response)


def _case_without_code(refused: AnswerRefused, rules: ApiRules) -> str:
    """Admission refuses with a 403 that carries a sentence and no code: by policy or region, else for who asks."""
    if refused.status != 403 or refused.code is not None or refused.case != "unclassified":
        return refused.case
    is_told_who_asks = any(name.lower() == "originator" for name, _ in rules.headers)
    return "client-not-recognised" if is_told_who_asks else "plan-not-included"


def _error(case_id: str, refused: AnswerRefused, response: Response) -> SignedinError:
    message = _OTHER_WORKSPACE if case_id == "wrong-account-or-workspace" else f"{cases.find(case_id).title}."
    if case_id == "model-not-in-plan":
        return UnknownModel(message, case=case_id)
    ends_in = reset.seconds(response) if case_id in ("usage-limit-hit", "app-usage-limit-hit") else None
    return AnswerRefused(
        message,
        case=case_id,
        status=refused.status,
        code=refused.code,
        retry_after=refused.retry_after if ends_in is None else ends_in,
        request_id=refused.request_id,
    )
