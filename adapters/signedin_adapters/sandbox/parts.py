"""The parts that the sandbox plays: one for each provider that can be signed in to here.

Owns where their endpoints lie, whom they issue for and what can be asked of them; no behaviour.
"""

from dataclasses import dataclass

from signedin_adapters.sandbox.scopes import ALL_SCOPES, CONNECTOR_SCOPES, IDENTITY_SCOPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One authorization server with its API; every place is a path under the sandbox's URL.

    - ``provider``: what the command line calls it.
    - ``client_id``: the one public client of everybody, None where each user is issued one; ``client_name`` is what
      the pages call it where it does not say its name.
    - ``oauth``: what its token and revocation endpoints lie under.
    - ``api``: the API's base and the audience of its access tokens.
    - ``ending_codes``: what is said of a dead refresh token beside ``invalid_grant`` (RFC 6749 §5.2).
    - ``device_endpoint``, ``device_page``: empty where there is no device flow.
    """

    provider: str
    client_id: str | None
    issuer: str
    authorization_endpoint: str
    oauth: str
    api: str
    scopes: frozenset[str]
    client_name: str = ""
    ending_codes: frozenset[str] = frozenset()
    device_endpoint: str = ""
    device_page: str = ""

    @property
    def token_endpoint(self) -> str:
        """Where codes and refresh tokens are redeemed."""
        return f"{self.oauth}/token"

    @property
    def revocation_endpoint(self) -> str:
        """Where tokens are given up."""
        return f"{self.oauth}/revoke"


_ENDINGS = frozenset({"refresh_token_expired", "refresh_token_invalidated", "refresh_token_reused"})

AGENTS = Part(
    provider="sandbox",
    client_id=None,
    issuer="",
    authorization_endpoint="/api/accounts/authorize",
    oauth="/api/accounts/oauth",
    api="/v1",
    scopes=ALL_SCOPES,
    ending_codes=_ENDINGS,
)
"""Tools on their user's own machine: each registers at its first sign-in."""

CODEX = Part(
    provider="sandbox-codex",
    client_id="app_EMoamEEZ73f0CkXaXp7hrann",
    issuer="",
    authorization_endpoint="/oauth/authorize",
    oauth="/oauth",
    api="/backend-api",
    scopes=IDENTITY_SCOPES | CONNECTOR_SCOPES,
    client_name="Codex Tool",
    ending_codes=_ENDINGS | {"refresh_token_revoked"},
    device_endpoint="/api/accounts/deviceauth/usercode",
    device_page="/codex/device",
)
"""The tools that share one public client with ports of its own, and a device flow of its own."""

NATIVE = Part(
    provider="sandbox-native",
    client_id="sandbox-native",
    issuer="/native",
    authorization_endpoint="/native/oauth/authorize",
    oauth="/native/oauth",
    api="/native/v1",
    scopes=IDENTITY_SCOPES,
    client_name="Native App",
    device_endpoint="/native/oauth/device",
    device_page="/native/device",
)
"""A server as the standards have it: RFC 8252 for native apps, RFC 8628 for devices."""
