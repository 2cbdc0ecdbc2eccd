"""Owns what the error means that an authorization server sends a browser back with (RFC 6749 §4.1.2.1)."""

_ENTITLEMENT = "missing_codex_entitlement"


def error_case(error: str, description: str = "") -> str:
    """The case of this `error`. Of its description only the one word is looked for that a workspace's refusal has."""
    if error != "access_denied":
        return "authorization-refused"
    return "workspace-not-entitled" if _ENTITLEMENT in description.lower() else "user-denied-consent"
