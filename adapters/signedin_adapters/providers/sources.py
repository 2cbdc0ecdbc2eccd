"""Owns how a profile says what its settings are, one by one, and where each of them came from."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import cast

from signedin.provider import Provider

BUILT_IN = "built in"
DEFAULT = "default"

_NO_SETTINGS = ("name", "notice", "secret", "sources")
_OAUTH = ("redirect_host", "redirect_ports", "redirect_path", "revocation", "sends_nonce")
"""What has a value in every profile, and means nothing where an API key is all there is."""
_PAIRS = ("authorize_params", "api.headers", "api.models_query")


def with_sources(provider: Provider, found: Mapping[str, str] | None = None, *, otherwise: str) -> Provider:
    """The profile with its `sources`, one for each of its `settings`, `otherwise` for those not in `found`.

    What was found for a whole group is true of everything in it.
    """
    places = found or {}
    keys = [key for key, _ in settings(provider)]
    sources = ((key, places.get(key) or places.get(key.partition(".")[0]) or otherwise) for key in keys)
    return replace(provider, sources=tuple(sources))


def settings(provider: Provider) -> Iterator[tuple[str, object]]:
    """Every setting that has a value, by a name as TOML would have it: `scopes`, `api.headers.originator`."""
    without = (*_NO_SETTINGS, *_OAUTH) if provider.takes_key else _NO_SETTINGS
    for each in fields(provider):
        if each.name not in without:
            yield from _named(each.name, getattr(provider, each.name))


def _named(name: str, value: object) -> Iterator[tuple[str, object]]:
    """The setting of this name, or those inside it; in a group, what is as in every profile goes without saying."""
    if is_dataclass(value):
        for each in fields(value):
            inner = getattr(value, each.name)
            if inner != each.default:
                yield from _named(f"{name}.{each.name}", inner)
    elif name in _PAIRS:
        yield from ((f"{name}.{key}", text) for key, text in cast(tuple[tuple[str, str], ...], value))
    elif value not in (None, (), ""):
        yield name, value
