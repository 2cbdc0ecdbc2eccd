"""The token endpoints: a code becomes tokens, a refresh token becomes the next ones, and so does a device code.

A public client posts a form and proves nothing but what it holds (RFC 6749 §4.1.3, §6; RFC 8628 §3.4). Owns the order
of the checks.
"""

from typing import NoReturn

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox import device_flow
from signedin_adapters.sandbox.fault_answers import Drop, coded, strike
from signedin_adapters.sandbox.faults import Endpoint
from signedin_adapters.sandbox.forms import is_json, read_form, read_json
from signedin_adapters.sandbox.parts import AGENTS, CODEX, NATIVE, Part
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import OAuthRefusal
from signedin_adapters.sandbox.tokens import token_response

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"

_PLACES: dict[str, Endpoint] = {"authorization_code": "code", "refresh_token": "refresh", DEVICE_CODE: "poll"}
_NOTES = {"refresh_token": "refreshed", DEVICE_CODE: "device signed in"}


class TokenEndpoint:
    """Serves the token endpoint of a part."""

    def __init__(self, realm: Realm, part: Part) -> None:
        self._realm = realm
        self._part = part
        self.routes = [Route(part.token_endpoint, self.token, methods=["POST"])]

    async def token(self, request: Request) -> Response:
        """Answer one token request, or strike with the fault that is armed for it."""
        fields = await self._read(request)
        grant_type = fields.get("grant_type", "")
        note = _NOTES.get(grant_type, "code exchanged")
        fault = strike(request, self._realm, "any", "token", _PLACES.get(grant_type, "token"), note=note)
        if fault in _REFUSALS:
            self._refuse(fault, fields)
        return _spoiled(self._answer(request, fields, fault), fault)

    async def _read(self, request: Request) -> dict[str, str]:
        """A form; the codex part takes JSON as well, for a refresh alone."""
        if self._part is not CODEX or not is_json(request):
            return await read_form(request)
        fields = await read_json(request)
        if fields.get("grant_type") != "refresh_token":
            raise OAuthRefusal("invalid_request", "A code is redeemed with a form.")
        return fields

    def _refuse(self, fault: str, fields: dict[str, str]) -> NoReturn:
        # What the server says is true: after a terminal code the grant is dead, and a refused code is used up.
        if fault in _ENDING:
            self._realm.grants.end_by_refresh_token(fields.get("refresh_token", ""), "revoked")
            self._realm.grants.drop_code(fields.get("code", ""))
        if fault == "code-client-gone":
            self._realm.registrations.forget(fields.get("client_id", ""))
        code, description, status = _REFUSALS[fault]
        raise OAuthRefusal(code, description, status=status)

    def _answer(self, request: Request, fields: dict[str, str], fault: str | None) -> Response:
        [grant_type] = _required(fields, "grant_type")
        client_id = self._client(request, fields)
        if grant_type == "authorization_code":
            return self._exchange(client_id, fields, fault)
        if grant_type == "refresh_token":
            return self._refresh(client_id, fields)
        if grant_type == DEVICE_CODE and self._part is NATIVE:
            return self._poll(client_id, fields, fault)
        raise OAuthRefusal("unsupported_grant_type", "This server does not know the grant.")

    def _client(self, request: Request, fields: dict[str, str]) -> str:
        if "client_secret" in fields or "authorization" in request.headers:
            raise OAuthRefusal("invalid_client", "This is a public client; it has no secret.", status=401)
        client_id = fields.get("client_id", "")
        known = client_id == self._part.client_id or (
            self._part is AGENTS and self._realm.registrations.get(client_id) is not None
        )
        if not known:
            raise OAuthRefusal("invalid_client", "The client_id was never issued here.", status=401)
        return client_id

    def _exchange(self, client_id: str, fields: dict[str, str], fault: str | None) -> Response:
        code, code_verifier, redirect_uri = _required(fields, "code", "code_verifier", "redirect_uri")
        resource = self._resource(fields)
        if self._part is CODEX and "state" in fields:
            raise OAuthRefusal("invalid_request", "Unknown parameter: state")
        if self._part is AGENTS and self._realm.plan == "free":
            raise OAuthRefusal("invalid_grant", "The authorization code is not valid.")
        grant, nonce = self._realm.grants.redeem_code(
            code, client_id=client_id, redirect_uri=redirect_uri, code_verifier=code_verifier, resource=resource
        )
        answer = token_response(self._realm, grant, nonce=nonce)
        if fault == "code-no-refresh-token":
            answer.pop("refresh_token", None)
        return JSONResponse(answer)

    def _refresh(self, client_id: str, fields: dict[str, str]) -> Response:
        [refresh_token] = _required(fields, "refresh_token")
        resource = self._resource(fields)
        if "scope" in fields:
            raise OAuthRefusal("invalid_scope", "Leave scope out of a refresh: it keeps what was granted.")
        grant = self._realm.grants.redeem_refresh_token(
            refresh_token, client_id=client_id, resource=resource, rotate=self._realm.refresh_rotates
        )
        return JSONResponse(token_response(self._realm, grant))

    def _poll(self, client_id: str, fields: dict[str, str], fault: str | None) -> Response:
        """A device asks whether its user has decided (RFC 8628 §3.4)."""
        [device_code] = _required(fields, "device_code")
        device, code = device_flow.poll(self._realm, self._part, device_code, fault)
        grant, nonce = self._realm.grants.redeem_code(
            code, client_id=client_id, redirect_uri="", code_verifier=device.code_verifier
        )
        return JSONResponse(token_response(self._realm, grant, nonce=nonce))

    def _resource(self, fields: dict[str, str]) -> str | None:
        """What the request names; an agent's must name it."""
        return _required(fields, "resource")[0] if self._part is AGENTS else fields.get("resource")


def _spoiled(answer: Response, fault: str | None) -> Response:
    if fault == "token-500-after-commit":
        return coded(500, "server_error", "Something went wrong on our side.")
    return Drop() if fault == "token-drop" else answer


def _required(fields: dict[str, str], *names: str) -> list[str]:
    missing = [name for name in names if not fields.get(name)]
    if missing:
        raise OAuthRefusal("invalid_request", f"{missing[0]} is missing.")
    return [fields[name] for name in names]


_ENDING = frozenset(
    {
        "code-expired",
        "code-redirect-uri",
        "token-expired-idle",
        "token-invalid-grant",
        "token-invalidated",
        "token-reused",
    }
)

_REFUSALS: dict[str, tuple[str, str, int]] = {
    "code-expired": ("invalid_grant", "The code was used before or has run out.", 400),
    "code-redirect-uri": ("redirect_uri_mismatch", "The redirect_uri is not the registered one.", 400),
    "code-client-gone": ("invalid_client", "The client_id is not known any more.", 401),
    "token-invalid-grant": ("invalid_grant", "The grant is not valid any more.", 400),
    "token-invalid-client": ("invalid_client", "The client is not accepted.", 401),
    "token-region": ("unsupported_country_region_territory", "Country, region or territory not supported.", 403),
    "token-unknown-code": ("sandbox_surprise", "A code that no documentation names.", 400),
    "token-reused": ("refresh_token_reused", "The refresh token was used before.", 400),
    "token-expired-idle": ("refresh_token_expired", "The refresh token has run out.", 400),
    "token-invalidated": ("refresh_token_invalidated", "The session was ended.", 400),
}
