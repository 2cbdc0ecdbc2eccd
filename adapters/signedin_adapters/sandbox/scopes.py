"""What an app can ask for, and which part of it a declined plan use leaves.

Owns the scope words and nothing else.
"""

IDENTITY_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
PLAN_SCOPES = frozenset({"resource.invoke", "chatgpt.tokens.use.direct"})
CONNECTOR_SCOPES = frozenset({"api.connectors.read", "api.connectors.invoke"})
ALL_SCOPES = IDENTITY_SCOPES | PLAN_SCOPES

# The order in which the documented authorize request writes them.
IDENTITY_SCOPE = "openid profile email offline_access"
FULL_SCOPE = f"{IDENTITY_SCOPE} resource.invoke chatgpt.tokens.use.direct"


def alphabetical(scopes: frozenset[str]) -> str:
    """The scopes as one space-separated string, sorted, as the callback carries them."""
    return " ".join(sorted(scopes))
