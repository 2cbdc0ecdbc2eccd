"""The revocation endpoint (RFC 7009): ends the grant of a refresh token.

Answers 200 and nothing else for any token, known or not, so that it tells nobody what exists.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signedin_adapters.sandbox.fault_answers import ANSWERS
from signedin_adapters.sandbox.forms import read_form
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import OAuthRefusal


class RevocationEndpoint:
    """Serves ``/api/accounts/oauth/revoke``."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self.routes = [Route("/api/accounts/oauth/revoke", self.revoke, methods=["POST"])]

    async def revoke(self, request: Request) -> Response:
        """End the grant of ``token`` if it is the client's own; its access tokens end with it."""
        fields = await read_form(request)
        fault = self._realm.faults.take("any", "revoke")
        request.state.note = fault or ""
        if fault in ANSWERS:
            return ANSWERS[fault]()
        token, client_id = fields.get("token"), fields.get("client_id")
        if not token or not client_id:
            raise OAuthRefusal("invalid_request", "token and client_id are needed.")
        known = self._realm.grants.end_by_refresh_token(token, "revoked", client_id=client_id)
        request.state.note = "revoked" if known else "nothing to revoke"
        return Response(status_code=200)
