"""An app as plain as can be: it speaks the protocol by hand, so that the sandbox is tested and nothing else."""

import base64
import hashlib
import json
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from signedin.testing.no_tls import no_tls
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.scopes import FULL_SCOPE

IDENTITY_SCOPE = "openid profile email offline_access"


def client() -> httpx.Client:
    """An HTTP client that is made in no time and looks at no environment."""
    return httpx.Client(verify=no_tls(), trust_env=False, timeout=10)


def query(url: str) -> dict[str, str]:
    """The parameters of a URL, each of which must be there once."""
    parameters = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert all(len(values) == 1 for values in parameters.values())
    return {name: values[0] for name, values in parameters.items()}


def claims(token: str) -> dict[str, Any]:
    """What a JWT says, unverified."""
    payload = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded


def challenge(code_verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass(kw_only=True)
class PlainApp:
    """One installation of the app: its host id, its issued client, and the tokens it holds."""

    sandbox: Sandbox
    http: httpx.Client
    client_id: str = ""
    tokens: dict[str, Any] = field(default_factory=dict[str, Any])
    host_id: str = field(default_factory=lambda: f"urn:uuid:{uuid.uuid4()}")
    redirect_uri: str = "http://127.0.0.1:51234/auth/callback"
    state: str = ""
    nonce: str = ""
    code_verifier: str = ""

    def authorize_parameters(self, **changes: str | None) -> dict[str, str]:
        """A good request for this app, first or returning; a change to None leaves the parameter out."""
        self.state, self.nonce, self.code_verifier = (secrets.token_urlsafe(32) for _ in range(3))
        parameters: dict[str, str | None] = {
            "client_id": self.client_id or "dynamic_agent_client",
            "agent_name_hint": None if self.client_id else "Acme Notes",
            "ext_agent_host_id": self.host_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": FULL_SCOPE,
            "resource": self.sandbox.api_base,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge(self.code_verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (parameters | changes).items() if value is not None}

    def authorize_url(self, **changes: str | None) -> str:
        return f"{self.sandbox.issuer}/api/accounts/authorize?{urlencode(self.authorize_parameters(**changes))}"

    def approve(self, person: str = "ada", *, allow_plan: bool = True, **changes: str | None) -> dict[str, str]:
        """The callback's parameters after somebody allowed."""
        callback = query(self.sandbox.sign_in(self.authorize_url(**changes), person, allow_plan=allow_plan))
        self.client_id = callback.get("client_id", self.client_id)
        return callback

    def exchange_fields(self, code: str) -> dict[str, str]:
        return {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "code_verifier": self.code_verifier,
            "redirect_uri": self.redirect_uri,
            "resource": self.sandbox.api_base,
        }

    def refresh_fields(self) -> dict[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "refresh_token": self.tokens["refresh_token"],
            "resource": self.sandbox.api_base,
        }

    def token(self, fields: dict[str, str]) -> httpx.Response:
        return self.http.post(f"{self.sandbox.issuer}/api/accounts/oauth/token", data=fields)

    def exchange(self, code: str) -> httpx.Response:
        return self._keep(self.token(self.exchange_fields(code)))

    def refresh(self) -> httpx.Response:
        return self._keep(self.token(self.refresh_fields()))

    def signed_in(self, person: str = "ada", *, allow_plan: bool = True) -> Self:
        """Register, approve and exchange."""
        answer = self.exchange(self.approve(person, allow_plan=allow_plan)["code"])
        assert answer.status_code == 200, answer.text
        return self

    def revoke(self) -> httpx.Response:
        fields = {
            "token": self.tokens["refresh_token"],
            "token_type_hint": "refresh_token",
            "client_id": self.client_id,
        }
        return self.http.post(f"{self.sandbox.issuer}/api/accounts/oauth/revoke", data=fields)

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens['access_token']}"}

    def models(self) -> httpx.Response:
        return self.http.get(f"{self.sandbox.api_base}/models", headers=self.bearer)

    def respond(self, **changes: Any) -> httpx.Response:
        """Ask "What is a monad?"; a change to None leaves the field out."""
        body: dict[str, Any] = {
            "model": "sandbox-large",
            "input": [{"role": "user", "content": [{"type": "input_text", "text": "What is a monad?"}]}],
            "store": False,
            "stream": True,
        }
        body = {name: value for name, value in (body | changes).items() if value is not None}
        return self.http.post(f"{self.sandbox.api_base}/responses", headers=self.bearer, json=body)

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code == 200:
            self.tokens |= answer.json()
        return answer


def events(body: str) -> list[dict[str, Any]]:
    """The data of each server-sent event, whose ``event`` line must agree with it."""
    found: list[dict[str, Any]] = []
    for block in body.strip().split("\n\n"):
        name, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        found.append(event)
    return found
