"""Owns PKCE: the verifier and its S256 challenge (RFC 7636 §4.1, §4.2). Never `plain`, whatever a server lists."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from secrets import token_urlsafe

from signedin.secret import Secret

METHOD = "S256"
ENTROPY_BYTES = 32

Random = Callable[[int], str]
"""Gives that many random bytes as unpadded base64url text, as `secrets.token_urlsafe` does."""


def new_verifier(random: Random = token_urlsafe) -> Secret:
    """256 random bits as 43 characters of base64url (RFC 7636 §7.1)."""
    return Secret(random(ENTROPY_BYTES))


def challenge(verifier: Secret) -> str:
    """Unpadded base64url of the verifier's SHA-256 (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.reveal().encode("ascii")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
