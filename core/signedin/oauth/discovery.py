"""Owns the authorization server's metadata: asking for it, reading it, and refusing what credentials must not go to.

The issuer is pinned: metadata is believed only if it names exactly the issuer that was asked (RFC 8414 §3.3,
OpenID Connect Discovery §4.3).
"""

from dataclasses import dataclass
from typing import cast

from signedin.errors import ConfigurationError
from signedin.oauth.messages import Request, Response
from signedin.oauth.refusal import read_error, unreadable
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.oauth.urls import origin, require_safe
from signedin.provider import Provider

ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512")
"""Signature algorithms that an ID token may have: all asymmetric; `none` and HS* never are (RFC 8725 §3.1)."""

_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "revocation_endpoint",
    "device_authorization_endpoint",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What we use of RFC 8414 and RFC 8628 §4. Every URL here has passed `require_safe`.

    `revocation_endpoint` None only means that a sign-out cannot be confirmed; `jwks_uri` None that no ID token is asked
    for. `algorithms` are those of ours that the server says it signs ID tokens with.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str | None = None
    revocation_endpoint: str | None = None
    device_authorization_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False
    algorithms: tuple[str, ...] = ("RS256",)


def discovery_request(issuer: str) -> Request:
    """Ask for the metadata at `{issuer}/.well-known/openid-configuration`, also where the issuer has a path."""
    require_safe(issuer, "the issuer")
    return Request(method="GET", url=issuer.rstrip("/") + "/.well-known/openid-configuration")


def jwks_request(metadata: Metadata) -> Request:
    """Ask for the keys that ID tokens are signed with. ConfigurationError where the server names none."""
    if metadata.jwks_uri is None:
        raise ConfigurationError("the provider names no jwks_uri, so its ID tokens cannot be checked")
    return Request(method="GET", url=metadata.jwks_uri)


def from_provider(provider: Provider) -> Metadata | None:
    """Metadata from the profile alone; None where something is missing and discovery has to be asked.

    Raises ConfigurationError for an endpoint that is not safe.
    """
    if provider.authorization_endpoint is None or provider.token_endpoint is None:
        return None
    if provider.jwks_uri is None and "openid" in provider.scopes:
        return None
    return _checked(provider, {})


def read_metadata(response: Response, provider: Provider) -> Metadata:
    """Read the metadata document; what the profile names itself comes first.

    Raises AnswerRefused where there is no document, and ConfigurationError where it is another issuer's, or names an
    endpoint that is missing or not safe.
    """
    if response.status != 200:
        raise read_error(response)
    try:
        document = parse_object(response.body)
    except MalformedJson:
        raise unreadable(response, "server metadata") from None
    if document.get("issuer") != provider.issuer:
        raise ConfigurationError(f"the server metadata is not that of the issuer of provider {provider.name}")
    return _checked(provider, document)


def read_jwks(response: Response) -> dict[str, object]:
    """Read a JSON Web Key Set (RFC 7517 §5). Raises AnswerRefused where there is none, or no key in it."""
    if response.status != 200:
        raise read_error(response)
    try:
        keys = parse_object(response.body)
    except MalformedJson:
        raise unreadable(response, "keys") from None
    listed = keys.get("keys")
    if not isinstance(listed, list) or not listed:
        raise unreadable(response, "keys")
    return keys


def _checked(provider: Provider, document: dict[str, object]) -> Metadata:
    require_safe(provider.issuer, "the issuer")
    found = {name: _endpoint(provider, document, name) for name in _ENDPOINTS}
    authorization, token = found["authorization_endpoint"], found["token_endpoint"]
    if authorization is None or token is None:
        raise ConfigurationError(f"provider {provider.name} names no authorization_endpoint or no token_endpoint")
    if found["jwks_uri"] is None and "openid" in provider.scopes:
        raise ConfigurationError(f"provider {provider.name} names no jwks_uri, so its ID tokens cannot be checked")
    return Metadata(
        issuer=provider.issuer,
        authorization_endpoint=authorization,
        token_endpoint=token,
        jwks_uri=found["jwks_uri"],
        revocation_endpoint=found["revocation_endpoint"],
        device_authorization_endpoint=found["device_authorization_endpoint"],
        authorization_response_iss_parameter_supported=document.get("authorization_response_iss_parameter_supported")
        is True,
        algorithms=_algorithms(document),
    )


def _endpoint(provider: Provider, document: dict[str, object], name: str) -> str | None:
    """One endpoint, checked. An agent registration's credentials never leave the issuer's origin."""
    url = getattr(provider, name) or document.get(name)
    if url is None:
        return None
    if not isinstance(url, str):
        raise ConfigurationError(f"the {name} of provider {provider.name} is not a URL")
    require_safe(url, f"the {name} of provider {provider.name}")
    if provider.registration == "agent" and origin(url) != origin(provider.issuer):
        raise ConfigurationError(f"the {name} of provider {provider.name} is not on its issuer's host")
    return url


def _algorithms(document: dict[str, object]) -> tuple[str, ...]:
    listed = document.get("id_token_signing_alg_values_supported")
    advertised = cast(list[object], listed) if isinstance(listed, list) else []
    return tuple(name for name in ALGORITHMS if name in advertised) or ("RS256",)
