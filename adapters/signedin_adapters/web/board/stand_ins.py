"""Owns the stand-ins for what lies around an app: a network and a keyring that fail as a case has it.

The core is told what the app's own adapters would tell it, in their errors. Nothing is sent, and no keyring is asked.
"""

import errno

from signedin.errors import StoreError
from signedin.oauth.messages import Request, Response
from signedin.secret import Secret
from signedin_adapters.http import HttpxClient
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.key_file import KeyFile
from signedin_adapters.transport_failures import failure
from signedin_adapters.web.board.stage import Stage
from signedin_adapters.web.board.steps import Step

HOST = "id.example"


class FailingHttp(HttpxClient):
    """An `Http` whose every request comes to this."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Raises it."""
        raise self._error


class FailingKeys(KeyFile):
    """A holder of keys that gives none out; one that does not even `keep` says so before a sign-in."""

    def __init__(self, paths: AppPaths, case: str, *, keeps: bool = True) -> None:
        super().__init__(paths)
        self._case, self._keeps = case, keeps

    def probe(self) -> None:
        """Raises StoreError where nothing is kept."""
        if not self._keeps:
            raise self._error()

    def fetch(self, account_id: str) -> Secret | None:
        """Raises StoreError."""
        raise self._error()

    def _error(self) -> StoreError:
        return StoreError("The stand-in for the keyring says no.", case=self._case)


def network(words: str, kind: str, *, numbers: tuple[int, ...] = ()) -> Step:
    """From here on no request leaves, for this kind of reason (`signedin.classify.transport`)."""
    proxied = kind.startswith("proxy")

    async def fail(stage: Stage) -> None:
        stage.http = FailingHttp(failure(kind, host=HOST, sent=False, proxied=proxied, numbers=numbers))

    return Step(words=words, act=fail)


def keyring(words: str, case: str, *, keeps: bool = True) -> Step:
    """From here on the keyring answers so."""

    async def fail(stage: Stage) -> None:
        stage.keys = FailingKeys(stage.paths(), case, keeps=keeps)

    return Step(words=words, act=fail)


async def _break(stage: Stage) -> None:
    stage.http = FailingHttp(ZeroDivisionError())


NO_NAME = network("No name server knows the provider's name.", "dns")
NO_WAY_OUT = network("The provider takes no connection: only a proxy leads there.", "timeout")
PROXY_ASKS = network("The proxy asks for a password.", "proxy-auth")
STRANGE_CERTIFICATE = network("The provider's certificate is one that nobody here trusts.", "tls")
NOTHING_TO_SEND_WITH = network("The system has no descriptor left.", "connect", numbers=(errno.EMFILE,))
OUR_CODE_BREAKS = Step(words="A fault of our own waits in the app's HTTP client.", act=_break)
NO_KEYRING = keyring("No keyring answers any more.", "keyring-backend-missing")
KEYRING_IS_LOCKED = keyring("The keyring is locked.", "keyring-locked")
KEYRING_REFUSES = keyring("The desktop is asked for the key, and says no.", "keyring-denied")
KEYRING_HANGS = keyring("The keyring gives no answer.", "keyring-hung")
KEYRING_FAILS = keyring("The keyring fails in a way that has no name.", "store-unavailable")
KEYRING_KEEPS_NOTHING = keyring("The keyring keeps nothing of what it takes.", "keyring-silent-nonwrite", keeps=False)
