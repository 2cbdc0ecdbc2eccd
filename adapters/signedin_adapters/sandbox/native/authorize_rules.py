"""The rules of the native client's authorize request (RFC 6749 §4.1.1, RFC 7636, RFC 8252, RFC 8707)."""

from signedin_adapters.sandbox.authorize_query import AuthorizeQuery, redirectable
from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.parts import NATIVE
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import PageRefusal


def parse(query: AuthorizeQuery, realm: Realm) -> AuthorizeRequest:
    """Check the request; raises PageRefusal or RedirectRefusal."""
    query.demand_once("client_id", "redirect_uri", "state")
    if query.get("client_id") != NATIVE.client_id:
        raise PageRefusal("invalid_client", "This client_id is not known here.")
    if not redirectable(query.get("redirect_uri")):
        raise PageRefusal("invalid_request", "redirect_uri must be http://127.0.0.1:PORT/path, without query.")
    scopes, resource = query.scopes, realm.audience(NATIVE)
    query.refuse_broken(
        (scopes <= NATIVE.scopes, "invalid_scope", "scope must hold nothing unknown."),
        (query.get("resource") in ("", resource), "invalid_target", f"resource may only be {resource}."),
    )
    return AuthorizeRequest(
        part=NATIVE,
        name=NATIVE.client_name,
        redirect_uri=query.get("redirect_uri"),
        scopes=scopes,
        resource=resource,
        state=query.get("state"),
        nonce=query.get("nonce"),
        code_challenge=query.get("code_challenge"),
        login_hint=query.get("login_hint"),
    )
