"""The revocation endpoints (RFC 7009): they end the grant that a token belongs to.

They answer 200 and nothing else for any token, known or not, so that they tell nobody what exists.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signedin_adapters.sandbox.fault_answers import strike
from signedin_adapters.sandbox.forms import read_form, read_json
from signedin_adapters.sandbox.keys import InvalidSignature
from signedin_adapters.sandbox.parts import CODEX, Part
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import OAuthRefusal


class RevocationEndpoint:
    """Serves the revocation endpoint of a part: JSON for codex, a form for the others."""

    def __init__(self, realm: Realm, part: Part) -> None:
        self._realm = realm
        self._part = part
        self.routes = [Route(part.revocation_endpoint, self.revoke, methods=["POST"])]

    async def revoke(self, request: Request) -> Response:
        """End the grant of ``token`` if it is the client's own; its access tokens end with it."""
        fields = await (read_json if self._part is CODEX else read_form)(request)
        strike(request, self._realm, "any", "revoke")
        known = self._revoked_by_hint(fields) if self._part is CODEX else self._revoked(fields)
        request.state.note = "revoked" if known else "nothing to revoke"
        return Response(status_code=200)

    def _revoked(self, fields: dict[str, str]) -> bool:
        token, client_id = fields.get("token"), fields.get("client_id")
        if not token or not client_id:
            raise OAuthRefusal("invalid_request", "token and client_id are needed.")
        return self._realm.grants.end_by_refresh_token(token, "revoked", client_id=client_id)

    def _revoked_by_hint(self, fields: dict[str, str]) -> bool:
        """The hint says which kind of token it is; client_id goes with a refresh token, and only there."""
        token, hint, client_id = fields.get("token"), fields.get("token_type_hint"), fields.get("client_id")
        if not token or hint not in ("refresh_token", "access_token"):
            raise OAuthRefusal("invalid_request", "token and token_type_hint are needed.")
        if client_id != (self._part.client_id if hint == "refresh_token" else None):
            raise OAuthRefusal("invalid_request", "client_id belongs to a refresh token, and only there.")
        if client_id is not None:
            return self._realm.grants.end_by_refresh_token(token, "revoked", client_id=client_id)
        try:
            jti = self._realm.keys.verify(token).get("jti")
        except InvalidSignature:
            return False
        return self._realm.grants.end_by_access(str(jti), "revoked")
