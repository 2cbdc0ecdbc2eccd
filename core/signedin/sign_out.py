"""Owns the end of a session: marked at once, revoked, then removed. No late answer brings it back.

It runs on an exchange's own thread. Other accounts and the registration are untouched.
"""

from functools import partial

import anyio

from signedin.authorization_server import AuthorizationServer
from signedin.errors import SignedinError, UnknownAccount
from signedin.ports import Store
from signedin.record import AccountRecord
from signedin.session import Session


def end(
    *, store: Store, server: AuthorizationServer, record: AccountRecord, session: Session | None, revoke: bool
) -> bool | None:
    """Whether the provider confirmed the end; None where it was not asked or there was nothing to revoke.

    Unconfirmed, the sealed refresh token is kept for revocation alone. Raises StoreError where tokens are left behind.
    """
    try:
        store.mark_signed_out(record.id)
    except UnknownAccount:
        return None  # nobody ever signed in to it
    session = session or _saved(store, record)
    revoked = _revoke(store, server, record, session) if revoke else None
    if not _signed_in_since(store, record):
        store.clear(record.id, keep_for_revocation=revoked is False)
    return revoked


def revoke_session(*, server: AuthorizationServer, record: AccountRecord, session: Session) -> bool:
    """Whether the provider confirmed that the grant behind these tokens has ended. Never raises SignedinError."""
    client_id = record.client_id or server.provider.client_id
    try:
        return anyio.run(partial(server.end, session, client_id=client_id))
    except SignedinError:
        return False


def revoke_pending(*, store: Store, server: AuthorizationServer, record: AccountRecord) -> bool | None:
    """Try once more what an earlier sign-out could not confirm; None where there is no such thing.

    Never raises SignedinError.
    """
    try:
        token = store.pending_revocation(record.id)
        if token is None:
            return None
        client_id = record.client_id or server.provider.client_id
        revoked = anyio.run(partial(server.revoke, token, client_id=client_id))
        if revoked:
            store.drop_revocation(record.id)
    except SignedinError:
        return False
    return revoked


def _revoke(store: Store, server: AuthorizationServer, record: AccountRecord, session: Session | None) -> bool | None:
    if session is None:
        return revoke_pending(store=store, server=server, record=record)
    return revoke_session(server=server, record=record, session=session)


def _signed_in_since(store: Store, record: AccountRecord) -> bool:
    """Whether a sign-in was committed while the provider was asked: its tokens are not ours to remove."""
    try:
        return not store.load(record.id).signed_out
    except SignedinError:
        return False


def _saved(store: Store, record: AccountRecord) -> Session | None:
    """The session that the store still holds, for revoking it."""
    try:
        return store.load(record.id).session
    except SignedinError:
        return None
