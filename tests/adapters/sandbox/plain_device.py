"""Devices of both kinds, as plain as can be: they begin, poll, and hold the codes that they were given."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx
from tests.adapters.sandbox.plain_app import IDENTITY_SCOPE
from tests.adapters.sandbox.plain_client import DEVICE_CODE, PlainClient, codex_client, native_client

from signedin_adapters.sandbox import Sandbox


@dataclass(kw_only=True)
class Clock:
    """The sandbox's time, which passes when a test says so."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(kw_only=True)
class PlainDevice:
    """One that shows a code; ``client`` redeems what it is given."""

    PENDING: ClassVar[str]
    UNKNOWN: ClassVar[str]

    client: PlainClient
    codes: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def user_code(self) -> str:
        return str(self.codes["user_code"])

    def approve(self, person: str = "ada", *, deny: bool = False, workspace: str | None = None) -> None:
        self.client.sandbox.approve_device(self.user_code, person=person, deny=deny, workspace=workspace)

    def begin(self, **changes: str | None) -> httpx.Response:
        raise NotImplementedError

    def poll(self) -> httpx.Response:
        raise NotImplementedError

    def error(self) -> str:
        """How the next poll is refused."""
        raise NotImplementedError

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code == 200:
            self.codes = answer.json()
        return answer


class CodexDevice(PlainDevice):
    """JSON, and a code with its verifier."""

    PENDING = "deviceauth_authorization_pending"
    UNKNOWN = "deviceauth_authorization_unknown"

    def begin(self, **changes: str | None) -> httpx.Response:
        fields = {"client_id": self.client.client_id} | changes
        return self._keep(self.client.http.post(self.client.at("/api/accounts/deviceauth/usercode"), json=fields))

    def poll(self) -> httpx.Response:
        fields = {name: self.codes[name] for name in ("device_auth_id", "user_code")}
        return self.client.http.post(self.client.at("/api/accounts/deviceauth/token"), json=fields)

    def error(self) -> str:
        answer = self.poll()
        assert answer.status_code == 403
        return str(answer.json()["error"]["code"])


class NativeDevice(PlainDevice):
    """RFC 8628."""

    PENDING = "authorization_pending"
    UNKNOWN = "invalid_grant"

    def begin(self, **changes: str | None) -> httpx.Response:
        asked = {"client_id": self.client.client_id, "scope": IDENTITY_SCOPE} | changes
        fields = {name: value for name, value in asked.items() if value is not None}
        return self._keep(self.client.http.post(self.client.at("/native/oauth/device"), data=fields))

    def poll(self) -> httpx.Response:
        fields = {
            "grant_type": DEVICE_CODE,
            "client_id": self.client.client_id,
            "device_code": self.codes["device_code"],
        }
        return self.client.keep(self.client.token(fields))

    def error(self) -> str:
        answer = self.poll()
        assert answer.status_code == 400
        return str(answer.json()["error"])


def codex_device(sandbox: Sandbox, http: httpx.Client) -> CodexDevice:
    """One that has begun."""
    device = CodexDevice(client=codex_client(sandbox, http))
    device.begin()
    return device


def native_device(sandbox: Sandbox, http: httpx.Client) -> NativeDevice:
    """One that has begun."""
    device = NativeDevice(client=native_client(sandbox, http))
    device.begin()
    return device
