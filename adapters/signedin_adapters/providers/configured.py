"""Owns what a table `[providers.NAME]` of `config.toml` may say, and the profile that comes of it.

Every mistake is a ConfigurationError that names file, line and key; a setting that would do nothing is one.
"""

import re
from typing import Any

from signedin.provider import Provider
from signedin_adapters.config.table import Table
from signedin_adapters.providers import codex
from signedin_adapters.providers.sources import BUILT_IN, DEFAULT, with_sources

TAKEN = ("chatgpt", "codex", "openai", "sandbox", "sandbox-codex", "sandbox-native")
"""Names that mean the project's own profiles, built in now or later. Of `codex` a table may say what we are there."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SCOPE = re.compile(r"[!#-\[\]-~]+")  # RFC 6749 §3.3
_PATH = re.compile(r"/[A-Za-z0-9._~-][A-Za-z0-9._~/-]*")
_ORIGINATOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?")
_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){2}")
_RESOURCE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!$-~]+")  # RFC 8707 §2: absolute, without fragment

_OURS = (
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
)
"""Parameters of the authorization request that are made for each attempt, or that another setting makes."""


def profile(table: Table) -> Provider:
    """Read one table whole. Raises ConfigurationError."""
    if table.name == "codex":
        return _codex(table)
    _check_name(table)
    if table.choice("registration", ("fixed", "agent", "api-key")) == "api-key":
        return _with_key(table)
    settings: dict[str, Any] = {
        "title": table.text("title") or table.name,
        "issuer": _required_url(table, "issuer"),
        "client_id": table.required("client_id"),
        "registration": table.text("registration"),
        "scopes": _scopes(table),
        "plan_scope": table.text("plan_scope"),
        "authorization_endpoint": table.url("authorization_endpoint"),
        "token_endpoint": table.url("token_endpoint"),
        "jwks_uri": table.url("jwks_uri"),
        "revocation_endpoint": table.url("revocation_endpoint"),
        "device_authorization_endpoint": table.url("device_authorization_endpoint"),
        "redirect_host": table.choice("redirect_host", ("127.0.0.1", "localhost")),
        "redirect_ports": table.integers("redirect_ports", lowest=0, highest=65535),
        "redirect_path": _matching(table, "redirect_path", _PATH, "must begin with / and name a path"),
        "resource": _matching(table, "resource", _RESOURCE, "must be an absolute URI without #"),
        "api_base": table.url("api_base"),
        "authorize_params": _authorize_params(table.table("authorize_params")),
        "manage_url": table.url("manage_url"),
        "connections_url": table.url("connections_url"),
    }
    table.finish()
    provider = Provider(name=table.name, **{key: value for key, value in settings.items() if value is not None})
    if provider.plan_scope is not None and provider.plan_scope not in provider.scopes:
        table.refuse("plan_scope", "must be one of the scopes")
    if provider.device_authorization_endpoint is not None and provider.registration == "agent":
        table.refuse("device_authorization_endpoint", 'does nothing beside registration = "agent"')
    return with_sources(provider, {key: table.source(key) for key in table.keys}, otherwise=DEFAULT)


def _codex(table: Table) -> Provider:
    """The built-in profile, but for what the tool is called there and which version of the Codex tools it is like."""
    originator = _matching(
        table, "originator", _ORIGINATOR, "must be 1 to 64 letters, digits, spaces, dots and hyphens"
    )
    version = _matching(table, "client_version", _VERSION, "must be three numbers, X.Y.Z")
    table.finish()
    if originator is not None and originator.lower().startswith("codex"):
        table.refuse("originator", "must be the name of your own tool")
    provider = codex.profile(originator=originator or codex.ORIGINATOR, client_version=version or codex.CLIENT_VERSION)
    names = {"originator": ("authorize_params", "api.headers"), "client_version": ("api.models_query",)}
    found = {f"{group}.{key}": table.source(key) for key in table.keys for group in names[key]}
    return with_sources(provider, found, otherwise=BUILT_IN)


def _with_key(table: Table) -> Provider:
    """A provider that is signed in to with an API key: it has an API, and nothing of OAuth's."""
    table.required("api_base")
    api_base = table.url("api_base") or ""
    settings: dict[str, Any] = {"title": table.text("title") or table.name, "manage_url": table.url("manage_url")}
    table.finish()
    provider = Provider(
        name=table.name, issuer=api_base, registration="api-key", scopes=(), api_base=api_base, **settings
    )
    return with_sources(provider, {key: table.source(key) for key in table.keys}, otherwise=DEFAULT)


def _check_name(table: Table) -> None:
    if table.name in TAKEN:
        table.refuse_whole(f'is a name of our own: choose another, like "my-{table.name}"')
    if not _NAME.fullmatch(table.name):
        table.refuse_whole("must be named with at most 40 lower-case letters, digits and hyphens")


def _required_url(table: Table, key: str) -> str:
    table.required(key)
    return table.url(key) or ""


def _scopes(table: Table) -> tuple[str, ...] | None:
    scopes = table.texts("scopes")
    if scopes is not None and not all(_SCOPE.fullmatch(scope) for scope in scopes):
        table.refuse("scopes", "must be a list of single words")
    return scopes


def _matching(table: Table, key: str, pattern: re.Pattern[str], what: str) -> str | None:
    value = table.text(key)
    if value is not None and not pattern.fullmatch(value):
        table.refuse(key, what)
    return value


def _authorize_params(table: Table) -> tuple[tuple[str, str], ...]:
    for key in table.keys:
        if key in _OURS:
            table.refuse(key, "is set by signedin itself")
    return tuple((key, table.required(key)) for key in table.keys)
