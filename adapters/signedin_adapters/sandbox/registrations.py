"""The registrations: client ids that were issued to one user in one workspace for one app.

Owns their facts; never a token.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

from signedin_adapters.sandbox.people import Person


@dataclass(slots=True, kw_only=True, eq=False)
class Registration:
    """One issued client.

    ``redirect_path`` is frozen by the first authorization: only the port may change later. ``connected`` turns False
    when the user disconnects the app; the next sign-in then asks for consent again.
    """

    client_id: str
    person: Person
    workspace: str
    agent_name: str
    redirect_path: str
    plan_allowed: bool
    connected: bool = True
    host_ids: set[str] = field(default_factory=set[str])

    @property
    def subject(self) -> str:
        """Who signed in, as this client alone sees it: another registration of the same person has another one."""
        return "user-" + hashlib.sha256(f"{self.client_id} {self.person.id}".encode()).hexdigest()[:24]


class Registrations:
    """All issued clients by id, oldest first."""

    def __init__(self) -> None:
        self._by_id: dict[str, Registration] = {}

    def issue(
        self, *, person: Person, workspace: str, agent_name: str, redirect_path: str, plan_allowed: bool
    ) -> Registration:
        """A new public client."""
        registration = Registration(
            client_id=new_client_id(),
            person=person,
            workspace=workspace,
            agent_name=agent_name,
            redirect_path=redirect_path,
            plan_allowed=plan_allowed,
        )
        self._by_id[registration.client_id] = registration
        return registration

    def get(self, client_id: str) -> Registration | None:
        """The client with this id, or None."""
        return self._by_id.get(client_id)

    def all(self) -> tuple[Registration, ...]:
        """Every client, oldest first."""
        return tuple(self._by_id.values())


def new_client_id() -> str:
    """An id of the issued form: ``oaiapp_`` and 24 hexadecimal digits, 31 characters."""
    return "oaiapp_" + secrets.token_hex(12)
