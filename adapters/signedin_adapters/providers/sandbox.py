"""Owns the profile `sandbox`: the authorization server and API that ship with the project, wherever they run now.

`signedin sandbox` writes `sandbox.json` into the home; this reads it and never starts anything. Endpoints are not in
it: they are discovered, as at a stranger's server.
"""

import json
import os
from typing import cast

from signedin.errors import ConfigurationError
from signedin.oauth.urls import is_loopback, origin, require_safe
from signedin.provider import Provider
from signedin_adapters.providers.chatgpt import PLAN_SCOPE, REDIRECT_PATH, REQUESTED_CLIENT_ID, SCOPES
from signedin_adapters.providers.sources import BUILT_IN, with_sources

TITLE = "Sandbox on this machine"
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


def _damaged(file: str) -> ConfigurationError:
    return ConfigurationError(f"{file} is damaged: run `{START}` again")
