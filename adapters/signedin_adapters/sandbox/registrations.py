"""The registrations: which app one user has let in, in one workspace, and by which client id.

Agents are issued an id each; the other parts have one client for everybody, and know their users by it.

Owns their facts; never a token.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

from signedin_adapters.sandbox.parts import AGENTS, Part
from signedin_adapters.sandbox.people import Person


@dataclass(slots=True, kw_only=True, eq=False)
class Registration:
    """One app of one user.

    ``redirect_path`` is frozen where the id was issued: only the port may change later. ``connected`` turns False when
    the user disconnects the app; the next sign-in then asks for consent again.
    """

    part: Part
    client_id: str
    person: Person
    workspace: str
    agent_name: str
    redirect_path: str
    plan_allowed: bool
    connected: bool = True
    host_ids: set[str] = field(default_factory=set[str])

    @property
    def workspace_id(self) -> str:
        """The id of the workspace."""
        return self.person.workspace_id(self.workspace)

    @property
    def subject(self) -> str:
        """Who signed in, as this client alone sees it: another registration of the same person has another one."""
        return "user-" + hashlib.sha256(f"{self.client_id} {self.person.id}".encode()).hexdigest()[:24]


class Registrations:
    """All of them, oldest first."""

    def __init__(self) -> None:
        self._all: list[Registration] = []

    def issue(
        self, *, person: Person, workspace: str, agent_name: str, redirect_path: str, plan_allowed: bool
    ) -> Registration:
        """A new public client."""
        registration = Registration(
            part=AGENTS,
            client_id=new_client_id(),
            person=person,
            workspace=workspace,
            agent_name=agent_name,
            redirect_path=redirect_path,
            plan_allowed=plan_allowed,
        )
        self._all.append(registration)
        return registration

    def of(self, part: Part, client_id: str, *, person: Person, workspace: str, agent_name: str) -> Registration:
        """The person's at a part with one client for everybody; a new one at the first sign-in to this workspace."""
        key = (client_id, person, workspace)
        for registration in self._all:
            if (registration.client_id, registration.person, registration.workspace) == key:
                return registration
        registration = Registration(
            part=part,
            client_id=client_id,
            person=person,
            workspace=workspace,
            agent_name=agent_name,
            redirect_path="",
            plan_allowed=True,
        )
        self._all.append(registration)
        return registration

    def get(self, client_id: str) -> Registration | None:
        """The one with this issued id, or None."""
        issued = (registration for registration in self._all if registration.part is AGENTS)
        return next((registration for registration in issued if registration.client_id == client_id), None)

    def forget(self, client_id: str) -> None:
        """Drop the one with this issued id, as if its user had removed it."""
        self._all = [found for found in self._all if found.part is not AGENTS or found.client_id != client_id]

    def all(self) -> tuple[Registration, ...]:
        """Every one, oldest first."""
        return tuple(self._all)


def new_client_id() -> str:
    """An id of the issued form: ``oaiapp_`` and 24 hexadecimal digits, 31 characters."""
    return "oaiapp_" + secrets.token_hex(12)
