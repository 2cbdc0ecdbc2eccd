"""The authorization endpoint and the two pages behind it: who signs in, and what the app may do.

A first sign-in goes sign-in page → consent page → redirect. A returning one goes account selector → redirect, or
straight back with a good ``id_token_hint``; consent is asked again only with ``prompt=consent`` or after a disconnect.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox import authorize_request
from signedin_adapters.sandbox.attempts import Attempt
from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.callback import Approval, approved, denied
from signedin_adapters.sandbox.consent_page import consent_page
from signedin_adapters.sandbox.forms import read_own_form
from signedin_adapters.sandbox.keys import InvalidSignature
from signedin_adapters.sandbox.people import PEOPLE, Person, person_by_email
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import PageRefusal, RedirectRefusal
from signedin_adapters.sandbox.sign_in_page import sign_in_page

LONGEST_AGENT_NAME = 100


class AuthorizationEndpoint:
    """Serves ``/api/accounts/authorize``, ``…/sign-in`` and ``…/consent``."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self.routes = [
            Route("/api/accounts/authorize", self.authorize, methods=["GET"]),
            Route("/api/accounts/sign-in", self.sign_in, methods=["POST"]),
            Route("/api/accounts/consent", self.consent, methods=["GET"]),
            Route("/api/accounts/consent", self.decide, methods=["POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        """Check the request; show the sign-in page, or go on at once where nobody need be asked."""
        asked = authorize_request.parse(
            request.query_params.multi_items(),
            registrations=self._realm.registrations,
            resource=self._realm.api_base,
        )
        request.state.note = "registration" if asked.registration is None else "returning sign-in"
        if self._realm.auto_approve:
            return _redirect(approved(self._realm, asked, self._default_approval(asked)))
        attempt = self._realm.attempts.begin(asked)
        if asked.id_token_hint:
            return self._chosen(attempt, self._hinted(asked))
        return sign_in_page(attempt)

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
        return self._chosen(attempt, person)

    async def consent(self, request: Request) -> Response:
        """Show the consent page."""
        return consent_page(self._signed_in(request.query_params.get("attempt", "")))

    async def decide(self, request: Request) -> Response:
        """The person allowed or denied."""
        fields = await read_own_form(request)
        attempt = self._signed_in(fields.get("attempt", ""))
        if fields.get("decision") == "deny":
            request.state.note = "denied"
            self._realm.attempts.settle(attempt)
            return _redirect(denied(attempt.request))
        approval = _approval(attempt, fields)
        request.state.note = "allowed" if approval.allow_plan else "allowed, without plan use"
        self._realm.attempts.settle(attempt)
        return _redirect(approved(self._realm, attempt.request, approval))

    def _chosen(self, attempt: Attempt, person: Person) -> Response:
        attempt.person = person
        registration = attempt.request.registration
        if registration is None or not registration.connected or attempt.request.prompt == "consent":
            return _redirect(f"/api/accounts/consent?attempt={attempt.id}")
        self._realm.attempts.settle(attempt)
        return _redirect(approved(self._realm, attempt.request, self._default_approval(attempt.request)))

    def _signed_in(self, attempt_id: str) -> Attempt:
        attempt = self._realm.attempts.get(attempt_id)
        if attempt.person is None:
            raise PageRefusal("invalid_request", "Nobody has signed in on this page yet.")
        return attempt

    def _default_approval(self, asked: AuthorizeRequest) -> Approval:
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
        return Approval(
            person=person, workspace=person.workspaces[0], agent_name=asked.agent_name_hint, allow_plan=True
        )

    def _hinted(self, asked: AuthorizeRequest) -> Person:
        """Whom the ``id_token_hint`` means; it may have run out, but must be this registration's."""
        try:
            claims = self._realm.keys.verify(asked.id_token_hint)
        except InvalidSignature:
            claims = {}
        registration = asked.registration
        if registration is None or claims.get("sub") != registration.subject or "email" not in claims:
            raise RedirectRefusal(
                "invalid_request",
                "The id_token_hint is not an ID token of this registration.",
                redirect_uri=asked.redirect_uri,
                state=asked.state,
            )
        return registration.person


def _approval(attempt: Attempt, fields: dict[str, str]) -> Approval:
    person = attempt.person
    agent_name = fields.get("agent_name", "").strip()
    if fields.get("decision") != "allow" or person is None or fields.get("workspace") not in person.workspaces:
        raise PageRefusal("invalid_request", "The form is incomplete.")
    if not 0 < len(agent_name) <= LONGEST_AGENT_NAME:
        raise PageRefusal("invalid_request", f"The app needs a name of 1 to {LONGEST_AGENT_NAME} characters.")
    return Approval(
        person=person, workspace=fields["workspace"], agent_name=agent_name, allow_plan="allow_plan" in fields
    )


def _redirect(location: str) -> Response:
    return RedirectResponse(location, status_code=303)
