"""Owns how a profile says where each of its settings came from."""

from collections.abc import Mapping
from dataclasses import fields, replace

from signedin.provider import Provider

BUILT_IN = "built in"
DEFAULT = "default"

_NO_SETTINGS = ("name", "secret", "sources")


def with_sources(provider: Provider, found: Mapping[str, str] | None = None, *, otherwise: str) -> Provider:
    """The profile with its `sources`: one for each setting that has a value, `otherwise` for those not in `found`."""
    places = found or {}
    names = [field.name for field in fields(provider) if field.name not in _NO_SETTINGS]
    sources = ((name, places.get(name, otherwise)) for name in names if getattr(provider, name) not in (None, ()))
    return replace(provider, sources=tuple(sources))
