"""Owns the question whether the configuration names other places than an account's session was made with.

The machine asks the same when it loads an account (`signedin.stored_state`). On the path of `status`: configuration is
read only where there is some, and the built-in `chatgpt` cannot be configured.
"""

import json
import os

from signedin.errors import UnknownProvider
from signedin.facts import AccountFacts


def is_rebound(account: AccountFacts, home: str) -> bool:
    """Whether nothing may be sent with this account's session. Raises ConfigurationError for `config.toml`."""
    if account.session is None or account.provider == "chatgpt":
        return False
    if account.provider == "sandbox":
        return _sandbox_moved(account, os.path.join(home, "sandbox.json"))
    from signedin_adapters import providers

    try:
        provider = providers.find(account.provider, home=home)
    except UnknownProvider:
        return True
    endpoint = provider.token_endpoint
    moved = endpoint is not None and bool(account.token_endpoint) and endpoint != account.token_endpoint
    return moved or account.issuer != provider.issuer or account.api_base != provider.api_base


def _sandbox_moved(account: AccountFacts, file: str) -> bool:
    """A sandbox that is not there, or says nothing of use, has not moved."""
    try:
        with open(file, "rb") as stream:
            said = json.loads(stream.read())
        return (said["issuer"], said["api_base"]) != (account.issuer, account.api_base)
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return False
