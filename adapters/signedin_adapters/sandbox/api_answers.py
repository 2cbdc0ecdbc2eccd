"""What the APIs have in common: the token of a request and whose it is, the list of models, the streamed answer."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from hashlib import sha256
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from signedin_adapters.sandbox.event_stream import Cut, events
from signedin_adapters.sandbox.fault_answers import close_connection
from signedin_adapters.sandbox.forms import is_json
from signedin_adapters.sandbox.grants import AccessStatus, Grant
from signedin_adapters.sandbox.keys import InvalidSignature
from signedin_adapters.sandbox.parts import Part
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import ApiRefusal
from signedin_adapters.sandbox.response_request import ResponseRequest


def bearer_token(request: Request) -> str:
    """What the Authorization header carries (RFC 6750 §2.1), nothing where it has none of that kind."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def bearer_grant(realm: Realm, part: Part, token: str) -> tuple[Grant, AccessStatus] | None:
    """The grant of an access token of this part's, and whether the token still counts; None for any other token."""
    try:
        claims = realm.keys.verify(token)
    except InvalidSignature:
        return None
    meant = (claims.get("iss"), claims.get("aud")) == (realm.issuer_of(part), realm.audience(part))
    return realm.grants.find_access(str(claims.get("jti", ""))) if meant else None


def listed(request: Request, models: Sequence[dict[str, Any]]) -> Response:
    """The catalogue with a validator of its bytes; 304 for who has these already (RFC 9110 §13.1.2)."""
    answer = JSONResponse({"models": list(models)})
    etag = f'"{sha256(answer.body).hexdigest()[:32]}"'
    answer.headers["etag"] = etag
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers={"etag": etag})
    return answer


async def streamed(
    request: Request, realm: Realm, parse: Callable[[object], ResponseRequest], fault: str | None
) -> Response:
    """The answer to a prompt; raises ApiRefusal, also for what ``parse`` refuses."""
    if not is_json(request):
        raise ApiRefusal.detail(415, "The body must be application/json.")
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise ApiRefusal.detail(400, "The body is not JSON.") from None
    asked = parse(body)
    request.state.note = fault or f"answers with {asked.model}"
    stream = events(asked, created_at=int(realm.clock()), fault=fault, pace=realm.pace)
    answer = StreamingResponse(_until_cut(stream, request), media_type="text/event-stream")
    if fault == "stream-no-content-type":
        del answer.headers["content-type"]
    return answer


async def _until_cut(stream: AsyncIterator[bytes], request: Request) -> AsyncIterator[bytes]:
    """Pass the events on; at a cut, close the connection in the middle of the body."""
    try:
        async for chunk in stream:
            yield chunk
    except Cut:
        close_connection(request.scope)
        await anyio.sleep_forever()  # the response is cancelled once the server sees the end of the connection
