"""Sample providers, metadata, authorizations and signed ID tokens for the tests of OAuth."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import count
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey

from signedin.oauth.authorization import Authorization, new_authorization
from signedin.oauth.discovery import Metadata
from signedin.oauth.messages import Response
from signedin.provider import Provider

ISSUER = "https://id.example"
NOW = 1_800_000_000.0

FIXED = Provider(name="acme", title="Acme", issuer=ISSUER, client_id="native-app")
AGENT = Provider(
    name="agents",
    title="Agents",
    issuer=ISSUER,
    client_id="any_client",
    registration="agent",
    scopes=("openid", "email", "offline_access", "plan.use"),
    plan_scope="plan.use",
    resource="https://api.example/v1",
)
METADATA = Metadata(
    issuer=ISSUER,
    authorization_endpoint=f"{ISSUER}/authorize",
    token_endpoint=f"{ISSUER}/token",
    jwks_uri=f"{ISSUER}/jwks",
    revocation_endpoint=f"{ISSUER}/revoke",
)
ANNOUNCING = replace(METADATA, authorization_response_iss_parameter_supported=True)
HOST_ID = "urn:uuid:00000000-0000-4000-8000-000000000000"


def authorization(provider: Provider = AGENT, client_id: str | None = None, **more: Any) -> Authorization:
    """One attempt at the provider; its redirect URI has port 1455."""
    return new_authorization(
        provider,
        METADATA,
        redirect_uri="http://127.0.0.1:1455/auth/callback",
        client_id=client_id,
        host_id=HOST_ID,
        app_name="Acme Notes",
        **more,
    )


def counting() -> Iterator[str]:
    """Predictable randomness: give `next` of this as `random`, through a lambda."""
    return (f"random-{number}" for number in count(1))


def answer(body: object, status: int = 200, **headers: str) -> Response:
    """A JSON answer; header names are written with underscores."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=raw)


@cache
def key(kid: str = "first") -> RSAKey:
    """A real RSA key of 2 048 bits, made once a run."""
    return RSAKey.generate_key(2048, parameters={"kid": kid, "use": "sig", "alg": "RS256"})


def jwks(*keys: Any) -> dict[str, object]:
    """The public key set of these keys, of the first one by default."""
    return {"keys": [each.as_dict(private=False) for each in keys or (key(),)]}


def claims(**changes: object) -> dict[str, object]:
    """The claims of a good ID token; a change to None leaves the claim out."""
    good: dict[str, object] = {
        "iss": ISSUER,
        "sub": "user-1",
        "aud": ["oaiapp_issued"],
        "exp": NOW + 600,
        "iat": NOW,
        "nonce": "nonce-1",
        "email": "ada@example.org",
        "email_verified": True,
        "name": "Ada",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(payload: dict[str, object] | bytes, signer: Any = None, **header: object) -> str:
    """A compact JWS over the claims, signed as its header says."""
    signer = signer or key()
    protected: dict[str, Any] = {"alg": "RS256", "kid": "first"} | header
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    registry = jws.JWSRegistry(algorithms=[protected["alg"]], strict_check_header=False)
    return jws.serialize_compact(
        {name: value for name, value in protected.items() if value is not None}, raw, signer, registry=registry
    )
