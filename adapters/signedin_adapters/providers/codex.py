"""Owns the profile `codex`: the sign-in of OpenAI's own Codex tools, which their public client id opens to others too.

It is used where it is asked for by name. Its values are entries of docs/wire.md: no page of OpenAI's offers this flow
to other tools, so all of them were read from what the tools do.
"""

from signedin.provider import ApiRules, ClaimNames, DeviceFlow, Provider
from signedin_adapters.providers.sources import BUILT_IN, with_sources

CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann"
"""The public client of the Codex tools. What we are called stands in `originator`, and is our own (wire.md, CDX-5)."""
ORIGINATOR = "signedin"
CLIENT_VERSION = "1.0.0"
"""Models that are newer than the version asked with are not listed (wire.md, CDX-32)."""
SCOPES = ("openid", "profile", "email", "offline_access")
REDIRECT_PORTS = (1455, 1457)
REDIRECT_PATH = "/auth/callback"

_ISSUER = "https://auth.openai.com"
_BACKEND = "https://chatgpt.com/backend-api"
_AUTH_CLAIM, _PROFILE_CLAIM = "https://api.openai.com/auth", "https://api.openai.com/profile"


def profile(
    *,
    issuer: str = _ISSUER,
    backend: str = _BACKEND,
    originator: str = ORIGINATOR,
    client_version: str = CLIENT_VERSION,
) -> Provider:
    """The profile, at the places given: `issuer` and `backend` are URLs without a slash at the end.

    `originator` and `client_version`, X.Y.Z in digits, are what the tool is to be called there.
    """
    return with_sources(
        Provider(
            name="codex",
            title="ChatGPT plan, the Codex way",
            issuer=issuer,
            client_id=CLIENT_ID,
            scopes=SCOPES,
            authorization_endpoint=f"{issuer}/oauth/authorize",
            token_endpoint=f"{issuer}/oauth/token",
            jwks_uri=f"{issuer}/.well-known/jwks.json",
            revocation_endpoint=f"{issuer}/oauth/revoke",
            revocation="json",
            device=DeviceFlow(
                authorization_endpoint=f"{issuer}/api/accounts/deviceauth/usercode",
                token_endpoint=f"{issuer}/api/accounts/deviceauth/token",
                verification_uri=f"{issuer}/codex/device",
                redirect_uri=f"{issuer}/deviceauth/callback",
            ),
            sends_nonce=False,
            claims=ClaimNames(
                email=(("email",), (_PROFILE_CLAIM, "email")),
                workspace=(_AUTH_CLAIM, "chatgpt_account_id"),
                plan=(_AUTH_CLAIM, "chatgpt_plan_type"),
                in_access_token=True,
            ),
            ending_codes=("refresh_token_revoked", "token_revoked", "token_invalidated", "app_session_terminated"),
            redirect_host="localhost",
            redirect_ports=REDIRECT_PORTS,
            redirect_path=REDIRECT_PATH,
            api_base=f"{backend}/codex",
            api=ApiRules(
                headers=(("originator", originator),),
                workspace_header="ChatGPT-Account-ID",
                models_query=(("client_version", client_version),),
                models_by_priority=True,
                instructions="Answer the user's question.",
                usage_url=f"{backend}/wham/usage",
            ),
            authorize_params=(
                ("id_token_add_organizations", "true"),
                ("codex_cli_simplified_flow", "true"),
                ("originator", originator),
            ),
            manage_url="https://chatgpt.com/codex/settings/usage",
            connections_url="https://chatgpt.com/#settings/Security",
            notice=(
                "OpenAI made this way of signing in for its own Codex tools. For open-source tools it documents "
                "provider chatgpt, and asks others to move to that one."
            ),
        ),
        otherwise=BUILT_IN,
    )


CODEX = profile()
