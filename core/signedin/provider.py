"""Owns `Provider`: the profile of one authorization server and its API. Data only; the profiles are adapters."""

from dataclasses import dataclass
from typing import Literal

Registration = Literal["agent", "fixed", "api-key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Endpoints, registration, scopes and request rules of one provider.

    Endpoints left out are read from the issuer's discovery document (RFC 8414, OpenID Connect Discovery).
    `registration` "agent" means that the id `client_id` only asks for one, and the callback carries the issued id;
    "api-key" that there is no authorization server: the user's own key is the session, and `issuer` only names it.
    `plan_scope` is the scope that allows spending the user's plan, None where there is no such thing.
    `api_base` None means: models and asking are not offered. `sources` says where each setting came from.
    `secret` False means that nothing here is worth sealing (the sandbox): its accounts use the file store.
    """

    name: str
    title: str
    issuer: str
    client_id: str = ""
    registration: Registration = "fixed"
    scopes: tuple[str, ...] = ("openid", "email", "offline_access")
    plan_scope: str | None = None
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    jwks_uri: str | None = None
    revocation_endpoint: str | None = None
    redirect_host: Literal["127.0.0.1", "localhost"] = "127.0.0.1"
    redirect_ports: tuple[int, ...] = (0,)
    redirect_path: str = "/auth/callback"
    resource: str | None = None
    api_base: str | None = None
    authorize_params: tuple[tuple[str, str], ...] = ()
    manage_url: str | None = None
    connections_url: str | None = None
    secret: bool = True
    sources: tuple[tuple[str, str], ...] = ()

    @property
    def takes_key(self) -> bool:
        """Whether its accounts are signed in to with an API key."""
        return self.registration == "api-key"
