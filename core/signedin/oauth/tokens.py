"""Owns the token endpoint: building the exchange and the refresh, and reading the tokens that come back.

Reading is total: a 200 gives a session or AnswerRefused, never another error. It decides nothing about an account,
and never keeps what the server says beside the tokens.
"""

import math
import re
from datetime import UTC, datetime

from signedin.oauth.authorization import Authorization
from signedin.oauth.callback import CodeReceived
from signedin.oauth.claims import unverified
from signedin.oauth.messages import Field, Request, Response
from signedin.oauth.refusal import read_error, unreadable
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.provider import Provider
from signedin.secret import Secret
from signedin.session import Session, advisory_point

DEFAULT_LIFE_SECONDS = 3600.0
"""Assumed where no end is told, or a senseless one: an hour, as most servers have it.

Too long a guess costs one 401, after which the token is refreshed; refusing the answer would lose a spent token.
"""
LONGEST_LIFE_SECONDS = 10 * 365 * 86400.0
LATEST_TIME = 1e11

_ACCESS_TOKEN = re.compile(r"[!-~]{1,65536}")
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")


def exchange_request(authorization: Authorization, received: CodeReceived, *, token_endpoint: str) -> Request:
    """Redeem the code (RFC 6749 §4.1.3, RFC 7636 §4.5), with the id that the callback settled, as a public client."""
    form: list[tuple[str, Field]] = [
        ("grant_type", "authorization_code"),
        ("client_id", received.client_id),
        ("code", received.code),
        ("code_verifier", authorization.code_verifier),
        ("redirect_uri", authorization.redirect_uri),
    ]
    return _request(token_endpoint, form, authorization.resource)


def refresh_request(*, token_endpoint: str, client_id: str, refresh_token: Secret, resource: str | None) -> Request:
    """Redeem the refresh token (RFC 6749 §6). `scope` is left out: the grant stays as it is."""
    form: list[tuple[str, Field]] = [
        ("grant_type", "refresh_token"),
        ("client_id", client_id),
        ("refresh_token", refresh_token),
    ]
    return _request(token_endpoint, form, resource)


def read_tokens(
    response: Response,
    *,
    at: float,
    jitter: float,
    previous: Session | None,
    provider: Provider,
    host_id: str,
    ahead: float = 0.0,
) -> Session:
    """Read a token answer (RFC 6749 §5.1) into a session of generation 0: its commit gives it the number.

    `at` is the Unix time of the answer, `jitter` a number in [0, 1). What the server leaves out of scopes,
    refresh token and ID token is kept from `previous`; without one, the scopes that the profile asks for were granted.
    Whether an ID token is new is told by comparing it with `previous`. An access token that tells its own end
    (RFC 7519 §4.1.4) is believed before `expires_in`. All times of a session are by our own clock, which the server's
    is `ahead` of by so many seconds. Raises AnswerRefused.
    """
    if response.status != 200:
        raise read_error(response)
    answer = _answer(response)
    earliest = _time(answer.get("earliest_refresh_at"))
    access_token = Secret(str(answer["access_token"]))
    own = _number(unverified(access_token).get("exp")) if provider.claims.in_access_token else None
    life = (None if own is None else _life(own - ahead - at)) or _life(answer.get("expires_in"))
    expires_at = at + (life or DEFAULT_LIFE_SECONDS)
    scopes = _scopes(answer.get("scope")) or (previous.scopes if previous else provider.scopes)
    return Session(
        generation=0,
        access_token=access_token,
        refresh_token=_secret(answer.get("refresh_token")) or (previous.refresh_token if previous else None),
        id_token=_secret(answer.get("id_token")) or (previous.id_token if previous else None),
        scopes=scopes,
        issued_at=at,
        expires_at=expires_at,
        refresh_at=advisory_point(at, expires_at, jitter),
        earliest_refresh_at=None if earliest is None else earliest - ahead,
        plan_enabled=None if provider.plan_scope is None else provider.plan_scope in scopes,
        host_id=host_id,
    )


def _request(token_endpoint: str, form: list[tuple[str, Field]], resource: str | None) -> Request:
    target: list[tuple[str, Field]] = [("resource", resource)] if resource else []
    return Request(method="POST", url=token_endpoint, form=(*form, *target))


def _answer(response: Response) -> dict[str, object]:
    """The object, once it is sure to hold a bearer token that a header can carry.

    A type that is not named is taken for it, though RFC 6749 §5.1 demands the name: the token is spent already.
    """
    try:
        answer = parse_object(response.body)
    except MalformedJson:
        raise unreadable(response, "tokens") from None
    access_token, token_type = answer.get("access_token"), answer.get("token_type")
    usable = isinstance(access_token, str) and _ACCESS_TOKEN.fullmatch(access_token)
    bearer = token_type is None or (isinstance(token_type, str) and token_type.lower() == "bearer")
    if not usable or not bearer:
        raise unreadable(response, "bearer token")
    return answer


def _secret(value: object) -> Secret | None:
    return Secret(value) if isinstance(value, str) and value else None


def _scopes(value: object) -> tuple[str, ...]:
    return tuple(value.split()) if isinstance(value, str) else ()


def _life(value: object) -> float | None:
    """Seconds in (0, ten years), from a number or its decimal text; None for anything else."""
    seconds = _number(value)
    return seconds if seconds is not None and 0 < seconds < LONGEST_LIFE_SECONDS else None


def _time(value: object) -> float | None:
    """Unix seconds, from a number, its decimal text or ISO 8601 (UTC where no offset is named); None for the rest."""
    seconds = _number(value)
    if seconds is None and isinstance(value, str):
        seconds = _iso(value)
    return seconds if seconds is not None and 0 < seconds < LATEST_TIME else None


def _number(value: object) -> float | None:
    if isinstance(value, str):
        return float(value) if _DECIMAL.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _iso(value: str) -> float | None:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
