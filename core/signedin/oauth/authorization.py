"""Owns `Authorization`: one authorization request, with what its answer must match.

State, nonce and verifier are drawn anew for each attempt and never used for another (RFC 9700 §2.1, RFC 7636 §7.1).
"""

from dataclasses import dataclass, field, replace
from secrets import token_urlsafe
from urllib.parse import quote, urlencode

from signedin.oauth import pkce
from signedin.oauth.discovery import Metadata
from signedin.oauth.pkce import ENTROPY_BYTES, Random
from signedin.oauth.urls import require_safe
from signedin.provider import Provider
from signedin.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What was asked, kept until the callback and the code exchange.

    `client_id` is the one that was sent; `registering` says that it only asked for one (see `Provider.registration`).
    `nonce` is None where none was sent. `url` is for the user's browser: it shows the state and the nonce.
    """

    issuer: str
    client_id: str
    registering: bool
    redirect_uri: str
    scopes: tuple[str, ...]
    resource: str | None
    state: Secret
    nonce: Secret | None
    code_verifier: Secret
    url: str = field(default="", repr=False)


def new_authorization(
    provider: Provider,
    metadata: Metadata,
    *,
    redirect_uri: str,
    client_id: str | None,
    host_id: str,
    app_name: str,
    login_hint: str | None = None,
    consent: bool = False,
    random: Random = token_urlsafe,
) -> Authorization:
    """Begin one attempt (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2, OpenID Connect Core §3.1.2.1).

    `client_id` is the issued one, None for the first registration or for the profile's own. `host_id` and `app_name`
    go to agent registrations alone. `login_hint` is an e-mail address, left out while registering and, like the nonce,
    where a server is not sent one. `consent` asks the user again for plan use, where there is such a thing: only when
    the user wants it. Raises ConfigurationError for an unsafe endpoint.
    """
    require_safe(metadata.authorization_endpoint, "the authorization endpoint")
    registering = provider.registration == "agent" and client_id is None
    attempt = Authorization(
        issuer=metadata.issuer,
        client_id=client_id or provider.client_id,
        registering=registering,
        redirect_uri=redirect_uri,
        scopes=provider.scopes,
        resource=provider.resource,
        state=Secret(random(ENTROPY_BYTES)),
        nonce=Secret(random(ENTROPY_BYTES)) if provider.sends_nonce and "openid" in provider.scopes else None,
        code_verifier=pkce.new_verifier(random),
    )
    optional = {
        "ext_agent_host_id": host_id if provider.registration == "agent" else None,
        "agent_name_hint": app_name if registering else None,
        "login_hint": login_hint if attempt.nonce and not registering else None,
        "prompt": "consent" if consent and provider.plan_scope else None,
    }
    parameters = dict(provider.authorize_params) | _protocol(attempt) | {k: v for k, v in optional.items() if v}
    return replace(attempt, url=_with_query(metadata.authorization_endpoint, parameters))


def _protocol(attempt: Authorization) -> dict[str, str]:
    """The parameters that every request has, and that no profile can override."""
    parameters = {
        "response_type": "code",
        "client_id": attempt.client_id,
        "redirect_uri": attempt.redirect_uri,
        "scope": " ".join(attempt.scopes),
        "state": attempt.state.reveal(),
        "code_challenge": pkce.challenge(attempt.code_verifier),
        "code_challenge_method": pkce.METHOD,
    }
    if attempt.nonce:
        parameters["nonce"] = attempt.nonce.reveal()
    if attempt.resource:
        parameters["resource"] = attempt.resource
    return parameters


def _with_query(endpoint: str, parameters: dict[str, str]) -> str:
    """Add to the endpoint's own query, which must be kept (RFC 6749 §3.1)."""
    joint = "&" if "?" in endpoint else "?"
    return endpoint + joint + urlencode(parameters, quote_via=quote)
