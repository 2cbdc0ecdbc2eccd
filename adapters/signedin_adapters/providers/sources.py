"""Owns how a profile says where each of its settings came from."""

from collections.abc import Mapping
from dataclasses import fields, replace

from signedin.provider import Provider

BUILT_IN = "built in"
DEFAULT = "default"

_NO_SETTINGS = ("name", "secret", "sources")
_REDIRECT = ("redirect_host", "redirect_ports", "redirect_path")


def with_sources(provider: Provider, found: Mapping[str, str] | None = None, *, otherwise: str) -> Provider:
    """The profile with its `sources`: one for each setting that has a value, `otherwise` for those not in `found`."""
    places = found or {}
    without = (*_NO_SETTINGS, *_REDIRECT) if provider.takes_key else _NO_SETTINGS
    names = [field.name for field in fields(provider) if field.name not in without]
    sources = ((name, places.get(name, otherwise)) for name in names if getattr(provider, name) not in (None, (), ""))
    return replace(provider, sources=tuple(sources))
