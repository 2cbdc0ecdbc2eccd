"""Owns what the answers of a device flow come to: the code that a person is to type, then what became of it.

Pure and total: whatever came, a reading gives one of the types here or AnswerRefused. It keeps no sentence of the
server's, and shows nothing that a terminal would take for more than letters.
"""

import re
from collections.abc import Set
from dataclasses import dataclass, field

from signedin.classify.device import bare, ending_case, passing_case, start_case
from signedin.errors import AnswerRefused, ConfigurationError
from signedin.oauth.messages import Response
from signedin.oauth.refusal import read_error, unreadable
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.oauth.urls import is_loopback, origin, require_safe
from signedin.secret import Secret

DEFAULT_LIFE_SECONDS = 900.0
"""How long a code lasts where the server does not say."""
LONGEST_LIFE_SECONDS = 3600.0
"""How long it lasts at most, whatever the server says: nobody types a code after that."""
DEFAULT_INTERVAL_SECONDS = 5.0
"""Between two questions where the server names no time, or none that is one (RFC 8628 §3.2)."""
LEAST_INTERVAL_SECONDS = 1.0
"""Between two questions at least, whatever the server says, unless it is on this machine."""

_TEXT = re.compile(r"[ -~]{1,4096}")
_SHOWN = re.compile(r"[!-~]([ -~]{0,38}[!-~])?")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What the person is to type where, and what to ask for the answer with.

    `verification_uri_complete` has the code in it, None where the server gives none that is safe. `lasts` is seconds
    from the answer on, `interval` the seconds between two questions.
    """

    device_code: Secret
    user_code: str = field(repr=False)
    verification_uri: str
    verification_uri_complete: str | None = field(default=None, repr=False)
    lasts: float = DEFAULT_LIFE_SECONDS
    interval: float = DEFAULT_INTERVAL_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nobody answered yet. `slower` is RFC 8628's `slow_down`; `retry_after` is the server's wish in seconds.

    `case` says what stood in the way of the question itself, None where it was answered as it should be.
    """

    slower: bool = False
    case: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It came to nothing: denied, expired, or not allowed here."""

    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensGranted:
    """It is allowed, and the answer holds the tokens: they are there once (RFC 8628 §3.5)."""

    response: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGranted:
    """It is allowed: an authorization code to redeem, with the verifier that the server made for it."""

    code: Secret
    code_verifier: Secret


def read_start(response: Response, *, member: str, asked_at: str, verification_uri: str | None = None) -> DeviceCode:
    """Read the code (RFC 8628 §3.2); what to ask with at `asked_at` stands in `member`. Raises AnswerRefused.

    A page that the caller knows comes before the server's; the server's may be on another host than the issuer.
    """
    answer, user_code = members(response), None
    for name in ("usercode", "user_code"):
        user_code = answer.get(name, user_code)
    device_code, uri = text_of(answer, member), verification_uri or answer.get("verification_uri")
    shown = isinstance(user_code, str) and _SHOWN.fullmatch(user_code)
    if device_code is None or not isinstance(user_code, str) or not shown or not isinstance(uri, str) or not _safe(uri):
        raise unreadable(response, "code to sign in with")
    complete = answer.get("verification_uri_complete")
    return DeviceCode(
        device_code=device_code,
        user_code=user_code,
        verification_uri=uri,
        verification_uri_complete=complete if isinstance(complete, str) and _goes_with(complete, uri) else None,
        lasts=min(_seconds(answer.get("expires_in")) or DEFAULT_LIFE_SECONDS, LONGEST_LIFE_SECONDS),
        interval=max(_seconds(answer.get("interval")) or DEFAULT_INTERVAL_SECONDS, _least_interval(asked_at)),
    )


def refused_start(response: Response, *, off: bool = False) -> AnswerRefused:
    """The error for a start that was refused; `off` where its status alone says that codes are switched off."""
    error = read_error(response)
    error.case = start_case(error.code, otherwise=error.case, off=off)
    return error


def no_grant(response: Response, *, pending: Set[int] = frozenset()) -> Waiting | Refused:
    """Judge an answer that grants nothing: by code, then by what is known to pass, then by status.

    `pending` are the statuses by which a server says "not yet".
    """
    error = read_error(response)
    code = bare(error.code)
    if code in ("authorization_pending", "slow_down"):
        return Waiting(slower=code == "slow_down", retry_after=error.retry_after)
    if (ended_by := ending_case(code)) is not None:
        return Refused(case=ended_by)
    if (passes_as := passing_case(error.status, otherwise=error.case)) is not None:
        return Waiting(case=passes_as, retry_after=error.retry_after)
    if error.case == "unclassified" and error.status in pending:
        return Waiting(retry_after=error.retry_after)
    return Refused(case=error.case)


def members(response: Response) -> dict[str, object]:
    """What the answer's object holds; nothing where it is no object."""
    try:
        return parse_object(response.body)
    except MalformedJson:
        return {}


def text_of(answer: dict[str, object], name: str) -> Secret | None:
    """A printable member of at most 4 096 characters; None for anything else."""
    value = answer.get(name)
    return Secret(value) if isinstance(value, str) and _TEXT.fullmatch(value) else None


def _goes_with(complete: str, uri: str) -> bool:
    """Whether it leads to the origin of the page that people can read."""
    return _safe(complete) and origin(complete) == origin(uri)


def _safe(url: str) -> bool:
    try:
        require_safe(url, "the verification page")
    except ConfigurationError:
        return False
    return True


def _least_interval(url: str) -> float:
    """Nobody but ourselves is troubled by questions to a server on this machine."""
    _, host, _ = origin(url)
    return 0.0 if is_loopback(host) else LEAST_INTERVAL_SECONDS


def _seconds(value: object) -> float | None:
    """A positive number, or the text of one; None for anything else, zero included."""
    if isinstance(value, str):
        value = float(value) if _DECIMAL.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < 1e9 else None
