"""The APIs of agents and native apps: the model catalogue, streamed responses, and a refusal for every other route.

Each request is admitted by its bearer token alone: signature, issuer, audience, life, grant and plan scope.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signedin_adapters.sandbox import response_request
from signedin_adapters.sandbox.api_answers import bearer_grant, bearer_token, listed, streamed
from signedin_adapters.sandbox.fault_answers import strike
from signedin_adapters.sandbox.grants import Grant
from signedin_adapters.sandbox.models import MODELS
from signedin_adapters.sandbox.parts import AGENTS, Part
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import ApiRefusal
from signedin_adapters.sandbox.scopes import PLAN_SCOPES

EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Api:
    """Serves everything under a part's base."""

    def __init__(self, realm: Realm, part: Part) -> None:
        self._realm = realm
        self._part = part
        self.routes = [Route(part.api + "/{rest:path}", self.handle, methods=EVERY_METHOD)]

    async def handle(self, request: Request) -> Response:
        """Answer one API request."""
        route = (request.method, request.url.path)
        if route not in (("GET", f"{self._part.api}/models"), ("POST", f"{self._part.api}/responses")):
            raise ApiRefusal.coded(
                403, "subscription_sharing_route_not_supported", "This route is not open to plan usage."
            )
        self._admit(request)
        listing = request.method == "GET"
        fault = strike(request, self._realm, "any", "api", "models" if listing else "responses")
        return (
            listed(request, MODELS) if listing else await streamed(request, self._realm, response_request.parse, fault)
        )

    def _admit(self, request: Request) -> None:
        token = bearer_token(request)
        if not token:
            raise _unauthorized("missing_token", "Send the access token as a bearer token.")
        if token.startswith("sk-") and self._part is AGENTS:
            self._admit_key(request, token)
            return
        grant = self._grant(token)
        if self._part is AGENTS and not grant.scopes >= PLAN_SCOPES:
            raise ApiRefusal.detail(401, "The token does not permit direct use of the plan.")

    def _admit_key(self, request: Request, key: str) -> None:
        """An API key is known or it is not; the shape of the refusal is the documented one."""
        strike(request, self._realm, "key")
        if key not in self._realm.api_keys:
            raise ApiRefusal.coded(401, "invalid_api_key", "Incorrect API key provided.")

    def _grant(self, token: str) -> Grant:
        """The grant of a good access token (RFC 6750 §3.1)."""
        found = bearer_grant(self._realm, self._part, token)
        if found is None:
            raise _unauthorized("invalid_token", "The token is not an access token for this API.")
        grant, status = found
        if status == "disconnected":
            raise ApiRefusal.coded(401, "subscription_sharing_invalid_user", "The user has disconnected this app.")
        if status == "revoked":
            raise _unauthorized("token_revoked", "The access token was revoked.")
        if status == "expired":
            raise _unauthorized("token_expired", "The access token has run out.")
        return grant


def _unauthorized(code: str, message: str) -> ApiRefusal:
    refusal = ApiRefusal.coded(401, code, message)
    refusal.headers["www-authenticate"] = f'Bearer error="invalid_token", error_description="{message}"'
    return refusal
