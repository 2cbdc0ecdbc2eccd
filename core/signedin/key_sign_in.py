"""Owns signing in with an API key: the same attempt as with a browser, but that the key is there from the start.

The store is proved and the sole right to sign in is taken before the key is sent anywhere. A key that the API did not
take is saved nowhere.
"""

import re
import secrets
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING

import anyio

from signedin import cases
from signedin import events as ev
from signedin.errors import ConfigurationError, MisuseError, SignInFailed
from signedin.secret import Secret
from signedin.sign_in import claimed, in_turn
from signedin.waiting import apart, wait

if TYPE_CHECKING:
    from signedin.account import Account

KEY_SECONDS = 120.0
"""How long the attempt may take in all: one call, one commit, and a refresh of an older session before."""
_KEY = re.compile(r"[!-~]{20,512}")


class KeyAttempt:
    """One key on its way, as the account knows it. `deadline` is Unix seconds."""

    def __init__(self, *, deadline: float, claim: ExitStack) -> None:
        self.id, self.deadline = secrets.token_hex(8), deadline
        self._claim = claim
        self._ended: Future[str | None] = Future()

    def end(self, case: str | None, *, saved: bool) -> None:
        """The account's word that it is over. A session that lies in memory alone is the account's to tell."""
        self._claim.close()
        self._ended.set_result(case)

    async def done(self) -> None:
        """Wait for the end. Raises SignInFailed with the case; returns once a session is held."""
        case = await wait(self._ended)
        if case is not None:
            raise SignInFailed(f"{cases.find(case).title}.", case=case)


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
        account.post(ev.SignInCancelled(at=account.clock(), attempt_id=attempt.id))
        raise


async def _begun(account: "Account") -> KeyAttempt:
    await wait(apart(account.store.probe))
    account.look()  # a sign-in that is out of time makes way
    with await claimed(account) as claim:
        held = claim.pop_all()
        attempt = KeyAttempt(deadline=account.clock() + KEY_SECONDS, claim=held)
        try:
            account.begin(attempt, None)
        except BaseException:
            held.close()
            raise
    return attempt
