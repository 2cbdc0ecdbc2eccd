"""Owns what a refusal of the API means to the one who asked: one mapping, for answers and for errors inside a stream.

By code before status, as `classify` has it; what stays unknown says so. A body or a sentence of the server's is never
quoted.
"""

from signedin import cases, classify
from signedin.errors import AnswerRefused, SignedinError, UnknownModel
from signedin.oauth.messages import Response
from signedin.oauth.refusal import read_error

OUTAGE_CODES = frozenset({None, "server_error", "internal_error", "overloaded"})
"""What the provider's own failures are called inside a stream, if they are called anything."""


def of_answer(response: Response) -> SignedinError:
    """The error to raise for an answer that is no success: AnswerRefused, or UnknownModel."""
    refused = read_error(response)
    finding = classify.api_finding(response.status, response.headers, response.body)
    return _error(finding.case or _case_without_code(refused), refused)


def of_code(code: str | None, response: Response) -> SignedinError:
    """The error to raise for one that came inside the stream that `response` began."""
    refused = AnswerRefused("", status=response.status, code=code, request_id=response.request_id)
    finding = classify.code_finding(code or "")
    if finding is not None and finding.case is not None:
        return _error(finding.case, refused)
    return _error("provider-outage" if code in OUTAGE_CODES else "unclassified", refused)


def _case_without_code(refused: AnswerRefused) -> str:
    """Admission refuses by policy or region with a 403 that carries a sentence and no code."""
    by_policy = refused.status == 403 and refused.code is None and refused.case == "unclassified"
    return "plan-not-included" if by_policy else refused.case


def _error(case_id: str, refused: AnswerRefused) -> SignedinError:
    message = f"{cases.find(case_id).title}."
    if case_id == "model-not-in-plan":
        return UnknownModel(message, case=case_id)
    return AnswerRefused(
        message,
        case=case_id,
        status=refused.status,
        code=refused.code,
        retry_after=refused.retry_after,
        request_id=refused.request_id,
    )
