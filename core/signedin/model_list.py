"""Owns `ModelList`: one account's list of models as a store keeps it between two processes. It holds no secret.

Shape only. Fetching it and judging whether it may still be shown is `signedin.responses`' work.
"""

from dataclasses import dataclass

from signedin.record import AccountRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelList:
    """What the provider listed for one account: `models` are pairs of id and name, in the server's order.

    `provider` to `subject` say whose list it is, and `path` what was asked for, below `api_base`: it is shown for these
    alone. `fetched_at` and `tried_at` are Unix seconds: when the server last confirmed it, and when it was last asked.
    `case` says why that last asking came to nothing, None where it did not. `etag` is the server's validator (RFC 9110
    §8.8.3), None where it gave none.
    """

    account_id: str
    provider: str
    api_base: str
    client_id: str | None
    subject: str | None
    models: tuple[tuple[str, str], ...]
    fetched_at: float
    tried_at: float
    etag: str | None = None
    case: str | None = None
    path: str = "/models"

    def belongs_to(self, record: AccountRecord, *, api_base: str | None, path: str) -> bool:
        """Whether it is the list of this account, as it is registered now, that is asked for at this API."""
        owner = (self.account_id, self.provider, self.client_id, self.subject)
        is_theirs = owner == (record.id, record.provider, record.client_id, record.subject)
        return is_theirs and (self.api_base, self.path) == (api_base, path)
