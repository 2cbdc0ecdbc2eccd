"""Owns `Patient`: what is examined. It was read from the disk before, and nothing here changes it."""

from dataclasses import dataclass

from signedin.errors import SignedinError
from signedin.facts import AccountFacts, AppFacts, SessionFacts
from signedin.provider import Provider
from signedin.status import Status
from signedin_adapters.config import Network
from signedin_adapters.stores.home import AppPaths


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One app with one account of it, or none, and what they are used with.

    `refusal` is what is wrong with the configuration; `status` and `provider` are None then, and where there is none.
    `rule` says which rule chose the account. `log` is the log's file, None where there is none. `at` is now, Unix
    seconds. `online`: the provider's hosts may be asked. `answered` is False where the home could not be read
    in time: nothing else is known then.
    """

    app_name: str
    paths: AppPaths
    facts: AppFacts
    account: AccountFacts | None
    status: Status | None
    provider: Provider | None
    network: Network
    refusal: SignedinError | None = None
    rule: str | None = None
    log: str | None = None
    at: float
    online: bool = False
    answered: bool = True

    @property
    def session(self) -> SessionFacts | None:
        """The session that is held; None where nobody is signed in."""
        account = self.account
        return None if account is None or account.signed_out else account.session

    @property
    def flags(self) -> tuple[str, ...]:
        """What is true beside the state."""
        return () if self.status is None else self.status.flags
