"""The rules of an agent's authorize request, exactly."""

import re
from urllib.parse import urlsplit

from signedin_adapters.sandbox.authorize_query import AuthorizeQuery, redirectable
from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.parts import AGENTS
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import PageRefusal
from signedin_adapters.sandbox.registrations import Registration, Registrations
from signedin_adapters.sandbox.scopes import ALL_SCOPES, PLAN_SCOPES

DYNAMIC_CLIENT_ID = "dynamic_agent_client"

_HOST_ID = re.compile(
    r"urn:ietf:params:oauth:jwk-thumbprint:sha-256:[A-Za-z0-9_-]{43}"
    r"|urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"|did:key:z[1-9A-HJ-NP-Za-km-z]+"
)


def parse(query: AuthorizeQuery, realm: Realm) -> AuthorizeRequest:
    """Check the request; raises PageRefusal or RedirectRefusal."""
    query.demand_once("client_id", "redirect_uri", "state")
    registration = _registration(query.get("client_id"), realm.registrations)
    _check_redirect_uri(query.get("redirect_uri"), registration)
    first = registration is None
    if first and "scope" not in query.repeated and not PLAN_SCOPES & query.scopes:
        raise PageRefusal("invalid_client", "A first registration must ask for plan use, not for identity alone.")
    _check(query, first=first, resource=realm.api_base)
    return AuthorizeRequest(
        part=AGENTS,
        registration=registration,
        name=query.get("agent_name_hint") if registration is None else registration.agent_name,
        host_id=query.get("ext_agent_host_id"),
        redirect_uri=query.get("redirect_uri"),
        scopes=query.scopes,
        resource=realm.api_base,
        state=query.get("state"),
        nonce=query.get("nonce"),
        code_challenge=query.get("code_challenge"),
        login_hint=query.get("login_hint"),
        id_token_hint=query.get("id_token_hint"),
        prompt="consent" if "prompt" in query.fields else "",
    )


_NEVER_ISSUED = (
    "This client_id was never issued here: a sandbox forgets its registrations when it stops. "
    "Register anew with: signedin login --provider sandbox --replace"
)


def _registration(client_id: str, registrations: Registrations) -> Registration | None:
    if client_id == DYNAMIC_CLIENT_ID:
        return None
    registration = registrations.get(client_id)
    if registration is None:
        raise PageRefusal("invalid_client", _NEVER_ISSUED)
    return registration


def _check_redirect_uri(redirect_uri: str, registration: Registration | None) -> None:
    if not redirectable(redirect_uri):
        raise PageRefusal("invalid_request", "redirect_uri must be http://127.0.0.1:PORT/path, without query.")
    if registration is not None and urlsplit(redirect_uri).path != registration.redirect_path:
        raise PageRefusal("invalid_request", "Only the port of a registered redirect_uri may change.")


def _check(query: AuthorizeQuery, *, first: bool, resource: str) -> None:
    scopes, host_id = query.scopes, query.get("ext_agent_host_id")
    query.refuse_broken(
        ("openid" in scopes and scopes <= ALL_SCOPES, "invalid_scope", "scope must hold openid and nothing unknown."),
        (not first or scopes == ALL_SCOPES, "invalid_scope", "A first registration asks for the full set of scopes."),
        (query.get("resource") == resource, "invalid_target", f"resource must be {resource}."),
        (bool(query.get("nonce")), "invalid_request", "nonce is missing."),
        (
            _HOST_ID.fullmatch(host_id) is not None,
            "invalid_request",
            "ext_agent_host_id must be a JWK thumbprint URN, a version 4 UUID URN or a did:key.",
        ),
        (
            bool(query.get("agent_name_hint").strip()) is first,
            "invalid_request",
            "agent_name_hint belongs to a first registration, and only there.",
        ),
        (query.fields.get("prompt", "consent") == "consent", "invalid_request", "prompt may only be consent."),
    )
