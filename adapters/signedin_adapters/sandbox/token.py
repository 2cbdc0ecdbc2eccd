"""The token endpoint: a code becomes tokens, a refresh token becomes the next ones.

A public client posts a form and proves nothing but what it holds (RFC 6749 §4.1.3, §6). Owns the order of the checks.
"""

from typing import NoReturn

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox.fault_answers import ANSWERS, Drop, coded
from signedin_adapters.sandbox.forms import read_form
from signedin_adapters.sandbox.grants import Grant
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import OAuthRefusal
from signedin_adapters.sandbox.registrations import Registration
from signedin_adapters.sandbox.tokens import token_response


class TokenEndpoint:
    """Serves ``/api/accounts/oauth/token``."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self.routes = [Route("/api/accounts/oauth/token", self.token, methods=["POST"])]

    async def token(self, request: Request) -> Response:
        """Answer one token request, or strike with the fault that is armed for it."""
        fields = await read_form(request)
        refreshing = fields.get("grant_type") == "refresh_token"
        fault = self._realm.faults.take("any", "token", *(("refresh",) if refreshing else ()))
        request.state.note = fault or ("refreshed" if refreshing else "code exchanged")
        if fault in ANSWERS:
            return ANSWERS[fault]()
        if fault in _REFUSALS:
            self._refuse(fault, fields)
        return _spoiled(self._answer(request, fields), fault)

    def _refuse(self, fault: str, fields: dict[str, str]) -> NoReturn:
        # What the server says is true: after a terminal code the grant is dead.
        if fault in _ENDING:
            self._realm.grants.end_by_refresh_token(fields.get("refresh_token", ""), "revoked")
        code, description, status = _REFUSALS[fault]
        raise OAuthRefusal(code, description, status=status)

    def _answer(self, request: Request, fields: dict[str, str]) -> Response:
        [grant_type] = _required(fields, "grant_type")
        registration = self._client(request, fields)
        match grant_type:
            case "authorization_code":
                return self._exchange(registration, fields)
            case "refresh_token":
                return JSONResponse(token_response(self._realm, self._refresh(registration, fields)))
            case _:
                raise OAuthRefusal("unsupported_grant_type", "Use authorization_code or refresh_token.")

    def _client(self, request: Request, fields: dict[str, str]) -> Registration:
        if "client_secret" in fields or "authorization" in request.headers:
            raise OAuthRefusal("invalid_client", "This is a public client; it has no secret.", status=401)
        registration = self._realm.registrations.get(fields.get("client_id", ""))
        if registration is None:
            raise OAuthRefusal("invalid_client", "The client_id was never issued here.", status=401)
        return registration

    def _exchange(self, registration: Registration, fields: dict[str, str]) -> Response:
        code, code_verifier, redirect_uri, resource = _required(
            fields, "code", "code_verifier", "redirect_uri", "resource"
        )
        if self._realm.plan == "free":
            raise OAuthRefusal("invalid_grant", "The authorization code is not valid.")
        grant, nonce = self._realm.grants.redeem_code(
            code,
            registration=registration,
            redirect_uri=redirect_uri,
            code_verifier=code_verifier,
            resource=resource,
        )
        return JSONResponse(token_response(self._realm, grant, nonce=nonce))

    def _refresh(self, registration: Registration, fields: dict[str, str]) -> Grant:
        refresh_token, resource = _required(fields, "refresh_token", "resource")
        if "scope" in fields:
            raise OAuthRefusal("invalid_scope", "Leave scope out of a refresh: it keeps what was granted.")
        return self._realm.grants.redeem_refresh_token(refresh_token, registration=registration, resource=resource)


def _spoiled(answer: Response, fault: str | None) -> Response:
    if fault == "token-500-after-commit":
        return coded(500, "server_error", "Something went wrong on our side.")
    return Drop() if fault == "token-drop" else answer


def _required(fields: dict[str, str], *names: str) -> list[str]:
    missing = [name for name in names if not fields.get(name)]
    if missing:
        raise OAuthRefusal("invalid_request", f"{missing[0]} is missing.")
    return [fields[name] for name in names]


_ENDING = frozenset({"token-invalid-grant", "token-reused"})

_REFUSALS: dict[str, tuple[str, str, int]] = {
    "token-invalid-grant": ("invalid_grant", "The grant is not valid any more.", 400),
    "token-invalid-client": ("invalid_client", "The client is not accepted.", 401),
    "token-region": ("unsupported_country_region_territory", "Country, region or territory not supported.", 403),
    "token-unknown-code": ("sandbox_surprise", "A code that no documentation names.", 400),
    "token-reused": ("refresh_token_reused", "The refresh token was used before.", 400),
}
