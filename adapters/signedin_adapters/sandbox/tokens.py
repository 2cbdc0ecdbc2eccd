"""Making tokens: the token response, the access token's claims and the ID token's.

Owns what the tokens say. Which are issued is decided in `token`; which still count, in `grants`.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from signedin_adapters.sandbox.grants import Grant
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.scopes import alphabetical


def token_response(realm: Realm, grant: Grant, *, nonce: str | None = None) -> dict[str, Any]:
    """The body of a 200: of an exchange with the request's ``nonce``, of a refresh without."""
    refreshed = nonce is None
    now = int(realm.clock())
    body: dict[str, Any] = {
        "access_token": _access_token(realm, grant, now),
        "refresh_token": grant.refresh_token,
        "token_type": "Bearer",
        "expires_in": realm.access_ttl,
    }
    if not refreshed or realm.refresh_returns_id_token:
        body["id_token"] = _id_token(realm, grant, now, nonce)
    if not refreshed or realm.refresh_returns_scope:
        body["scope"] = alphabetical(grant.scopes)
    return body | _earliest_refresh_at(realm, now)


def _access_token(realm: Realm, grant: Grant, now: int) -> str:
    jti = secrets.token_urlsafe(16)
    expires_at = now + realm.access_ttl
    realm.grants.remember_access(grant, jti, expires_at)
    claims = {
        "iss": realm.issuer,
        "aud": grant.resource,
        "sub": grant.registration.subject,
        "client_id": grant.registration.client_id,
        "scope": alphabetical(grant.scopes),
        "iat": now,
        "nbf": now,
        "exp": expires_at,
        "jti": jti,
        # Opaque at the provider too; as long as there, so that stores meet tokens of the real size.
        "https://api.openai.com/auth": {
            "per_user_salt": secrets.token_urlsafe(24),
            "encrypted_auth_metadata": secrets.token_urlsafe(600),
        },
    }
    return realm.keys.sign(claims)


def _id_token(realm: Realm, grant: Grant, now: int, nonce: str | None) -> str:
    fault = realm.faults.take("id_token") if nonce is None else realm.faults.take("id_token", "exchange")
    registration = grant.registration
    claims: dict[str, Any] = {
        "iss": realm.issuer,
        "aud": [registration.client_id] if realm.audience_form == "array" else registration.client_id,
        "sub": registration.subject,
        "iat": now,
        "exp": now + 3600,
        "auth_time": grant.auth_time,
    }
    if "email" in grant.scopes:
        claims |= {"email": registration.person.email, "email_verified": True}
    if "profile" in grant.scopes:
        claims["name"] = registration.person.name
    if nonce is not None:
        claims["nonce"] = secrets.token_urlsafe(32) if fault == "id-token-bad-nonce" else nonce
    if fault == "id-token-wrong-sub":
        claims["sub"] = "user-" + secrets.token_hex(12)
    if fault == "jwks-rotated":
        realm.keys.rotate()
    return realm.keys.sign(claims)


def _earliest_refresh_at(realm: Realm, now: int) -> dict[str, Any]:
    """Nine tenths into the access token's life, in the form chosen."""
    at = now + int(realm.access_ttl * 0.9)
    forms: dict[str, Any] = {
        "seconds": at,
        "iso": datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z"),
        "zero": 0,
        "null": None,
    }
    form = realm.earliest_refresh_at
    return {} if form == "absent" else {"earliest_refresh_at": forms[form]}
