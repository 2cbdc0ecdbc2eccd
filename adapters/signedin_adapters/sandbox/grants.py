"""The grants: authorization codes, and the families of tokens that descend from them.

A refresh token is spent once. Spending it a second time ends the whole family, and so does replaying the code that
began it (RFC 9700 §4.14.2, RFC 6749 §10.5). Methods are called from the server's thread and from the embedder's, so
each holds the lock throughout. Owns no HTTP and no JWT: an access token is known by its ``jti``.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Literal

from signedin_adapters.sandbox.refusals import OAuthRefusal
from signedin_adapters.sandbox.registrations import Registration

Ending = Literal["revoked", "reused", "disconnected"]
AccessStatus = Literal["good", "expired", "revoked", "disconnected"]


@dataclass(slots=True, kw_only=True, eq=False)
class AuthorizationCode:
    """A code and everything it is bound to; ``expires_at`` is Unix seconds."""

    registration: Registration
    redirect_uri: str
    resource: str
    scopes: frozenset[str]
    nonce: str
    code_challenge: str
    host_id: str
    expires_at: float
    spent: bool = False
    grant: "Grant | None" = None


@dataclass(slots=True, kw_only=True, eq=False)
class Grant:
    """One family of tokens: the living refresh token, the spent ones, and the access tokens by ``jti``."""

    registration: Registration
    resource: str
    scopes: frozenset[str]
    host_id: str
    auth_time: int
    refresh_token: str = ""
    refresh_expires_at: float = 0
    rotations: int = -1
    access: dict[str, float] = field(default_factory=dict[str, float])
    ended: Ending | None = None

    def end(self, how: Ending) -> None:
        """End the family; the first reason stays."""
        self.ended = self.ended or how


class Grants:
    """All codes and families. ``clock`` gives Unix seconds, ``refresh_ttl`` is seconds."""

    def __init__(self, *, clock: Callable[[], float], refresh_ttl: float) -> None:
        self._clock = clock
        self._refresh_ttl = refresh_ttl
        self._codes: dict[str, AuthorizationCode] = {}
        self._grants: list[Grant] = []
        self._by_refresh_token: dict[str, Grant] = {}
        self._by_jti: dict[str, Grant] = {}
        self._lock = RLock()

    def all(self) -> tuple[Grant, ...]:
        """Every family, oldest first."""
        with self._lock:
            return tuple(self._grants)

    def remember_code(self, code: AuthorizationCode) -> str:
        """Issue the code; returns its value."""
        value = "ac_" + secrets.token_urlsafe(48)
        with self._lock:
            self._codes[value] = code
        return value

    def drop_code(self, value: str) -> None:
        """Forget a code: nobody redeems it any more."""
        with self._lock:
            self._codes.pop(value, None)

    def redeem_code(
        self, value: str, *, client_id: str, redirect_uri: str, code_verifier: str, resource: str | None = None
    ) -> tuple[Grant, str]:
        """Begin a family; returns it and the request's nonce. Raises OAuthRefusal; a bad attempt burns the code.

        ``resource`` None means that the request named none, and takes the code's.
        """
        with self._lock:
            code = self._codes.get(value)
            if code is None or code.registration.client_id != client_id:
                raise OAuthRefusal("invalid_grant", "The code is unknown or was issued to another client.")
            self._spend(code)
            if challenge(code_verifier) != code.code_challenge:
                raise OAuthRefusal("invalid_grant", "The code_verifier does not match the challenge.")
            if redirect_uri != code.redirect_uri:
                raise OAuthRefusal("invalid_grant", "The redirect_uri differs from the authorize request's.")
            if resource not in (None, code.resource):
                raise OAuthRefusal("invalid_target", "The resource differs from the authorize request's.")
            code.grant = self._begin(code)
            return code.grant, code.nonce

    def redeem_refresh_token(
        self, value: str, *, client_id: str, resource: str | None = None, rotate: bool = True
    ) -> Grant:
        """Rotate, unless told not to; raises OAuthRefusal. A spent token ends its family."""
        with self._lock:
            grant = self._by_refresh_token.get(value)
            if grant is None or grant.registration.client_id != client_id:
                raise OAuthRefusal("invalid_grant", "The refresh token is unknown or belongs to another client.")
            if resource not in (None, grant.resource):
                raise OAuthRefusal("invalid_target", "The resource differs from the grant's.")
            if value != grant.refresh_token:
                grant.end("reused")
                raise _dead(grant, "refresh_token_reused", "The refresh token was used before.")
            if grant.ended == "reused":
                raise _dead(grant, "refresh_token_invalidated", "The session was ended by the reuse of a token.")
            if grant.ended is not None:
                raise _dead(grant, "refresh_token_revoked", "The grant was revoked.")
            if self._clock() >= grant.refresh_expires_at:
                raise _dead(grant, "refresh_token_expired", "The refresh token has run out.")
            if rotate:
                self._rotate(grant)
            return grant

    def remember_access(self, grant: Grant, jti: str, expires_at: float) -> None:
        """Note an access token of the family."""
        with self._lock:
            grant.access[jti] = expires_at
            self._by_jti[jti] = grant

    def find_access(self, jti: str) -> tuple[Grant, AccessStatus] | None:
        """The family of an access token and whether the token still counts; None if it was never issued."""
        with self._lock:
            grant = self._by_jti.get(jti)
            if grant is None:
                return None
            if grant.ended == "disconnected":
                return grant, "disconnected"
            if grant.ended is not None:
                return grant, "revoked"
            return grant, "good" if self._clock() < grant.access[jti] else "expired"

    def end_by_refresh_token(self, value: str, how: Ending, *, client_id: str | None = None) -> bool:
        """End the family of a refresh token, spent or not; with ``client_id``, only that client's. True if found."""
        with self._lock:
            grant = self._by_refresh_token.get(value)
            if grant is None or client_id not in (None, grant.registration.client_id):
                return False
            grant.end(how)
            return True

    def end_by_access(self, jti: str, how: Ending) -> bool:
        """End the family of an access token. True if found."""
        with self._lock:
            grant = self._by_jti.get(jti)
            if grant is not None:
                grant.end(how)
            return grant is not None

    def end_all(self, how: Ending) -> None:
        """End every family."""
        with self._lock:
            for grant in self._grants:
                grant.end(how)

    def expire_access(self) -> None:
        """Let every access token run out now."""
        with self._lock:
            for grant in self._grants:
                grant.access = dict.fromkeys(grant.access, self._clock())

    def _spend(self, code: AuthorizationCode) -> None:
        if code.spent and code.grant is not None:
            code.grant.end("reused")
        if code.spent or self._clock() >= code.expires_at:
            raise OAuthRefusal("invalid_grant", "The code was used before or has run out.")
        code.spent = True

    def _begin(self, code: AuthorizationCode) -> Grant:
        grant = Grant(
            registration=code.registration,
            resource=code.resource,
            scopes=code.scopes,
            host_id=code.host_id,
            auth_time=int(self._clock()),
        )
        self._grants.append(grant)
        self._rotate(grant)
        return grant

    def _rotate(self, grant: Grant) -> None:
        grant.refresh_token = "rt_" + secrets.token_urlsafe(156)
        grant.refresh_expires_at = self._clock() + self._refresh_ttl
        grant.rotations += 1
        self._by_refresh_token[grant.refresh_token] = grant


def _dead(grant: Grant, code: str, description: str) -> OAuthRefusal:
    known = code in grant.registration.part.ending_codes
    return OAuthRefusal(code if known else "invalid_grant", description)


def challenge(code_verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 §4.2)."""
    digest = hashlib.sha256(code_verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
