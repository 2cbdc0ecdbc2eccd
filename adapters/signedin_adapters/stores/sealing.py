"""Owns sealing: a session as two lines, the header in the open and the tokens under AES-256-GCM.

The bytes of the first line are the associated data of the second, so neither can be changed, cut or moved to another
account unnoticed; an older whole file put back is not noticed. The key is chosen and kept elsewhere. One key seals far
fewer files than the 2³² that random 96-bit nonces allow (NIST SP 800-38D §8.3).
"""

import json
import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from signedin.errors import StoreError
from signedin.facts import SessionFacts
from signedin.secret import Secret
from signedin.session import Session
from signedin_adapters.stores import header
from signedin_adapters.stores.fields import SCHEMA, Fields

SESSION = "session"
REVOCATION = "revocation-pending"
SESSION_BYTES = 64 * 1024
"""The room that is kept for a sealed session; none is as large."""

_NONCE_BYTES = 12


def seal(session: Session, facts: SessionFacts, key: Secret, *, holds: str = SESSION) -> bytes:
    """The whole file, `facts` being its first line. For a revocation the refresh token alone goes in."""
    tokens: dict[str, object] = {"schema": SCHEMA, "refresh_token": _reveal(session.refresh_token)}
    if holds == SESSION:
        tokens |= {"access_token": session.access_token.reveal(), "id_token": _reveal(session.id_token)}
    return seal_text(header.encode(facts, holds=holds), json.dumps(tokens), key)


def open_session(data: bytes, facts: SessionFacts, key: Secret, path: str) -> Session:
    """The session of a whole file, `facts` being its first line. Raises StoreError(case="session-undecryptable")."""
    tokens = _open(data, key, path)
    return Session(
        generation=facts.generation,
        access_token=Secret(tokens.text("access_token")),
        refresh_token=_optional_secret(tokens.optional_text("refresh_token")),
        id_token=_optional_secret(tokens.optional_text("id_token")),
        scopes=facts.scopes,
        issued_at=facts.issued_at,
        expires_at=facts.expires_at,
        refresh_at=facts.refresh_at,
        earliest_refresh_at=facts.earliest_refresh_at,
        plan_enabled=facts.plan_enabled,
        host_id=facts.host_id,
        another_users=facts.another_users,
    )


def open_revocation(data: bytes, key: Secret, path: str) -> Secret:
    """The refresh token that waits for its revocation. Raises StoreError(case="session-undecryptable")."""
    return Secret(_open(data, key, path).text("refresh_token"))


def seal_text(first_line: bytes, text: str, key: Secret) -> bytes:
    """Two lines: the first as it is, and `text` sealed under the key with the first as associated data."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_key_bytes(key)).encrypt(nonce, text.encode(), first_line)
    return first_line + b"\n" + b64encode(nonce + sealed) + b"\n"


def open_text(data: bytes, key: Secret, path: str) -> bytes:
    """What `seal_text` sealed. Raises StoreError(case="session-undecryptable") for another key or a changed file."""
    first_line, second_line = header.split(data, path)
    try:
        sealed = b64decode(second_line, validate=True)
        if b64encode(sealed) != second_line:
            raise undecryptable(path)  # base64 has spare bits; ours are zero
        return AESGCM(_key_bytes(key)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], first_line)
    except (InvalidTag, ValueError):
        raise undecryptable(path) from None


def undecryptable(path: str) -> StoreError:
    """A sealed file whose key is gone, or that was changed or moved here from elsewhere."""
    return StoreError(
        f"{path} cannot be opened: its key is gone, or it was changed or comes from elsewhere. Sign in again",
        case="session-undecryptable",
        path=path,
    )


def _open(data: bytes, key: Secret, path: str) -> Fields:
    return Fields(open_text(data, key, path), path)


def _key_bytes(key: Secret) -> bytes:
    return b64decode(key.reveal(), validate=True)


def _reveal(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()


def _optional_secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)
