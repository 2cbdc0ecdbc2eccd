"""Making tokens: the token response, the access token's claims and the ID token's.

Owns what the tokens say. Which are issued is decided in `token`; which still count, in `grants`.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from signedin_adapters.sandbox.grants import Grant
from signedin_adapters.sandbox.parts import AGENTS, CODEX
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.registrations import Registration
from signedin_adapters.sandbox.scopes import alphabetical

AUTH_CLAIM = "https://api.openai.com/auth"
PROFILE_CLAIM = "https://api.openai.com/profile"


def token_response(realm: Realm, grant: Grant, *, nonce: str | None = None) -> dict[str, Any]:
    """The body of a 200: of an exchange with the request's ``nonce``, of a refresh without."""
    refreshed, part = nonce is None, grant.registration.part
    now = int(realm.clock())
    body: dict[str, Any] = {"access_token": _access_token(realm, grant, now), "expires_in": realm.access_ttl}
    if "offline_access" in grant.scopes and (not refreshed or realm.refresh_rotates):
        body["refresh_token"] = grant.refresh_token
    if part is not CODEX or realm.codex_token_type:
        body |= {"token_type": "Bearer"}
    if "openid" in grant.scopes and (not refreshed or realm.refresh_returns_id_token):
        body["id_token"] = _id_token(realm, grant, now, nonce)
    if part is not CODEX and (not refreshed or realm.refresh_returns_scope):
        body["scope"] = alphabetical(grant.scopes)
    return body | (_earliest_refresh_at(realm, now) if part is AGENTS else {})


def _access_token(realm: Realm, grant: Grant, now: int) -> str:
    jti = secrets.token_urlsafe(16)
    expires_at = now + realm.access_ttl
    realm.grants.remember_access(grant, jti, expires_at)
    registration = grant.registration
    claims: dict[str, Any] = {
        "iss": realm.issuer_of(registration.part),
        "aud": grant.resource,
        "sub": registration.subject,
        "client_id": registration.client_id,
        "scope": alphabetical(grant.scopes),
        "iat": now,
        "nbf": now,
        "exp": expires_at,
        "jti": jti,
    }
    if registration.part is AGENTS:
        claims[AUTH_CLAIM] = _opaque()
    if registration.part is CODEX:
        claims |= {AUTH_CLAIM: _workspace(realm, registration), PROFILE_CLAIM: _profile(registration)}
    return realm.keys.sign(claims)


def _id_token(realm: Realm, grant: Grant, now: int, nonce: str | None) -> str:
    fault = realm.faults.take("id_token") if nonce is None else realm.faults.take("id_token", "exchange")
    registration = grant.registration
    claims: dict[str, Any] = {
        "iss": realm.issuer_of(registration.part),
        "aud": [registration.client_id] if realm.audience_form == "array" else registration.client_id,
        "sub": registration.subject,
        "iat": now,
        "exp": now + 3600,
        "auth_time": grant.auth_time,
    }
    if "email" in grant.scopes:
        claims |= _profile(registration)
    if "profile" in grant.scopes:
        claims["name"] = registration.person.name
    if registration.part is CODEX:
        claims[AUTH_CLAIM] = _workspace(realm, registration) | {"organizations": _organizations(registration)}
    if nonce:
        claims["nonce"] = secrets.token_urlsafe(32) if fault == "id-token-bad-nonce" else nonce
    if fault == "id-token-wrong-sub":
        claims["sub"] = "user-" + secrets.token_hex(12)
    if fault == "jwks-rotated":
        realm.keys.rotate()
    return realm.keys.sign(claims)


def _opaque() -> dict[str, Any]:
    """Opaque at the provider too; as long as there, so that stores meet tokens of the real size."""
    return {
        "per_user_salt": secrets.token_urlsafe(24),
        "encrypted_auth_metadata": secrets.token_urlsafe(600),
    }


def _profile(registration: Registration) -> dict[str, Any]:
    return {"email": registration.person.email, "email_verified": True}


def _workspace(realm: Realm, registration: Registration) -> dict[str, Any]:
    """Who signed in to what, and what was bought there."""
    return {
        "chatgpt_account_id": registration.workspace_id,
        "chatgpt_plan_type": realm.plan,
        "chatgpt_user_id": registration.subject,
        "user_id": registration.subject,
    }


def _organizations(registration: Registration) -> list[dict[str, Any]]:
    """Something else than a workspace, for whoever takes it for one."""
    return [{"id": f"org-{registration.person.id}", "title": "Personal", "role": "owner", "is_default": True}]


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
