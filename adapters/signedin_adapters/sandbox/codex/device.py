"""The codex device flow: JSON begins and polls it, and what it gives is an authorization code with its verifier.

Waiting and refusals are 403 with a nested code. Those of a code that is over are modelled on RFC 8628 §3.5.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox import device_flow
from signedin_adapters.sandbox.devices import Device
from signedin_adapters.sandbox.fault_answers import coded, strike
from signedin_adapters.sandbox.forms import read_json
from signedin_adapters.sandbox.parts import CODEX
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import OAuthRefusal
from signedin_adapters.sandbox.scopes import IDENTITY_SCOPES

POLL = "/api/accounts/deviceauth/token"
CALLBACK = "/deviceauth/callback"
"""The redirect_uri, under the issuer, that the code is redeemed with. Nobody is sent there."""

_UNKNOWN = "deviceauth_authorization_unknown"
_CODES = {"authorization_pending": "deviceauth_authorization_pending", "invalid_grant": _UNKNOWN}
"""What this flow calls the codes of the other one, where it has names of its own."""


class DeviceEndpoint:
    """Serves ``/api/accounts/deviceauth/usercode`` and ``…/token``."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self.routes = [
            Route(CODEX.device_endpoint, self.begin, methods=["POST"]),
            Route(POLL, self.poll, methods=["POST"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Give out an id for the device and a code for its user; the interval is a string."""
        fields = await read_json(request)
        strike(request, self._realm, "any", "device", note="device waits")
        if fields.get("client_id") != CODEX.client_id:
            raise OAuthRefusal("invalid_client", "This client_id is not known here.", status=401)
        redirect_uri = self._realm.issuer_of(CODEX) + CALLBACK
        device = device_flow.begin(self._realm, CODEX, scopes=IDENTITY_SCOPES, groups=(4, 5), redirect_uri=redirect_uri)
        return JSONResponse(
            {
                "device_auth_id": device.device_code,
                "user_code": device.user_code,
                "interval": f"{device.interval:g}",
            }
        )

    async def poll(self, request: Request) -> Response:
        """The code once the user has allowed; until then, and where they denied, 403."""
        fields = await read_json(request)
        fault = strike(request, self._realm, "any", "poll")
        try:
            device, code = self._polled(fields, fault)
        except OAuthRefusal as refusal:
            request.state.note = fault or refusal.code
            return coded(403, _CODES.get(refusal.code, refusal.code), refusal.description)
        request.state.note = "device allowed"
        return JSONResponse(
            {
                "authorization_code": code,
                "code_challenge": device.request.code_challenge,
                "code_verifier": device.code_verifier,
            }
        )

    def _polled(self, fields: dict[str, str], fault: str | None) -> tuple[Device, str]:
        device_auth_id, user_code = fields.get("device_auth_id", ""), fields.get("user_code", "")
        if not self._realm.devices.belong_together(device_auth_id, user_code):
            raise OAuthRefusal(_UNKNOWN, "The codes are unknown, or were used before.")
        return device_flow.poll(self._realm, CODEX, device_auth_id, fault)
