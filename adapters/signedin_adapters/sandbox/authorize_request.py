"""The authorize request: every parameter checked against the contract, exactly.

Two kinds of refusal. A client or redirect_uri that is not good, or a state that cannot be sent back, is refused on a
page and never redirected (RFC 6749 §4.1.2.1). Anything else goes back to the app.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from signedin_adapters.sandbox.refusals import PageRefusal, RedirectRefusal
from signedin_adapters.sandbox.registrations import Registration, Registrations
from signedin_adapters.sandbox.scopes import ALL_SCOPES, PLAN_SCOPES

DYNAMIC_CLIENT_ID = "dynamic_agent_client"

_REDIRECT_URI = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]{0,4})(/[A-Za-z0-9._~/-]*)")
_CODE_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_HOST_ID = re.compile(
    r"urn:ietf:params:oauth:jwk-thumbprint:sha-256:[A-Za-z0-9_-]{43}"
    r"|urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"|did:key:z[1-9A-HJ-NP-Za-km-z]+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRequest:
    """A request that was found good; ``registration`` is None for a first one."""

    registration: Registration | None
    agent_name_hint: str
    host_id: str
    redirect_uri: str
    scopes: frozenset[str]
    resource: str
    state: str
    nonce: str
    code_challenge: str
    login_hint: str
    id_token_hint: str
    prompt: Literal["", "consent"]

    @property
    def redirect_path(self) -> str:
        """The part of the redirect_uri that a registration freezes."""
        return urlsplit(self.redirect_uri).path

    @property
    def redirect_origin(self) -> str:
        """Scheme, host and port of the redirect_uri."""
        return self.redirect_uri.removesuffix(self.redirect_path)


def parse(pairs: Sequence[tuple[str, str]], *, registrations: Registrations, resource: str) -> AuthorizeRequest:
    """Check the query of an authorize request; raises PageRefusal or RedirectRefusal."""
    fields = dict(pairs)
    repeated = {name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1}
    for name in ("client_id", "redirect_uri", "state"):
        if name in repeated or not fields.get(name):
            raise PageRefusal("invalid_request", f"{name} must be given exactly once.")
    registration = _registration(fields, registrations)
    _check_redirect_uri(fields["redirect_uri"], registration)
    scopes = frozenset(fields.get("scope", "").split())
    if registration is None and "scope" not in repeated and not PLAN_SCOPES & scopes:
        raise PageRefusal("invalid_client", "A first registration must ask for plan use, not for identity alone.")
    problem = _problem(fields, repeated, scopes, first=registration is None, resource=resource)
    if problem is not None:
        raise RedirectRefusal(*problem, redirect_uri=fields["redirect_uri"], state=fields["state"])
    return AuthorizeRequest(
        registration=registration,
        agent_name_hint=fields.get("agent_name_hint", ""),
        host_id=fields["ext_agent_host_id"],
        redirect_uri=fields["redirect_uri"],
        scopes=scopes,
        resource=resource,
        state=fields["state"],
        nonce=fields["nonce"],
        code_challenge=fields["code_challenge"],
        login_hint=fields.get("login_hint", ""),
        id_token_hint=fields.get("id_token_hint", ""),
        prompt="consent" if "prompt" in fields else "",
    )


_NEVER_ISSUED = (
    "This client_id was never issued here: a sandbox forgets its registrations when it stops. "
    "Register anew with: signedin login --provider sandbox --replace"
)


def _registration(fields: dict[str, str], registrations: Registrations) -> Registration | None:
    if fields["client_id"] == DYNAMIC_CLIENT_ID:
        return None
    registration = registrations.get(fields["client_id"])
    if registration is None:
        raise PageRefusal("invalid_client", _NEVER_ISSUED)
    return registration


def _check_redirect_uri(redirect_uri: str, registration: Registration | None) -> None:
    match = _REDIRECT_URI.fullmatch(redirect_uri)
    if match is None or int(match[1]) > 65535:
        raise PageRefusal("invalid_request", "redirect_uri must be http://127.0.0.1:PORT/path, without query.")
    if registration is not None and match[2] != registration.redirect_path:
        raise PageRefusal("invalid_request", "Only the port of a registered redirect_uri may change.")


def _problem(
    fields: dict[str, str], repeated: set[str], scopes: frozenset[str], *, first: bool, resource: str
) -> tuple[str, str] | None:
    """The first rule that is broken, as error code and description."""
    rules = (
        (not repeated, "invalid_request", "No parameter may be repeated."),
        (fields.get("response_type") == "code", "unsupported_response_type", "response_type must be code."),
        ("openid" in scopes and scopes <= ALL_SCOPES, "invalid_scope", "scope must hold openid and nothing unknown."),
        (not first or scopes == ALL_SCOPES, "invalid_scope", "A first registration asks for the full set of scopes."),
        (fields.get("resource") == resource, "invalid_target", f"resource must be {resource}."),
        (bool(fields.get("nonce")), "invalid_request", "nonce is missing."),
        (fields.get("code_challenge_method") == "S256", "invalid_request", "code_challenge_method must be S256."),
        (
            _CODE_CHALLENGE.fullmatch(fields.get("code_challenge", "")) is not None,
            "invalid_request",
            "code_challenge must be 43 characters of unpadded base64url.",
        ),
        (
            _HOST_ID.fullmatch(fields.get("ext_agent_host_id", "")) is not None,
            "invalid_request",
            "ext_agent_host_id must be a JWK thumbprint URN, a version 4 UUID URN or a did:key.",
        ),
        (
            bool(fields.get("agent_name_hint", "").strip()) is first,
            "invalid_request",
            "agent_name_hint belongs to a first registration, and only there.",
        ),
        (fields.get("prompt", "consent") == "consent", "invalid_request", "prompt may only be consent."),
    )
    return next(((code, description) for good, code, description in rules if not good), None)
