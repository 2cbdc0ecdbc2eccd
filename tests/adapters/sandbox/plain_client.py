"""Apps with a fixed client, as plain as can be: they speak the protocol by hand, so that the sandbox is tested."""

import secrets
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from tests.adapters.sandbox.plain_app import IDENTITY_SCOPE, challenge, query

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.parts import CODEX, NATIVE, Part

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(kw_only=True)
class PlainClient:
    """One installation of a tool, and the tokens it holds."""

    sandbox: Sandbox
    http: httpx.Client
    part: Part
    redirect_uri: str
    extra: dict[str, str] = field(default_factory=dict[str, str])
    tokens: dict[str, Any] = field(default_factory=dict[str, Any])
    state: str = ""
    nonce: str = ""
    code_verifier: str = ""

    @property
    def client_id(self) -> str:
        return self.part.client_id or ""

    def authorize_parameters(self, **changes: str | None) -> dict[str, str]:
        """A good request; a change to None leaves the parameter out."""
        self.state, self.nonce, self.code_verifier = (secrets.token_urlsafe(32) for _ in range(3))
        parameters: dict[str, str | None] = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": IDENTITY_SCOPE,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge(self.code_verifier),
            "code_challenge_method": "S256",
            **self.extra,
        }
        return {name: value for name, value in (parameters | changes).items() if value is not None}

    def authorize_url(self, **changes: str | None) -> str:
        return self.at(self.part.authorization_endpoint) + f"?{urlencode(self.authorize_parameters(**changes))}"

    def at(self, path: str) -> str:
        return self.sandbox.url + path

    def approve(self, person: str = "ada", *, workspace: str | None = None, **changes: str | None) -> dict[str, str]:
        """The callback's parameters after somebody allowed."""
        return query(self.sandbox.sign_in(self.authorize_url(**changes), person, workspace=workspace))

    def exchange_fields(self, code: str) -> dict[str, str]:
        return {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "code_verifier": self.code_verifier,
            "redirect_uri": self.redirect_uri,
        }

    def refresh_fields(self) -> dict[str, str]:
        refresh_token = self.tokens["refresh_token"]
        return {"grant_type": "refresh_token", "client_id": self.client_id, "refresh_token": refresh_token}

    def token(self, fields: dict[str, str]) -> httpx.Response:
        return self.http.post(self.at(self.part.token_endpoint), data=fields)

    def exchange(self, code: str) -> httpx.Response:
        return self.keep(self.token(self.exchange_fields(code)))

    def refresh(self) -> httpx.Response:
        return self.keep(self.token(self.refresh_fields()))

    def signed_in(self, person: str = "ada", *, workspace: str | None = None, **changes: str | None) -> Self:
        answer = self.exchange(self.approve(person, workspace=workspace, **changes)["code"])
        assert answer.status_code == 200, answer.text
        return self

    def keep(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code == 200:
            self.tokens |= answer.json()
        return answer

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens['access_token']}"}


def codex_client(sandbox: Sandbox, http: httpx.Client) -> PlainClient:
    """A tool of the codex client; the port is only named, never listened on."""
    return PlainClient(
        sandbox=sandbox,
        http=http,
        part=CODEX,
        redirect_uri=f"http://localhost:{sandbox.codex_ports[0]}/auth/callback",
        extra={
            "originator": "acme",
            "id_token_add_organizations": "true",
            "codex_cli_simplified_flow": "true",
        },
    )


def native_client(sandbox: Sandbox, http: httpx.Client) -> PlainClient:
    """A native app."""
    return PlainClient(sandbox=sandbox, http=http, part=NATIVE, redirect_uri="http://127.0.0.1:51234/callback")
