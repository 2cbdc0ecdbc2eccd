"""Owns signing in with an API key: the same attempt as with a browser, but that the key is there from the start.

The store is proved and the sole right to sign in is taken before the key is sent anywhere. A key that the API did not
take is saved nowhere.
"""

import re
from typing import TYPE_CHECKING

import anyio

from signedin import events as ev
from signedin.attempt import HeldAttempt
from signedin.errors import ConfigurationError, MisuseError
from signedin.key_exchange import KeyExchange
from signedin.secret import Secret
from signedin.sign_in import claimed, in_turn

if TYPE_CHECKING:
    from signedin.account import Account

KEY_SECONDS = 120.0
"""How long the attempt may take in all: one call, one commit, and a refresh of an older session before."""
_KEY = re.compile(r"[!-~]{20,512}")


def require_key(key: Secret) -> None:
    """Raises MisuseError for what cannot be a key: it has 20 to 512 printable ASCII characters and no space."""
    if not _KEY.fullmatch(key.reveal()):
        raise MisuseError("That is no API key: a key is one word of at least 20 plain characters.")


async def with_key(account: "Account", key: Secret) -> None:
    """Carry one attempt to its end. Raises as `Connection.sign_in_with_key` says."""
    if not account.provider.takes_key:
        raise ConfigurationError(f"{account.provider.title} does not offer signing in with an API key.")
    require_key(key)
    async with in_turn(account):
        attempt = await _begun(account)
    try:
        received = ev.CodeReceived(at=account.clock(), attempt_id=attempt.id, code=key, client_id="")
        account.post(received)
        await attempt.done()
    except anyio.get_cancelled_exc_class():
        attempt.cancel()
        raise


async def _begun(account: "Account") -> HeldAttempt:
    with await claimed(account) as claim:
        attempt = HeldAttempt(account, deadline=account.clock() + KEY_SECONDS, claim=claim)
        attempt.begin(
            KeyExchange(
                store=account.store,
                server=account.server,
                record=account.record,
                http=account.http,
                clock=account.clock,
            )
        )
    return attempt
