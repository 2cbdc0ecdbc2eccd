"""Owns the profile `chatgpt`: OpenAI's documented sign-in for tools that run on their user's own machine.

Every value here is an entry of docs/wire.md, which says where it was read and whether it was seen.
"""

from signedin.provider import Provider
from signedin_adapters.providers.sources import BUILT_IN, with_sources

REQUESTED_CLIENT_ID = "dynamic_agent_client"
"""Asks for a registration; the callback carries the id that was issued (wire.md, REG-1)."""

SCOPES = ("openid", "profile", "email", "offline_access", "resource.invoke", "chatgpt.tokens.use.direct")
PLAN_SCOPE = "chatgpt.tokens.use.direct"
REDIRECT_PATH = "/auth/callback"

_ISSUER = "https://auth.openai.com"
_API = "https://api.openai.com/v1"

CHATGPT = with_sources(
    Provider(
        name="chatgpt",
        title="ChatGPT plan",
        issuer=_ISSUER,
        client_id=REQUESTED_CLIENT_ID,
        registration="agent",
        scopes=SCOPES,
        plan_scope=PLAN_SCOPE,
        authorization_endpoint=f"{_ISSUER}/api/accounts/authorize",
        token_endpoint=f"{_ISSUER}/api/accounts/oauth/token",
        jwks_uri=f"{_ISSUER}/.well-known/jwks.json",
        revocation_endpoint=f"{_ISSUER}/api/accounts/oauth/revoke",
        redirect_path=REDIRECT_PATH,
        resource=_API,
        api_base=_API,
        manage_url="https://chatgpt.com/settings/usage",
        connections_url="https://chatgpt.com/#settings/Security/linked-apps",
    ),
    otherwise=BUILT_IN,
)
