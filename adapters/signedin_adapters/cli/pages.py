"""Owns which of a provider's own pages a case speaks of. The catalogue names none: each provider has its own."""

from signedin_adapters.cli.target import Target

_CONNECTIONS = ("device-code-disabled", "logout-not-effective", "registration-gone")
_MANAGEMENT = ("api-key-rejected", "plan-not-included", "usage-limit-hit", "app-usage-limit-hit")


def of(case_id: str, target: Target) -> str | None:
    """The address of that page; None for other cases, and where the provider has no such page."""
    if case_id not in (*_CONNECTIONS, *_MANAGEMENT) or (provider := target.profile()) is None:
        return None
    return provider.connections_url if case_id in _CONNECTIONS else provider.manage_url
