"""Owns `Provider`: the profile of one authorization server and its API. Data only; the profiles are adapters."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from signedin.cases.case import Page

Registration = Literal["agent", "fixed", "api-key"]
ClaimPath = tuple[str, ...]
"""Where a claim stands: the names of the objects around it, then its own; () where a server has none such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """Where a server's tokens say what people and the API are to know beside the subject; labels, never an identity.

    `email` lists several places, the best first. `workspace` is the id of what the user signed in to of several, `plan`
    the name of what was bought. They are read from the ID token; `in_access_token` says that the access token is a JWT
    that has them too, and its `exp`: at any other server it is opaque (RFC 6749 §1.4).
    """

    email: tuple[ClaimPath, ...] = (("email",),)
    workspace: ClaimPath = ()
    plan: ClaimPath = ()
    in_access_token: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFlow:
    """A device flow that is not RFC 8628's: JSON starts and polls it, and what it gives is a code with its verifier.

    The user opens `verification_uri`; the code is redeemed at the token endpoint, with `redirect_uri`.
    """

    authorization_endpoint: str
    token_endpoint: str
    verification_uri: str
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRules:
    """What an API wants beside the token: `headers` on each request, and the workspace's id in `workspace_header`.

    `models_query` goes with the request for the list of models; `models_by_priority`: that list is not in order, its
    entries say which comes first. `instructions` go with a question, at an API that takes none without.
    `usage_url` tells what is left of the plan's limits.
    """

    headers: tuple[tuple[str, str], ...] = ()
    workspace_header: str | None = None
    models_query: tuple[tuple[str, str], ...] = ()
    models_by_priority: bool = False
    instructions: str | None = None
    usage_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Endpoints, registration, scopes and request rules of one provider.

    Endpoints left out are read from the issuer's discovery document (RFC 8414, OpenID Connect Discovery).
    `registration` "agent" means that the id `client_id` only asks for one, and the callback carries the issued id;
    "api-key" that there is no authorization server: the user's own key is the session, and `issuer` only names it.
    `plan_scope` is the scope that allows spending the user's plan, None where there is no such thing.
    `api_base` None means: models and asking are not offered. `sources` says where each setting came from.
    `secret` False means that nothing here is worth sealing (the sandbox): its accounts use the file store.
    `sends_nonce` False: the server is sent neither one nor a login hint, and its ID tokens are believed without.
    `device_authorization_endpoint` is RFC 8628's, `device` a flow of the server's own. `revocation` is how the request
    is written (RFC 7009 says: as a form). `ending_codes` end a grant here beside those that do everywhere.
    `notice` is told before the first sign-in of an app.
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
    revocation: Literal["form", "json"] = "form"
    device_authorization_endpoint: str | None = None
    device: DeviceFlow | None = None
    sends_nonce: bool = True
    claims: ClaimNames = field(default_factory=ClaimNames)
    ending_codes: tuple[str, ...] = ()
    redirect_host: Literal["127.0.0.1", "localhost"] = "127.0.0.1"
    redirect_ports: tuple[int, ...] = (0,)
    redirect_path: str = "/auth/callback"
    resource: str | None = None
    api_base: str | None = None
    api: ApiRules = field(default_factory=ApiRules)
    authorize_params: tuple[tuple[str, str], ...] = ()
    manage_url: str | None = None
    connections_url: str | None = None
    notice: str | None = None
    secret: bool = True
    sources: tuple[tuple[str, str], ...] = ()

    def address(self, page: "Page | None") -> str | None:
        """Where a page that a case speaks of lies; None where there is none."""
        match page:
            case "connections":
                return self.connections_url
            case "manage":
                return self.manage_url
            case None:
                return None

    @property
    def takes_key(self) -> bool:
        """Whether its accounts are signed in to with an API key."""
        return self.registration == "api-key"
