"""Owns what a refusal of the API means to the one who asked: one mapping, for answers and for errors inside a stream.

By code before status, as `classify` has it; what stays unknown says so. A body or a sentence of the server's is never
quoted; of what a limit says, only when it ends is kept.
"""

from signedin import cases
from signedin.classify.api import answer_case, api_code, api_finding, stream_case
from signedin.errors import AnswerRefused, SignedinError, UnknownModel
from signedin.oauth.messages import Response
from signedin.oauth.refusal import read_error
from signedin.provider import ApiRules
from signedin.responses import reset


def of_answer(response: Response, rules: ApiRules | None = None) -> SignedinError:
    """The error to raise for an answer that is no success: AnswerRefused, or UnknownModel.

    `rules` are the provider's: an API that is told who asks may turn away whom it does not know.
    """
    refused = read_error(response)
    refused.code = api_code(response.body) or None
    case = answer_case(
        response.status,
        api_finding(response.status, response.headers, response.body),
        code=refused.code,
        otherwise=refused.case,
        told_who_asks=_is_told_who_asks(rules or ApiRules()),
    )
    return _error(case, refused, response)


def of_code(code: str | None, response: Response) -> SignedinError:
    """The error to raise for one that came inside the stream that `response` began."""
    refused = AnswerRefused("", status=response.status, code=code, request_id=response.request_id)
    return _error(stream_case(code), refused, response)


def _is_told_who_asks(rules: ApiRules) -> bool:
    return any(name.lower() == "originator" for name, _ in rules.headers)


def _error(case_id: str, refused: AnswerRefused, response: Response) -> SignedinError:
    message = f"{cases.find(case_id).title}."
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
