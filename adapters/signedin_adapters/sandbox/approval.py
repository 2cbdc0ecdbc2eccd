"""What a person decided on the consent page. Owns the decision's facts; what comes of it is decided elsewhere."""

from dataclasses import dataclass

from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.people import PEOPLE, Person, person_by_email


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who lets whom in, and where."""

    person: Person
    workspace: str
    agent_name: str
    allow_plan: bool


def default_approval(asked: AuthorizeRequest) -> Approval:
    """What a registration already says; for a first one, the hinted person or Ada allows everything."""
    registration = asked.registration
    if registration is not None:
        return Approval(
            person=registration.person,
            workspace=registration.workspace,
            agent_name=registration.agent_name,
            allow_plan=registration.plan_allowed or asked.prompt == "consent",
        )
    person = person_by_email(asked.login_hint) or PEOPLE["ada"]
    return Approval(person=person, workspace=person.workspaces[0], agent_name=asked.name, allow_plan=True)
