"""Owns the profiles of the sandbox: the servers that ship with the project, wherever they run now.

It plays three parts: `sandbox` that of chatgpt, `sandbox-codex` that of codex, `sandbox-native` that of any server that
`config.toml` could name. `signedin sandbox` writes `sandbox.json` into the home; this reads it and never starts
anything. Endpoints are discovered, as at a stranger's server, but for the part of codex, which has no document.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from signedin.errors import ConfigurationError
from signedin.oauth.urls import is_loopback, origin, require_safe
from signedin.provider import Provider
from signedin_adapters.providers import codex
from signedin_adapters.providers.chatgpt import PLAN_SCOPE, REDIRECT_PATH, REQUESTED_CLIENT_ID, SCOPES
from signedin_adapters.providers.sources import BUILT_IN, with_sources

TITLE = "Sandbox on this machine"
CODEX_TITLE = "Sandbox, the codex way"
NATIVE_TITLE = "Sandbox, with a fixed client"
NATIVE_CLIENT_ID = "sandbox-native"
FILE = "sandbox.json"
LIMIT = 64 * 1024
START = "signedin sandbox"


def path(home: str) -> str:
    """Where the sandbox of this home says how it is reached."""
    return os.path.join(home, FILE)


def profile(home: str) -> Provider:
    """The sandbox of this home. Raises ConfigurationError with the one command to run where none is running."""
    file = path(home)
    settings = _read(file)
    issuer, api_base = _url(settings, "issuer", file), _url(settings, "api_base", file)
    provider = Provider(
        name="sandbox",
        title=TITLE,
        issuer=issuer,
        client_id=REQUESTED_CLIENT_ID,
        registration="agent",
        scopes=SCOPES,
        plan_scope=PLAN_SCOPE,
        redirect_path=REDIRECT_PATH,
        resource=api_base,
        api_base=api_base,
        manage_url=issuer,
        connections_url=issuer,
        secret=False,
    )
    return with_sources(provider, dict.fromkeys(("issuer", "api_base", "resource"), file), otherwise=BUILT_IN)


def codex_profile(home: str) -> Provider:
    """The same sandbox as a stand-in for codex, on the ports it was started with. Raises ConfigurationError."""
    file = path(home)
    settings = _read(file)
    issuer = _url(settings, "issuer", file)
    provider = replace(
        codex.profile(issuer=issuer, backend=f"{issuer}/backend-api"),
        name="sandbox-codex",
        title=CODEX_TITLE,
        redirect_ports=_ports(settings, file),
        manage_url=issuer,
        connections_url=issuer,
        secret=False,
    )
    return with_sources(provider, dict.fromkeys(("issuer", "redirect_ports"), file), otherwise=BUILT_IN)


def native_profile(home: str) -> Provider:
    """The same sandbox as a server with one fixed client, found by discovery alone. Raises ConfigurationError."""
    file = path(home)
    url = _url(_read(file), "issuer", file)
    provider = Provider(
        name="sandbox-native",
        title=NATIVE_TITLE,
        issuer=f"{url}/native",
        client_id=NATIVE_CLIENT_ID,
        scopes=("openid", "profile", "email", "offline_access"),
        redirect_path=REDIRECT_PATH,
        api_base=f"{url}/native/v1",
        manage_url=url,
        connections_url=url,
        secret=False,
    )
    return with_sources(provider, dict.fromkeys(("issuer", "api_base"), file), otherwise=BUILT_IN)


def _read(file: str) -> dict[str, object]:
    try:
        with open(file, "rb") as stream:
            settings: object = json.loads(stream.read(LIMIT))
    except FileNotFoundError:
        raise ConfigurationError(f"no sandbox is running here: run `{START}` in another terminal") from None
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise _damaged(file) from None
    if not isinstance(settings, dict):
        raise _damaged(file)
    return cast(dict[str, object], settings)


def _url(settings: dict[str, object], key: str, file: str) -> str:
    """A URL on this machine: what the sandbox's accounts hold is not sealed, so it must not leave."""
    value = settings.get(key)
    if not isinstance(value, str):
        raise _damaged(file)
    require_safe(value, f"{file}: {key}")
    if not is_loopback(origin(value)[1]):
        raise ConfigurationError(f"{file}: {key} must be a loopback address: run `{START}` again")
    return value


def _ports(settings: dict[str, object], file: str) -> tuple[int, ...]:
    """The ports that the codex client is registered with; a sandbox that does not say has the usual ones."""
    ports = settings.get("codex_ports", codex.REDIRECT_PORTS)
    if not isinstance(ports, Iterable):
        raise _damaged(file)
    found = [port for port in cast(Iterable[object], ports) if isinstance(port, int) and 0 < port < 65536]
    if not found:
        raise _damaged(file)
    return tuple(found)


def _damaged(file: str) -> ConfigurationError:
    return ConfigurationError(f"{file} is damaged: run `{START}` again")
