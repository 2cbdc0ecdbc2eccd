"""Owns the end of a session: marked at once, revoked, then removed. No late answer brings it back.

It runs on a thread of its own. A token goes to the places that it was made with, or nowhere. Other accounts and the
registration are untouched.
"""

import math
from contextlib import suppress
from functools import partial

import anyio

from signedin.authorization_server import AuthorizationServer
from signedin.errors import SignedinError, StoreError, UnknownAccount
from signedin.ports import Store
from signedin.record import AccountRecord, PendingRevocation
from signedin.session import Session
from signedin.stored_state import is_rebound

_ANSWERS = {
    True: "The provider confirmed the end of the session",
    False: "The provider did not confirm the end of the session",
    None: "Nothing was revoked at the provider",
}


def end(
    *, store: Store, server: AuthorizationServer, record: AccountRecord, session: Session | None, revoke: bool
) -> bool | None:
    """Whether the provider confirmed the end; None where it was not asked or there was nothing to revoke,
    as with an API key.

    Unconfirmed, the sealed refresh token is kept for revocation alone. Whoever holds the claim delays it only briefly:
    what could not be removed under it is removed by that process itself, or by the next start (`finish`). Raises
    StoreError where tokens are left behind: they are revoked all the same, and its message says whether that was
    confirmed.
    """
    revoke = revoke and not server.provider.takes_key
    try:
        ended = store.mark_signed_out(record.id, revoke=revoke)
    except UnknownAccount:
        return None  # nobody ever signed in to it
    except StoreError as error:
        revoked = _revoke(store, server, record, session, ended=math.inf) if revoke else None
        raise _left_behind(error, revoked) from error
    revoked = _revoke(store, server, record, session, ended=ended) if revoke else None
    try:
        store.clear(record.id, ended=ended, keep_for_revocation=revoked is False, unsaved=session)
    except StoreError as error:
        if error.case != "lock-timeout":
            raise _left_behind(error, revoked) from error
    return revoked


def finish(*, store: Store, server: AuthorizationServer, record: AccountRecord) -> None:
    """End what an earlier sign-out could not: tokens that it left, a revocation that nobody confirmed.

    Never raises SignedinError: the next start tries again, for 30 days.
    """
    with suppress(SignedinError):
        left = store.load(record.id).left
        if left is not None:
            revoked = _revoke(store, server, record, None, ended=left.generation) if left.revoke else None
            store.clear(record.id, ended=left.generation, keep_for_revocation=revoked is False)
    revoke_pending(store=store, server=server, record=record)


def revoke_session(*, server: AuthorizationServer, record: AccountRecord, session: Session) -> bool:
    """Whether the provider confirmed that the grant behind these tokens has ended. Never raises SignedinError."""
    client_id = server.client_id_of(record)
    try:
        return anyio.run(partial(server.end, session, client_id=client_id))
    except SignedinError:
        return False


def revoke_pending(*, store: Store, server: AuthorizationServer, record: AccountRecord) -> bool | None:
    """Try once more what earlier sign-outs could not confirm, until one fails; None where there is no such thing.

    Never raises SignedinError.
    """
    revoked: bool | None = None
    try:
        while (pending := store.pending_revocation(record.id)) is not None:
            if not _revoke_kept(server, pending):
                return False
            store.drop_revocation(record.id, pending)
            revoked = True
    except SignedinError:
        return False
    return revoked


def _revoke_kept(server: AuthorizationServer, pending: PendingRevocation) -> bool:
    client_id = server.client_id_of(pending.record)
    if is_rebound(pending.record, server.provider):
        return False
    return anyio.run(partial(server.revoke, pending.token, client_id=client_id))


def _revoke(
    store: Store, server: AuthorizationServer, record: AccountRecord, session: Session | None, *, ended: float
) -> bool | None:
    """Revoke the newest session up to generation `ended`: the one in hand, or what other processes made of it."""
    try:
        stored = store.load(record.id)
    except SignedinError:
        if session is None:
            return False  # what lies there cannot be opened
    else:
        newest = stored.session
        if newest is not None and (session.generation if session else 0) < newest.generation <= ended:
            record, session = stored.record, newest
    if session is None:
        return revoke_pending(store=store, server=server, record=record)
    return not is_rebound(record, server.provider) and revoke_session(server=server, record=record, session=session)


def _left_behind(error: StoreError, revoked: bool | None) -> StoreError:
    message = f"{error.message.removesuffix('.')}. {_ANSWERS[revoked]}"
    return StoreError(message, case=error.case, path=error.path)
