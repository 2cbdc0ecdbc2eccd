"""Owns reading the answers that say no, the same way for every endpoint.

What it keeps is a code of known shape, the status, when to come back and the request id. It never keeps a body, a
description or any other sentence of the server's.
"""

import re
from collections.abc import Collection
from email.utils import parsedate_to_datetime

from signedin.classify.answer import UNREADABLE, refusal_case
from signedin.errors import AnswerRefused
from signedin.oauth.messages import Response
from signedin.oauth.strict_json import MalformedJson, member, parse_object

TERMINAL_CODES = frozenset(
    {
        "invalid_grant",
        "invalid_refresh_token",
        "token_expired",
        "refresh_token_expired",
        "refresh_token_invalidated",
        "refresh_token_reused",
    }
)
"""The codes that end a grant when the token endpoint gives them to a refresh; others only where a profile says so."""

_KNOWN_TYPES = TERMINAL_CODES | {
    "app_session_terminated",
    "invalid_client",
    "refresh_token_revoked",
    "token_invalidated",
    "token_revoked",
    "unauthorized_client",
    "unsupported_country_region_territory",
}
"""What an error's `type` is believed as a code; most types only name a kind: "invalid_request_error"."""

LONGEST_WAIT_SECONDS = 30 * 86400.0

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,9}")


def read_error(response: Response) -> AnswerRefused:
    """Read an answer that is no success. Total: whatever came, there is an error to raise.

    Understands `{"error": "code"}` (RFC 6749 §5.2), `{"error": {"code": …}}`, `{"code": …}` and
    `{"detail": {"code": …}}`; a `detail` that is text is never taken for a code.
    """
    code = _code(response.body)
    reason = code or f"HTTP {response.status}"
    return AnswerRefused(
        f"The server refused the request ({reason}).",
        case=refusal_case(response.status, response.headers, response.body, code=code),
        status=response.status,
        code=code,
        retry_after=_retry_after(response),
        request_id=response.request_id,
    )


def unreadable(response: Response, what: str) -> AnswerRefused:
    """The error for an answer with status 200 that does not hold `what`: an outage's doing, never a sign-out."""
    return AnswerRefused(
        f"The server's answer holds no {what}.",
        case=UNREADABLE,
        status=response.status,
        retry_after=_retry_after(response),
        request_id=response.request_id,
    )


def code_in(answer: dict[str, object], *, types: Collection[str]) -> str | None:
    """The code of a refusal, from the first of its places that holds one; None where none does.

    `types` are the codes that also come as the `type` of an error, which names only its kind otherwise.
    """
    error = answer.get("error")
    kind = member(error, "type")
    places = (
        member(error, "code"),
        error,
        kind if isinstance(kind, str) and kind in types else None,
        answer.get("code"),
        member(answer.get("detail"), "code"),
    )
    return next((place for place in places if isinstance(place, str) and _CODE.fullmatch(place)), None)


def _code(body: bytes) -> str | None:
    try:
        return code_in(parse_object(body), types=_KNOWN_TYPES)
    except MalformedJson:
        return None


def _retry_after(response: Response) -> float | None:
    """Seconds to wait (RFC 9110 §10.2.3). A date counts from the answer's own `Date`: no clock is asked here."""
    value = response.header("retry-after") or ""
    if _SECONDS.fullmatch(value):
        return min(float(value), LONGEST_WAIT_SECONDS)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(response.header("date") or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(wait.total_seconds(), 0.0), LONGEST_WAIT_SECONDS)
