"""Owns believing an ID token: signature, issuer, audience, times, nonce (OpenID Connect Core §3.1.3.7, RFC 8725).

Every rule that fails is an `IdTokenInvalid`, whatever the bytes are. joserfc checks the signature; the header and the
claims are judged here, strictly typed. No key ever comes from the token itself.
"""

import hashlib
import math
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from signedin.errors import AnswerRefused
from signedin.oauth.claims import Claims, first, label, segment, unverified, word
from signedin.oauth.discovery import ALGORITHMS
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.provider import ClaimNames
from signedin.secret import Secret

SKEW_SECONDS = 60.0
OF_THE_TIME = frozenset({"expired", "issued-at", "not-before"})
"""Reasons that speak of a clock as much as of the token; they are looked for last, when all else is proved."""

_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
_FORBIDDEN_HEADERS = frozenset({"b64", "crit", "jku", "jwk", "x5c", "x5u", "zip"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signed in: `subject`, within its issuer and client, to which `workspace` where the server has several.

    The rest are labels for people, never an identity.
    """

    subject: str
    workspace: str | None = None
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    plan: str | None = None


class IdTokenInvalid(AnswerRefused):
    """The ID token is not to be believed. `reason` is a short word for the log.

    One of `malformed header algorithm unknown-key ambiguous-key key signature issuer subject audience azp expired
    issued-at not-before nonce at-hash`. After `unknown-key` the keys may have been rotated: fetch them once more.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The provider's proof of who signed in cannot be believed ({reason}).", case="id-token-invalid"
        )
        self.reason = reason


def validate(
    token: Secret,
    jwks: dict[str, object],
    *,
    issuer: str,
    client_id: str,
    nonce: Secret | None,
    at: float,
    algorithms: Sequence[str] = ("RS256",),
    access_token: Secret | None = None,
    subject: str | None = None,
    names: ClaimNames | None = None,
) -> Identity:
    """Check the token at `at` (Unix seconds, 60 s of skew allowed) and say who it names. Raises IdTokenInvalid.

    `nonce` None means that none was sent: so it is on a refresh, where `subject` must be given and is compared
    (OpenID Connect Core §12.2). `access_token` is compared with `at_hash` where the token has one (§3.1.3.8); by
    `names` it may also tell what the ID token leaves out, the subject never.
    """
    text = token.reveal()
    header = _header(text)
    algorithm = _algorithm(header, algorithms)
    claims = _verified(text, _key(jwks, header.get("kid"), algorithm), algorithm)
    _require(claims.get("iss") == issuer, "issuer")
    _check_subject(claims.get("sub"), subject)
    _check_audience(claims, client_id)
    _check_nonce(claims.get("nonce"), nonce)
    _check_at_hash(claims.get("at_hash"), access_token, algorithm)
    _check_times(claims, at)
    return _identity(claims, names or ClaimNames(), access_token)


def names_another(token: Secret, subject: str) -> bool:
    """Whether the token, taken at its word, does not name this user: enough to refuse it, never to believe it.

    It needs no key, so that an outage of the keys does not hold this up. What is no token names nobody.
    """
    return unverified(token).get("sub") != subject


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise IdTokenInvalid(reason)


def _header(text: str) -> dict[str, object]:
    try:
        header = segment(text, 0)
    except MalformedJson:
        raise IdTokenInvalid("malformed") from None
    _require(_FORBIDDEN_HEADERS.isdisjoint(header), "header")
    return header


def _algorithm(header: dict[str, object], allowed: Sequence[str]) -> str:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in allowed or algorithm not in ALGORITHMS:
        raise IdTokenInvalid("algorithm")
    return algorithm


def _key(jwks: dict[str, object], kid: object, algorithm: str) -> dict[str, object]:
    """The one key that may have signed: of the named id, made for signing, of the algorithm's own type."""
    listed = jwks.get("keys")
    entries = cast(list[object], listed) if isinstance(listed, list) else []
    keys = [cast(dict[str, object], entry) for entry in entries if isinstance(entry, dict)]
    if kid is not None:
        keys = [key for key in keys if key.get("kid") == kid]
        _require(bool(keys), "unknown-key")
    fitting = [key for key in keys if _fits(key, algorithm)]
    _require(bool(fitting), "key" if keys else "unknown-key")
    _require(len(fitting) == 1, "ambiguous-key")
    return fitting[0]


def _fits(key: dict[str, object], algorithm: str) -> bool:
    return (
        key.get("kty") == _KEY_TYPES[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (key["kty"] != "RSA" or _is_strong(key.get("n")))
    )


def _is_strong(modulus: object) -> bool:
    """Whether an RSA modulus, in base64url, has 2 048 to 16 384 bits (RFC 7518 §3.3)."""
    return isinstance(modulus, str) and 2048 <= len(modulus.lstrip("A")) * 6 <= 16392


def _verified(text: str, key: dict[str, object], algorithm: str) -> dict[str, object]:
    """The claims, once the signature holds."""
    from joserfc import jwk, jws

    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        payload = jws.deserialize_compact(text, jwk.import_key(cast(Any, key)), registry=registry).payload
    except Exception:  # noqa: BLE001 - for a broken key, joserfc and cryptography raise more kinds than they name
        raise IdTokenInvalid("signature") from None
    try:
        return parse_object(payload)
    except MalformedJson:
        raise IdTokenInvalid("malformed") from None


def _check_subject(sub: object, expected: str | None) -> None:
    _require(isinstance(sub, str) and 0 < len(sub) <= 255 and expected in (None, sub), "subject")


def _check_audience(claims: dict[str, object], client_id: str) -> None:
    """We are in `aud`, a string or an array; `azp` is us where it is there, and there where others are in `aud`."""
    aud, azp = claims.get("aud"), claims.get("azp")
    audiences = cast(list[object], aud) if isinstance(aud, list) else [aud]
    _require(client_id in audiences and all(isinstance(entry, str) for entry in audiences), "audience")
    _require(azp == client_id if "azp" in claims else len(audiences) == 1, "azp")


def _check_times(claims: dict[str, object], at: float) -> None:
    exp, iat, nbf = (claims.get(name) for name in ("exp", "iat", "nbf"))
    _require(_is_time(exp) and at < cast(float, exp) + SKEW_SECONDS, "expired")
    _require(_is_time(iat) and cast(float, iat) <= at + SKEW_SECONDS, "issued-at")
    _require("nbf" not in claims or (_is_time(nbf) and cast(float, nbf) <= at + SKEW_SECONDS), "not-before")


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_nonce(value: object, expected: Secret | None) -> None:
    _require(expected is None or (isinstance(value, str) and Secret(value) == expected), "nonce")


def _check_at_hash(value: object, access_token: Secret | None, algorithm: str) -> None:
    if value is None or access_token is None:
        return
    digest = hashlib.new(f"sha{algorithm[2:]}", access_token.reveal().encode()).digest()
    half = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    _require(isinstance(value, str) and Secret(value) == Secret(half), "at-hash")


def _identity(claims: Claims, names: ClaimNames, access_token: Secret | None) -> Identity:
    beside = unverified(access_token) if names.in_access_token and access_token is not None else Claims()
    return Identity(
        subject=str(claims["sub"]),
        workspace=first(word, (names.workspace,), claims, beside),
        email=first(label, names.email, claims, beside),
        email_verified=claims.get("email_verified") is True,
        name=label(claims.get("name")),
        plan=first(label, (names.plan,), claims, beside),
    )
