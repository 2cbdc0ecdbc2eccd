"""The codex backend: models, answers and usage, for access tokens of the codex client alone.

Every request says which workspace it is for and which tool sends it.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox.api_answers import bearer_grant, bearer_token, listed, streamed
from signedin_adapters.sandbox.codex import response_request, usage
from signedin_adapters.sandbox.codex.models import listed_for
from signedin_adapters.sandbox.fault_answers import strike
from signedin_adapters.sandbox.faults import Endpoint
from signedin_adapters.sandbox.grants import Grant
from signedin_adapters.sandbox.parts import CODEX
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import ApiRefusal

WORKSPACE_HEADER = "chatgpt-account-id"

_ENDED = {
    "expired": ("token_expired", "The access token has run out."),
    "revoked": ("token_revoked", "The access token was revoked."),
    "disconnected": (
        "token_invalidated",
        "Your authentication token has been invalidated. Please try signing in again.",
    ),
}


class Backend:
    """Serves ``/backend-api/codex/models``, ``…/responses`` and ``/backend-api/wham/usage``."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self.routes = [
            Route(f"{CODEX.api}/codex/models", self.models, methods=["GET"]),
            Route(f"{CODEX.api}/codex/responses", self.respond, methods=["POST"]),
            Route(f"{CODEX.api}/wham/usage", self.usage, methods=["GET"]),
        ]

    async def models(self, request: Request) -> Response:
        """What this version of a tool may see."""
        self._admit(request)
        self._strike(request, "models")
        return listed(request, listed_for(request.query_params.get("client_version", "")))

    async def respond(self, request: Request) -> Response:
        """Answer a question, while the plan lasts."""
        self._admit(request)
        fault = self._strike(request, "responses", "plan")
        if fault == "usage-limit" or usage.reached(self._realm):
            raise usage.refusal(self._realm)
        answer = await streamed(request, self._realm, response_request.parse, fault)
        answer.headers.update(usage.headers(self._realm))
        return answer

    async def usage(self, request: Request) -> Response:
        """What is left of the plan."""
        self._admit(request)
        fault = self._strike(request, "usage")
        return JSONResponse(usage.document(self._realm, told=fault != "usage-unknown"))

    def _strike(self, request: Request, *places: Endpoint) -> str | None:
        return strike(request, self._realm, "any", "api", "workspace", *places)

    def _admit(self, request: Request) -> None:
        """The token, then the tool, then the workspace; raises ApiRefusal."""
        grant = self._grant(request)
        if not request.headers.get("originator", "").strip():
            raise ApiRefusal.detail(403, "Forbidden")
        workspace = request.headers.get(WORKSPACE_HEADER)
        registration = grant.registration
        alone = workspace is None and len(registration.person.workspaces) == 1
        if workspace != registration.workspace_id and not alone:
            raise ApiRefusal(403, {"detail": {"code": "invalid_workspace_selected"}})

    def _grant(self, request: Request) -> Grant:
        found = bearer_grant(self._realm, CODEX, bearer_token(request))
        if found is None:
            raise ApiRefusal.detail(401, "Unauthorized")
        grant, status = found
        if status in _ENDED:
            raise ApiRefusal.coded(401, *_ENDED[status])
        return grant
