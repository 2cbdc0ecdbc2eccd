"""The device authorization endpoint (RFC 8628 §3.1, §3.2). Its devices poll the token endpoint."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox import device_flow
from signedin_adapters.sandbox.fault_answers import strike
from signedin_adapters.sandbox.forms import read_form
from signedin_adapters.sandbox.parts import NATIVE
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import OAuthRefusal


class DeviceAuthorizationEndpoint:
    """Serves ``/native/oauth/device``."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self.routes = [Route(NATIVE.device_endpoint, self.begin, methods=["POST"])]

    async def begin(self, request: Request) -> Response:
        """Give out a code for the device and one for its user."""
        fields = await read_form(request)
        strike(request, self._realm, "any", "device", note="device waits")
        device = device_flow.begin(self._realm, NATIVE, scopes=self._scopes(fields), groups=(4, 4))
        page = self._realm.url + NATIVE.device_page
        return JSONResponse(
            {
                "device_code": device.device_code,
                "user_code": device.user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={device.user_code}",
                "expires_in": self._realm.device_ttl,
                "interval": self._realm.device_interval,
            }
        )

    def _scopes(self, fields: dict[str, str]) -> frozenset[str]:
        """What a good request asks for; raises OAuthRefusal for another."""
        if fields.get("client_id") != NATIVE.client_id:
            raise OAuthRefusal("invalid_client", "This client_id is not known here.", status=401)
        scopes, resource = frozenset(fields.get("scope", "").split()), self._realm.audience(NATIVE)
        if not scopes <= NATIVE.scopes:
            raise OAuthRefusal("invalid_scope", "scope must hold nothing unknown.")
        if fields.get("resource", resource) != resource:
            raise OAuthRefusal("invalid_target", f"resource may only be {resource}.")
        return scopes
