"""Owns what comes back to the redirect URI: reading the query and deciding whether it is ours.

Pure. State is checked first and in constant time; nothing that is not ours may end the attempt
(RFC 6749 §3.1, §4.1.2, §10.12; RFC 9207 §2.4; RFC 9700 §4.7.1).
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from signedin.classify.callback import error_case
from signedin.errors import MisuseError
from signedin.oauth.authorization import Authorization
from signedin.oauth.discovery import Metadata
from signedin.secret import Secret

MAX_QUERY = 16 * 1024
MAX_FIELDS = 64

_ONCE = ("code", "state", "iss", "error", "client_id")
_CODE = re.compile(r"[ -~]{1,4096}")
_ISSUED_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

LINE_LIMITS = frozenset({1023, 1024, 4095, 4096})
"""Where terminals cut a line: 1 024 bytes on macOS and 4 096 on Linux, with or without the line's end."""

_PASTE_MARKERS = re.compile(r"\x1b\[20[01]~")
_QUOTES = "\"'`<>“”‘’"
_BARE_CODE = re.compile(r"[A-Za-z0-9._~+/=-]+")

_KNOWN_ERRORS = frozenset(
    {
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
    }
)
"""RFC 6749 §4.1.2.1, RFC 8707 §2, OpenID Connect Core §3.1.2.6; `invalid_client` was seen at OpenAI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeReceived:
    """The user allowed it. `client_id` is the id to redeem the code with: the issued one, where one was issued."""

    code: Secret
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRefused:
    """The server or the user said no. `error` is one of a known set or "other"; its description is not kept."""

    error: str
    case: str


Callback = CodeReceived | SignInRefused


class CallbackRejected(MisuseError):
    """A hit on the redirect URI that is not this attempt's answer. `reason` is a short word for the log.

    `reason` is one of `malformed state duplicate iss code`, and for pasted text also `url bare-code cut`.
    """

    case = "state-mismatch-stale-tab"

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


def read(query: str, expected: Authorization, metadata: Metadata) -> Callback:
    """Judge one raw query (without `?`), in this order: state, duplicates, issuer, error, code, client id.

    Unknown parameters and `scope` are ignored. Raises CallbackRejected for what is not this attempt's answer.
    """
    fields = _fields(query)
    states = fields.get("state", [])
    if len(states) != 1 or Secret(states[0]) != expected.state:
        raise CallbackRejected("This answer belongs to another sign-in attempt.", reason="state")
    if any(len(fields.get(name, [])) > 1 for name in _ONCE):
        raise CallbackRejected("This answer names something twice.", reason="duplicate")
    answer = {name: fields[name][0] for name in _ONCE if name in fields}
    _check_issuer(answer.get("iss"), metadata)
    if "error" in answer:
        return _refused(answer["error"], " ".join(fields.get("error_description", [])))
    code = answer.get("code", "")
    if not _CODE.fullmatch(code):
        raise CallbackRejected("This answer holds no valid code.", reason="code")
    return _received(Secret(code), answer.get("client_id"), expected)


def read_pasted(text: str, expected: Authorization, metadata: Metadata) -> Callback:
    """Judge a callback URL that a person pasted, by the same checks, where the browser could not reach the listener.

    Raises CallbackRejected, whose message tells the person what to paste.
    """
    url = "".join(_PASTE_MARKERS.sub("", text).split()).strip(_QUOTES)
    query = _callback_query(url, expected)
    try:
        return read(query, expected, metadata)
    except CallbackRejected as rejected:
        if _is_cut(query, rejected.reason, len(text.strip())):
            raise _cut() from None
        raise


def _fields(query: str) -> dict[str, list[str]]:
    """Decode the query; anything that two readers could decode differently is refused."""
    malformed = CallbackRejected("This answer cannot be read.", reason="malformed")
    if len(query) > MAX_QUERY or not query.isascii() or not query.isprintable() or _BAD_ESCAPE.search(query):
        raise malformed
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise malformed from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _check_issuer(iss: str | None, metadata: Metadata) -> None:
    """RFC 9207 §2.4: what is there must be the issuer, and it must be there where the server announces it."""
    missing = iss is None and metadata.authorization_response_iss_parameter_supported
    if missing or (iss is not None and iss != metadata.issuer):
        raise CallbackRejected("This answer does not come from the server that was asked.", reason="iss")


def _refused(error: str, description: str) -> SignInRefused:
    return SignInRefused(error=error if error in _KNOWN_ERRORS else "other", case=error_case(error, description))


def _received(code: Secret, client_id: str | None, expected: Authorization) -> Callback:
    """Settle which id the code belongs to. A registration must issue one; afterwards it may only be repeated."""
    if not expected.registering:
        if client_id is not None and client_id != expected.client_id:
            return SignInRefused(error="registration_mismatch", case="registration-mismatch")
        return CodeReceived(code=code, client_id=expected.client_id)
    if client_id is None or client_id == expected.client_id or not _ISSUED_ID.fullmatch(client_id):
        return SignInRefused(error="registration_incomplete", case="registration-incomplete")
    return CodeReceived(code=code, client_id=client_id)


def _callback_query(url: str, expected: Authorization) -> str:
    if not url.lower().startswith(("http://", "https://")):
        if url and _BARE_CODE.fullmatch(url):
            raise CallbackRejected(
                "A code alone is not enough. Paste the whole address from the browser's address bar.",
                reason="bare-code",
            )
        raise _other_url()
    pasted, redirect = _split(url), _split(expected.redirect_uri)
    if expected.redirect_uri.startswith(url) or (pasted.path == redirect.path and not pasted.query):
        raise _cut()
    if pasted.path != redirect.path:
        raise _other_url()
    return pasted.query


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise _other_url() from None


def _is_cut(query: str, reason: str, length: int) -> bool:
    """Whether the end of the address is missing: its state, its code, or what a full line of the terminal cut off."""
    names = {field.partition("=")[0] for field in query.split("&")}
    if reason == "malformed":
        return length in LINE_LIMITS or re.search(r"%[0-9A-Fa-f]?$", query) is not None
    if reason == "state":
        return "state" not in names or length in LINE_LIMITS
    return reason == "code" and "code" not in names


def _cut() -> CallbackRejected:
    return CallbackRejected(
        "The end of the address is missing: a terminal may cut long lines. Paste the whole address again.",
        reason="cut",
    )


def _other_url() -> CallbackRejected:
    return CallbackRejected(
        "This is not the address that the sign-in ended on. Paste the whole address from the browser's address bar.",
        reason="url",
    )
