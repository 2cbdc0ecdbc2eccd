"""Settling a sign-in: what was decided becomes a code, and the code a redirect to the app.

Owns the callback's parameters, and the faults that spoil them.
"""

import secrets
from dataclasses import replace
from urllib.parse import urlencode

from signedin_adapters.sandbox.approval import Approval
from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.grants import AuthorizationCode
from signedin_adapters.sandbox.parts import AGENTS
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.registrations import Registration, new_client_id
from signedin_adapters.sandbox.scopes import PLAN_SCOPES, alphabetical

NOT_ENTITLED = "missing_codex_entitlement: the workspace does not have this."


def denied(request: AuthorizeRequest, description: str = "") -> str:
    """The redirect after "Deny"."""
    return _refused(request, "access_denied", description)


def approved(realm: Realm, request: AuthorizeRequest, approval: Approval) -> str:
    """The redirect after "Allow"."""
    fault = realm.faults.take("callback")
    if fault == "callback-denied":
        return denied(request)
    if fault == "callback-server-error":
        return _refused(request, "server_error", "Something went wrong on our side.")
    if fault == "entitlement-missing":
        return denied(request, NOT_ENTITLED)
    if fault == "identity-only":
        approval = replace(approval, allow_plan=False)
    code = issued(realm, request, approval)
    parameters = {"code": realm.grants.remember_code(code), "state": request.state}
    if request.part is AGENTS:
        parameters |= {"client_id": code.registration.client_id, "scope": alphabetical(code.scopes)}
    return _callback(request, _spoiled(parameters, fault))


def issued(realm: Realm, request: AuthorizeRequest, approval: Approval) -> AuthorizationCode:
    """A code for what was allowed; registers the app on its first sign-in."""
    return AuthorizationCode(
        registration=_registered(realm, request, approval),
        redirect_uri=request.redirect_uri,
        resource=request.resource,
        scopes=request.scopes if approval.allow_plan else request.scopes - PLAN_SCOPES,
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        host_id=request.host_id,
        expires_at=realm.clock() + realm.code_ttl,
    )


def _registered(realm: Realm, request: AuthorizeRequest, approval: Approval) -> Registration:
    registration = request.registration or _new(realm, request, approval)
    registration.plan_allowed = approval.allow_plan
    registration.connected = True
    registration.host_ids.add(request.host_id)
    return registration


def _new(realm: Realm, request: AuthorizeRequest, approval: Approval) -> Registration:
    if request.part.client_id is not None:
        return realm.registrations.of(
            request.part,
            request.part.client_id,
            person=approval.person,
            workspace=approval.workspace,
            agent_name=approval.agent_name,
        )
    return realm.registrations.issue(
        person=approval.person,
        workspace=approval.workspace,
        agent_name=approval.agent_name,
        redirect_path=request.redirect_path,
        plan_allowed=approval.allow_plan,
    )


def _refused(request: AuthorizeRequest, error: str, description: str) -> str:
    """The redirect without a code (RFC 6749 §4.1.2.1)."""
    parameters = {"error": error, "error_description": description, "state": request.state}
    return _callback(request, {name: value for name, value in parameters.items() if value})


def _callback(request: AuthorizeRequest, parameters: dict[str, str]) -> str:
    return f"{request.redirect_uri}?{urlencode(parameters)}"


def _spoiled(parameters: dict[str, str], fault: str | None) -> dict[str, str]:
    if fault == "callback-no-client-id":
        return {name: value for name, value in parameters.items() if name != "client_id"}
    if fault == "callback-foreign-client":
        return parameters | {"client_id": new_client_id()}
    if fault == "callback-wrong-state":
        return parameters | {"state": secrets.token_urlsafe(32)}
    return parameters
