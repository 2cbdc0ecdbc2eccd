"""Owns the question whether the configuration names other places than an account's session was made with.

The rule is `signedin.stored_state`'s, which asks the same when an account is loaded. On the path of `status`:
configuration is read only where there is some, and the built-in `chatgpt` cannot be configured.
"""

import json
import os

from signedin.errors import ConfigurationError, UnknownProvider
from signedin.facts import AccountFacts


def is_rebound(account: AccountFacts, home: str) -> bool:
    """Whether nothing may be sent with this account's session. Raises ConfigurationError for `config.toml`."""
    if account.session is None or account.provider == "chatgpt":
        return False
    if account.provider == "sandbox":
        return _sandbox_moved(account, os.path.join(home, "sandbox.json"))
    from signedin import stored_state
    from signedin_adapters import providers

    try:
        provider = providers.find(account.provider, home=home)
    except UnknownProvider:
        return True
    except ConfigurationError:
        if account.provider in providers.SANDBOXES:
            return False
        raise
    return stored_state.is_rebound(account, provider)


def _sandbox_moved(account: AccountFacts, file: str) -> bool:
    """A sandbox that is not there, or says nothing of use, has not moved."""
    try:
        with open(file, "rb") as stream:
            said = json.loads(stream.read())
        return (said["issuer"], said["api_base"]) != (account.issuer, account.api_base)
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return False
