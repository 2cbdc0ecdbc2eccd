"""The rules of the codex authorize request, exactly.

The registered redirect_uri names ``localhost`` and one of two ports; the address in digits is another redirect_uri.
"""

from signedin_adapters.sandbox.authorize_query import AuthorizeQuery
from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.parts import CODEX
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import PageRefusal

REQUIRED = (
    "client_id",
    "redirect_uri",
    "state",
    "originator",
    "id_token_add_organizations",
    "codex_cli_simplified_flow",
)
"""Without one of these there is a page of refusal, and the app is told nothing."""


def parse(query: AuthorizeQuery, realm: Realm) -> AuthorizeRequest:
    """Check the request; raises PageRefusal or RedirectRefusal."""
    for name in REQUIRED:
        if not query.get(name).strip():
            raise PageRefusal("missing_required_parameter", f"{name} is missing.")
    query.demand_once(*REQUIRED)
    if query.get("client_id") != CODEX.client_id:
        raise PageRefusal("invalid_client", "This client_id is not known here.")
    if query.get("redirect_uri") not in redirect_uris(realm):
        raise PageRefusal("unknown_error", "This redirect_uri is not registered: its host must be localhost.")
    scopes = query.scopes
    known = "openid" in scopes and scopes <= CODEX.scopes
    query.refuse_broken((known, "invalid_scope", "scope must hold openid and nothing unknown."))
    return AuthorizeRequest(
        part=CODEX,
        name=query.get("originator").strip(),
        redirect_uri=query.get("redirect_uri"),
        scopes=scopes,
        resource=realm.audience(CODEX),
        state=query.get("state"),
        nonce=query.get("nonce"),
        code_challenge=query.get("code_challenge"),
        login_hint=query.get("login_hint"),
    )


def redirect_uris(realm: Realm) -> tuple[str, ...]:
    """The registered ones."""
    return tuple(f"http://localhost:{port}/auth/callback" for port in realm.codex_ports)
