"""The discovery documents and the key set (OpenID Connect Discovery §3, RFC 7517, RFC 8628 §4).

Owns their contents and the faults that spoil them.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox.fault_answers import FOREIGN_ORIGIN, strike
from signedin_adapters.sandbox.keys import ALGORITHM
from signedin_adapters.sandbox.parts import NATIVE, Part
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.scopes import FULL_SCOPE, IDENTITY_SCOPE
from signedin_adapters.sandbox.token import DEVICE_CODE


class DiscoveryEndpoint:
    """Serves ``/.well-known/openid-configuration`` and ``/.well-known/jwks.json`` under a part's issuer.

    The codex part has none: its issuer's document is the agents'.
    """

    def __init__(self, realm: Realm, part: Part) -> None:
        self._realm = realm
        self._part = part
        self.routes = [
            Route(f"{part.issuer}/.well-known/openid-configuration", self.document, methods=["GET"]),
            Route(f"{part.issuer}/.well-known/jwks.json", self.jwks, methods=["GET"]),
        ]

    async def document(self, request: Request) -> Response:
        """What this server is and can do."""
        fault = strike(request, self._realm, "discovery")
        return JSONResponse(_spoiled(self._document(), fault))

    async def jwks(self, request: Request) -> Response:
        """The public signing keys."""
        strike(request, self._realm, "jwks")
        return JSONResponse(self._realm.keys.jwks())

    def _document(self) -> dict[str, Any]:
        url, issuer = self._realm.url, self._realm.issuer_of(self._part)
        document: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": url + self._part.authorization_endpoint,
            "token_endpoint": url + self._part.token_endpoint,
            "revocation_endpoint": url + self._part.revocation_endpoint,
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "subject_types_supported": ["pairwise"],
            "scopes_supported": FULL_SCOPE.split(),
        }
        return document | self._device_document() if self._part is NATIVE else document

    def _device_document(self) -> dict[str, Any]:
        return {
            "device_authorization_endpoint": self._realm.url + self._part.device_endpoint,
            "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_CODE],
            "scopes_supported": IDENTITY_SCOPE.split(),
        }


def _spoiled(document: dict[str, Any], fault: str | None) -> dict[str, Any]:
    if fault == "discovery-wrong-issuer":
        return document | {"issuer": FOREIGN_ORIGIN}
    if fault == "discovery-foreign-origin":
        return document | {"token_endpoint": f"{FOREIGN_ORIGIN}/api/accounts/oauth/token"}
    if fault == "discovery-no-revocation":
        return {name: value for name, value in document.items() if name != "revocation_endpoint"}
    return document
