"""The two pages behind every sign-in: who it is, and what the app may do. What was decided goes to where it is awaited.

A first sign-in goes sign-in page → consent page → back. A registered app goes account selector → back; consent is asked
again only with ``prompt=consent`` or after a disconnect. Back is a redirect to the app, or, where a device waits, a
page that says so.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox.approval import Approval, default_approval
from signedin_adapters.sandbox.attempts import Attempt
from signedin_adapters.sandbox.callback import approved, denied
from signedin_adapters.sandbox.consent_page import CONSENT, consent_page
from signedin_adapters.sandbox.device_page import decided_page
from signedin_adapters.sandbox.devices import Device
from signedin_adapters.sandbox.forms import read_own_form
from signedin_adapters.sandbox.parts import AGENTS, NATIVE
from signedin_adapters.sandbox.people import PEOPLE, Person
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import PageRefusal
from signedin_adapters.sandbox.sign_in_page import SIGN_IN

LONGEST_AGENT_NAME = 100


class Visits:
    """Serves the posts of the sign-in page, and the consent page."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self.routes = [
            Route(SIGN_IN, self.sign_in, methods=["POST"]),
            Route(CONSENT, self.consent, methods=["GET"]),
            Route(CONSENT, self.decide, methods=["POST"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """Somebody was chosen on the sign-in page."""
        fields = await read_own_form(request)
        attempt = self._realm.attempts.get(fields.get("attempt", ""))
        person = PEOPLE.get(fields.get("person", ""))
        if person is None:
            raise PageRefusal("invalid_request", "Nobody of that name can sign in here.")
        request.state.note = person.name
        registration = attempt.request.registration
        if registration is not None and registration.person is not person:
            raise PageRefusal("access_denied", f"This app is registered to {registration.person.name}. Go back.")
        return go_on(self._realm, attempt, person)

    async def consent(self, request: Request) -> Response:
        """Show the consent page of a visit."""
        return consent_page(self._signed_in(request.query_params.get("attempt", "")))

    async def decide(self, request: Request) -> Response:
        """The person allowed or denied."""
        fields = await read_own_form(request)
        attempt = self._signed_in(fields.get("attempt", ""))
        if fields.get("decision") == "deny":
            request.state.note = "denied"
            return self._denied(attempt)
        approval = _approval(attempt, fields)
        request.state.note = "allowed" if approval.allow_plan else "allowed, without plan use"
        return _allowed(self._realm, attempt, approval)

    def _denied(self, attempt: Attempt) -> Response:
        self._realm.attempts.settle(attempt)
        if attempt.device is None:
            return _redirect(denied(attempt.request))
        return _decided(self._realm, attempt, attempt.device, None)

    def _signed_in(self, attempt_id: str) -> Attempt:
        attempt = self._realm.attempts.get(attempt_id)
        if attempt.person is None:
            raise PageRefusal("invalid_request", "Nobody has signed in on this page yet.")
        return attempt


def go_on(realm: Realm, attempt: Attempt, person: Person) -> Response:
    """What follows once it is known who signs in: consent, or the way back."""
    attempt.person = person
    registration = attempt.request.registration
    if registration is None or not registration.connected or attempt.request.prompt == "consent":
        return _redirect(f"{CONSENT}?attempt={attempt.id}")
    return _allowed(realm, attempt, default_approval(attempt.request))


def _allowed(realm: Realm, attempt: Attempt, approval: Approval) -> Response:
    realm.attempts.settle(attempt)
    if attempt.device is None:
        return _redirect(approved(realm, attempt.request, approval))
    return _decided(realm, attempt, attempt.device, approval)


def _decided(realm: Realm, attempt: Attempt, device: Device, approval: Approval | None) -> Response:
    if not realm.devices.decide(device.device_code, approval):
        raise PageRefusal("expired_token", "The code has run out, or was used before. Begin again.")
    return decided_page(attempt.request.name, allowed=approval is not None)


def _approval(attempt: Attempt, fields: dict[str, str]) -> Approval:
    """What the form says; an agent's has more to say than the others'."""
    person, part = attempt.person, attempt.request.part
    if fields.get("decision") != "allow" or person is None:
        raise PageRefusal("invalid_request", "The form is incomplete.")
    workspace = person.workspaces[0] if part is NATIVE else fields.get("workspace")
    if workspace not in person.workspaces:
        raise PageRefusal("invalid_request", "The form is incomplete.")
    agent_name = fields.get("agent_name", "").strip() if part is AGENTS else attempt.request.name
    if not 0 < len(agent_name) <= LONGEST_AGENT_NAME:
        raise PageRefusal("invalid_request", f"The app needs a name of 1 to {LONGEST_AGENT_NAME} characters.")
    allow_plan = part is not AGENTS or "allow_plan" in fields
    return Approval(person=person, workspace=workspace, agent_name=agent_name, allow_plan=allow_plan)


def _redirect(location: str) -> Response:
    return RedirectResponse(location, status_code=303)
