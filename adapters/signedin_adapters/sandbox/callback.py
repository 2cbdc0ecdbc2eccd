"""Settling a sign-in: what was decided becomes a code, and the code a redirect to the app.

Owns the callback's parameters, and the faults that spoil them.
"""

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.grants import AuthorizationCode
from signedin_adapters.sandbox.people import Person
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.registrations import Registration, new_client_id
from signedin_adapters.sandbox.scopes import IDENTITY_SCOPES, alphabetical


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What the person decided on the consent page."""

    person: Person
    workspace: str
    agent_name: str
    allow_plan: bool


def denied(request: AuthorizeRequest) -> str:
    """The redirect after "Deny" (RFC 6749 §4.1.2.1)."""
    return f"{request.redirect_uri}?{urlencode({'error': 'access_denied', 'state': request.state})}"


def approved(realm: Realm, request: AuthorizeRequest, approval: Approval) -> str:
    """The redirect after "Allow": registers the app on its first sign-in, and issues a code."""
    fault = realm.faults.take("callback")
    if fault == "callback-denied":
        return denied(request)
    allow_plan = approval.allow_plan and fault != "identity-only"
    registration = _register(realm, request, approval, allow_plan)
    scopes = request.scopes if allow_plan else request.scopes & IDENTITY_SCOPES
    code = AuthorizationCode(
        registration=registration,
        redirect_uri=request.redirect_uri,
        resource=request.resource,
        scopes=scopes,
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        host_id=request.host_id,
        expires_at=realm.clock() + realm.code_ttl,
    )
    parameters = {
        "code": realm.grants.remember_code(code),
        "state": request.state,
        "client_id": registration.client_id,
        "scope": alphabetical(scopes),
    }
    return f"{request.redirect_uri}?{urlencode(_spoiled(parameters, fault))}"


def _register(realm: Realm, request: AuthorizeRequest, approval: Approval, allow_plan: bool) -> Registration:
    registration = request.registration
    if registration is None:
        registration = realm.registrations.issue(
            person=approval.person,
            workspace=approval.workspace,
            agent_name=approval.agent_name,
            redirect_path=request.redirect_path,
            plan_allowed=allow_plan,
        )
    registration.plan_allowed = allow_plan
    registration.connected = True
    registration.host_ids.add(request.host_id)
    return registration


def _spoiled(parameters: dict[str, str], fault: str | None) -> dict[str, str]:
    if fault == "callback-no-client-id":
        return {name: value for name, value in parameters.items() if name != "client_id"}
    if fault == "callback-foreign-client":
        return parameters | {"client_id": new_client_id()}
    if fault == "callback-wrong-state":
        return parameters | {"state": secrets.token_urlsafe(32)}
    return parameters
