"""The model catalogue: what ``GET /v1/models`` lists, and what ``/v1/responses`` will serve.

The entries carry the extra fields that the live catalogue has, so that parsers meet them. The names are invented.
"""

from typing import Any


def _model(slug: str, display_name: str, *, visibility: str = "list", priority: int) -> dict[str, Any]:
    return {
        "slug": slug,
        "display_name": display_name,
        "visibility": visibility,
        "supported_in_api": True,
        "context_window": 128_000,
        "input_modalities": ["text", "image"],
        "supported_reasoning_levels": [{"effort": "low"}, {"effort": "medium"}, {"effort": "high"}],
        "default_reasoning_level": "medium",
        "priority": priority,
        "base_instructions": "You are the sandbox. You repeat what you were asked, and nothing leaves this machine.",
        "model_messages": None,
    }


MODELS: tuple[dict[str, Any], ...] = (
    _model("sandbox-large", "Sandbox Large", priority=1),
    _model("sandbox-small", "Sandbox Small", priority=2),
    _model("sandbox-reserve", "Sandbox Reserve", visibility="hide", priority=3),
)

SLUGS = frozenset(str(model["slug"]) for model in MODELS)
"""Every model that is served: a hidden one is not listed to people, but answers."""
