"""The RS256 signing keys: made here, published as a JWKS, rotated on demand.

A rotated key stays published and accepted, so that tokens signed with it live to their end. Private keys never leave
this object.
"""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

ALGORITHM = "RS256"


class InvalidSignature(Exception):
    """The token was not signed here, or is not a token."""


class Keys:
    """The signing keys, newest last; the first is made when it is first needed."""

    def __init__(self) -> None:
        self._keys: list[RSAKey] = []

    def rotate(self) -> str:
        """Sign with a new key from now on; returns its ``kid``."""
        self._keys.append(RSAKey.generate_key(2048, auto_kid=True))
        return self._current().kid or ""

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact JWT over the claims, with ``kid`` in its header."""
        key = self._current()
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key)

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a token that was signed here; expiry is the caller's to judge."""
        self._current()
        try:
            return jwt.decode(token, KeySet(list(self._keys)), algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError) as error:
            raise InvalidSignature from error

    def jwks(self) -> dict[str, Any]:
        """The public halves (RFC 7517 §5)."""
        self._current()
        return {"keys": [key.as_dict(private=False, use="sig", alg=ALGORITHM) for key in self._keys]}

    def _current(self) -> RSAKey:
        if not self._keys:
            self.rotate()
        return self._keys[-1]
