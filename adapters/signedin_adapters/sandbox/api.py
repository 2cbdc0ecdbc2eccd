"""The API under ``/v1``: the model catalogue, streamed responses, and a refusal for every other route.

Each request is admitted by its bearer token alone: signature, issuer, audience, life, grant and plan scope.
"""

import json
from collections.abc import AsyncIterator
from hashlib import sha256

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from signedin_adapters.sandbox import response_request
from signedin_adapters.sandbox.event_stream import Cut, events
from signedin_adapters.sandbox.fault_answers import ANSWERS, close_connection
from signedin_adapters.sandbox.grants import Grant
from signedin_adapters.sandbox.keys import InvalidSignature
from signedin_adapters.sandbox.models import MODELS
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import ApiRefusal
from signedin_adapters.sandbox.scopes import PLAN_SCOPES

EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Api:
    """Serves everything under ``/v1``."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self.routes = [Route("/v1/{rest:path}", self.handle, methods=EVERY_METHOD)]

    async def handle(self, request: Request) -> Response:
        """Answer one API request."""
        route = (request.method, request.url.path)
        if route not in (("GET", "/v1/models"), ("POST", "/v1/responses")):
            raise ApiRefusal.coded(
                403, "subscription_sharing_route_not_supported", "This route is not open to plan usage."
            )
        self._admit(request)
        listing = request.method == "GET"
        fault = self._realm.faults.take("any", "api", "models" if listing else "responses")
        request.state.note = fault or ""
        if fault in ANSWERS:
            return ANSWERS[fault]()
        return _listed(request) if listing else await self._respond(request, fault)

    def _admit(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("missing_token", "Send the access token as a bearer token.")
        if token.startswith("sk-"):
            self._admit_key(token.strip())
            return
        grant = self._grant(token.strip())
        if not grant.scopes >= PLAN_SCOPES:
            raise ApiRefusal.detail(401, "The token does not permit direct use of the plan.")

    def _admit_key(self, key: str) -> None:
        """An API key is known or it is not; the shape of the refusal is the documented one."""
        if key not in self._realm.api_keys:
            raise ApiRefusal.coded(401, "invalid_api_key", "Incorrect API key provided.")

    def _grant(self, token: str) -> Grant:
        """The grant of a good access token (RFC 6750 §3.1)."""
        try:
            claims = self._realm.keys.verify(token)
        except InvalidSignature:
            raise _unauthorized("invalid_token", "The access token is malformed or was not issued here.") from None
        found = self._realm.grants.find_access(str(claims.get("jti", "")))
        if found is None or (claims.get("iss"), claims.get("aud")) != (self._realm.issuer, self._realm.api_base):
            raise _unauthorized("invalid_token", "The token is not an access token for this API.")
        grant, status = found
        if status == "disconnected":
            raise ApiRefusal.coded(401, "subscription_sharing_invalid_user", "The user has disconnected this app.")
        if status == "revoked":
            raise _unauthorized("token_revoked", "The access token was revoked.")
        if status == "expired":
            raise _unauthorized("token_expired", "The access token has run out.")
        return grant

    async def _respond(self, request: Request, fault: str | None) -> Response:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise ApiRefusal.detail(415, "The body must be application/json.")
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError):
            raise ApiRefusal.detail(400, "The body is not JSON.") from None
        asked = response_request.parse(body)
        request.state.note = fault or f"answers with {asked.model}"
        stream = events(asked, created_at=int(self._realm.clock()), fault=fault, pace=self._realm.pace)
        answer = StreamingResponse(_until_cut(stream, request), media_type="text/event-stream")
        if fault == "stream-no-content-type":
            del answer.headers["content-type"]
        return answer


def _listed(request: Request) -> Response:
    """The catalogue with a validator of its bytes; 304 for who has these already (RFC 9110 §13.1.2)."""
    answer = JSONResponse({"models": list(MODELS)})
    etag = f'"{sha256(answer.body).hexdigest()[:32]}"'
    answer.headers["etag"] = etag
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers={"etag": etag})
    return answer


async def _until_cut(stream: AsyncIterator[bytes], request: Request) -> AsyncIterator[bytes]:
    """Pass the events on; at a cut, close the connection in the middle of the body."""
    try:
        async for chunk in stream:
            yield chunk
    except Cut:
        close_connection(request.scope)
        await anyio.sleep_forever()  # the response is cancelled once the server sees the end of the connection


def _unauthorized(code: str, message: str) -> ApiRefusal:
    refusal = ApiRefusal.coded(401, code, message)
    refusal.headers["www-authenticate"] = f'Bearer error="invalid_token", error_description="{message}"'
    return refusal
