"""Owns `Snapshot`: one look at a connection, for front ends. It holds no secret."""

from dataclasses import dataclass

from signedin.cases import Case
from signedin.states import Flag, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything a front end shows. Times are Unix seconds.

    `plan` and `workspace` are the server's own words for them, None where it tells none (see `AccountRecord`).
    `plan_enabled` is None where nobody is signed in or the provider has no plans. `notice_due` says that the one-time
    notice about plan use is still to be shown (see `Connection.acknowledge_notice`). `page` is the provider's page that
    the case's remedy speaks of, and the one to open for the action `open_url`; None where there is none.
    """

    state: State
    app: str
    provider: str
    account_id: str
    label: str
    email: str | None
    plan: str | None
    workspace: str | None
    model: str | None
    plan_enabled: bool | None
    access_expires_at: float | None
    generation: int
    flags: frozenset[Flag]
    case: Case | None
    page: str | None
    retry_at: float | None
    notice_due: bool
