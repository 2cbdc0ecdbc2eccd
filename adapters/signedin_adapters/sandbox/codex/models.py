"""The backend's models: in no order, some for newer tools alone.

``priority`` says which comes first, ``minimal_client_version`` whom a model is kept from. The names are invented.
"""

from typing import Any

from signedin_adapters.sandbox.refusals import ApiRefusal


def _model(
    slug: str, display_name: str, *, priority: int, since: str = "0.1.0", visibility: str = "list"
) -> dict[str, Any]:
    return {
        "slug": slug,
        "display_name": display_name,
        "description": "It repeats what it was asked.",
        "priority": priority,
        "visibility": visibility,
        "supported_in_api": True,
        "minimal_client_version": since,
        "context_window": 128_000,
        "input_modalities": ["text", "image"],
        "supported_reasoning_levels": [
            {"effort": "low", "description": "Quick"},
            {"effort": "high", "description": "Slow"},
        ],
        "default_reasoning_level": "low",
        "shell_type": "default",
        "supports_parallel_tool_calls": True,
        "support_verbosity": False,
        "base_instructions": "You are the sandbox. You repeat what you were asked, and nothing leaves this machine.",
        "upgrade": None,
    }


MODELS: tuple[dict[str, Any], ...] = (
    _model("sandbox-codex-mini", "Sandbox Codex Mini", priority=20),
    _model("sandbox-codex-reserve", "Sandbox Codex Reserve", priority=5, visibility="hide"),
    _model("sandbox-codex", "Sandbox Codex", priority=10),
    _model("sandbox-codex-next", "Sandbox Codex Next", priority=1, since="99.0.0"),
)

SLUGS = frozenset(str(model["slug"]) for model in MODELS)
"""Every model that is served, whether it is listed or not."""


def listed_for(client_version: str) -> list[dict[str, Any]]:
    """What a tool of this version may see; raises ApiRefusal where it is no version (X.Y.Z in digits)."""
    asked = _numbers(client_version)
    if len(asked) != 3:
        raise ApiRefusal.detail(400, "client_version must be X.Y.Z")
    return [model for model in MODELS if _numbers(model["minimal_client_version"]) <= asked]


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()
