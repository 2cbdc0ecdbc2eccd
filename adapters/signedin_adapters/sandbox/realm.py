"""One sandbox's world: its choices, its state, and the address under which it is reached.

The endpoints are given a realm and nothing else. It owns no HTTP.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from signedin_adapters.sandbox.armed import Faults
from signedin_adapters.sandbox.attempts import Attempts
from signedin_adapters.sandbox.devices import Devices
from signedin_adapters.sandbox.grants import Grants
from signedin_adapters.sandbox.keys import Keys
from signedin_adapters.sandbox.parts import AGENTS, Part
from signedin_adapters.sandbox.refusals import ErrorShape
from signedin_adapters.sandbox.registrations import Registrations
from signedin_adapters.sandbox.request_log import RequestLog, RequestRecord
from signedin_adapters.sandbox.scopes import FULL_SCOPE

Plan = Literal["free", "plus", "pro"]
EarliestRefreshAt = Literal["seconds", "iso", "zero", "null", "absent"]
Audience = Literal["array", "string"]
API_KEY = "sk-sandbox-0123456789abcdef0123456789abcdef"
"""The API key that a sandbox takes unless told otherwise. It is no secret."""


@dataclass(kw_only=True, eq=False)
class Realm:
    """The choices, which may be changed while the sandbox runs (``refresh_ttl`` and ``clock`` may not), and the state.

    - ``plan``: "free" lets people sign in and refuses an agent's code exchange, as seen live.
    - ``access_ttl``, ``code_ttl``, ``refresh_ttl`` (anew at each rotation): seconds.
    - ``device_ttl``, ``device_interval``: seconds that a device's codes live, and between two of its polls.
    - ``pace``: seconds between two deltas of an answer.
    - ``auto_approve``: redirect at once, as the registration's person, the hinted one, or Ada.
    - ``earliest_refresh_at``, ``audience_form`` (the ID token's ``aud``), ``error_shape`` (of token errors): the form.
    - ``refresh_returns_scope``, ``refresh_returns_id_token``: whether a refresh repeats them.
    - ``refresh_rotates``: whether a refresh brings a new refresh token; else the old one stays good.
    - ``codex_ports``: the ports of the codex client's redirect_uris.
    - ``codex_token_type``: whether its token answers name one.
    - ``used_percent``: how much of the codex plan's two windows is used; at 100 of either, questions are refused.
    - ``api_keys``: the API keys that the API takes beside access tokens.
    - ``clock``: Unix seconds. ``on_request``: called in the server's thread with each record.
    """

    plan: Plan = "plus"
    access_ttl: int = 3600
    refresh_ttl: float = 30 * 86400
    code_ttl: float = 60
    device_ttl: int = 900
    device_interval: float = 5
    pace: float = 0
    auto_approve: bool = False
    earliest_refresh_at: EarliestRefreshAt = "seconds"
    audience_form: Audience = "array"
    error_shape: ErrorShape = "flat"
    refresh_returns_scope: bool = True
    refresh_returns_id_token: bool = True
    refresh_rotates: bool = True
    codex_ports: tuple[int, ...] = (1455, 1457)
    codex_token_type: bool = False
    used_percent: tuple[int, int] = (42, 9)
    api_keys: frozenset[str] = field(default=frozenset({API_KEY}), repr=False)
    clock: Callable[[], float] = time.time
    on_request: Callable[[RequestRecord], None] | None = None

    faults: Faults = field(default_factory=Faults, init=False)
    keys: Keys = field(default_factory=Keys, init=False)
    registrations: Registrations = field(default_factory=Registrations, init=False)
    attempts: Attempts = field(init=False)
    devices: Devices = field(init=False)
    grants: Grants = field(init=False)
    requests: RequestLog = field(default_factory=RequestLog, init=False)
    _port: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.attempts = Attempts(clock=self.clock)
        self.devices = Devices(clock=self.clock)
        self.grants = Grants(clock=self.clock, refresh_ttl=self.refresh_ttl)

    @property
    def port(self) -> int:
        """The TCP port; RuntimeError while the sandbox was never started."""
        if self._port is None:
            raise RuntimeError("the sandbox is not running: use `with sandbox.running():`")
        return self._port

    @property
    def url(self) -> str:
        """Where it listens, ``http://127.0.0.1:PORT`` without a slash at the end; also the issuer."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self) -> str:
        """The issuer identifier, exactly."""
        return self.url

    @property
    def api_base(self) -> str:
        """The API's base, which is the ``resource`` too."""
        return self.audience(AGENTS)

    def issuer_of(self, part: Part) -> str:
        """The issuer identifier of a part; two of them share one."""
        return self.url + part.issuer

    def audience(self, part: Part) -> str:
        """Whom a part's access tokens are for: the base of its API."""
        return self.url + part.api

    def settings(self) -> dict[str, Any]:
        """What a provider profile needs to know of this sandbox, in the words of ``config.toml``."""
        return {
            "issuer": self.issuer,
            "registration": "agent",
            "scopes": FULL_SCOPE.split(),
            "redirect_host": "127.0.0.1",
            "redirect_ports": [0],
            "redirect_path": "/auth/callback",
            "resource": self.api_base,
            "api_base": self.api_base,
        }

    def expire_access_tokens(self) -> None:
        """Let every access token run out now; refresh tokens live on."""
        self.grants.expire_access()

    def revoke_all(self) -> None:
        """Revoke every grant, as its user could."""
        self.grants.end_all("revoked")

    def disconnect_user(self) -> None:
        """Disconnect every app, as its user could: signing in again asks for consent again."""
        self.grants.end_all("disconnected")
        for registration in self.registrations.all():
            registration.connected = False
