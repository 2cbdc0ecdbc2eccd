"""Owns the proof of a refreshed session's ID token: whether the provider signed it, for this app and this user.

It reads keys and spends nothing. The session is committed by then; what the proof means for it is `rotation`'s to say.
"""

import anyio

from signedin.authorization_server import AuthorizationServer
from signedin.errors import SignedinError
from signedin.oauth.id_token import Identity, IdTokenInvalid
from signedin.record import AccountRecord
from signedin.session import Session

IDENTITY_SECONDS = 10.0
"""How long the keys of a new ID token may take."""


def proved(session: Session, *, server: AuthorizationServer, record: AccountRecord) -> Identity | None:
    """Who the ID token names, the account's own user; None where its keys are out of reach.

    Raises IdTokenInvalid where it is not to be believed, and no other SignedinError.
    """

    async def identify() -> Identity | None:
        client_id = server.client_id_of(record)
        with anyio.fail_after(IDENTITY_SECONDS):
            return await server.identify(session, client_id=client_id, nonce=None, subject=record.subject)

    try:
        return anyio.run(identify)
    except IdTokenInvalid:
        raise
    except (SignedinError, TimeoutError, OSError):
        return None
