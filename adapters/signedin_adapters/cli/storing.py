"""Owns which store a command opens, and the one question that a person may have to answer about it.

On a machine without a keyring a key file is normal, but it is never chosen without a word of the user's.
"""

import os
from dataclasses import replace

from signedin.errors import ConfigurationError, StoreError
from signedin.facts import AccountFacts
from signedin.ports import Store
from signedin.provider import Provider
from signedin.wiring import store_named
from signedin_adapters import defaults
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.unopened import noted
from signedin_adapters.stores import trust

READ_HERE = ("file", "keyring", "memory")
"""What `status` and the others understand without opening it; in any other store they would find nobody signed in."""
QUESTION = """\
This machine has no keyring that could hold the key of your sign-in.
The key can lie in a file that only you can read instead,
like an ssh key without a passphrase: whoever can read your files,
or a backup of them, can use the sign-in."""


def open_store(call: Invocation, choice: Choice, provider: Provider) -> Store:
    """The store of the chosen account; it tells people what the desktop is asking them. Raises StoreError."""
    name = defaults.store(
        app=call.program.app_name,
        home=call.program.home,
        account_id=choice.account.id if choice.account is not None else "none",
        secret=provider.secret,
        asked=None,
    )
    return _open(call, name)


def open_store_to_sign_in(call: Invocation, choice: Choice, provider: Provider) -> Store:
    """The same, proved to take a session; asks once for leave to keep the key in a file where nothing else is there."""
    store = open_store(call, choice, provider)
    _warn_of_passphrase(call)
    with noted(StoreError, call.program, call="sign-in"):
        return _proved(call, store)


def store_of(call: Invocation, account: AccountFacts) -> Store:
    """The store that holds the account, whatever its provider."""
    in_keyring = account.session is not None and account.session.key_in == "keyring"
    return _open(call, os.environ.get("SIGNEDIN_STORE") or ("keyring" if in_keyring else "file"))


def register(call: Invocation) -> Store:
    """A store for what is no secret: records and preferences. It needs no key."""
    return _open(call, defaults.register(None))


def _proved(call: Invocation, store: Store) -> Store:
    try:
        store.probe()
    except StoreError as error:
        if error.case != "keyring-backend-missing" or not call.out.asks or "SIGNEDIN_STORE" in os.environ:
            raise
        return _keep_the_key_in_a_file(call, error)
    return store


def _warn_of_passphrase(call: Invocation) -> None:
    """A passphrase that others may read guards less than it seems; secrets of containers often are like that."""
    path = os.environ.get("SIGNEDIN_PASSPHRASE_FILE", "")
    if trust.too_open(path):
        call.out.note(f"Others may read {path}, which SIGNEDIN_PASSPHRASE_FILE names.")


def _keep_the_key_in_a_file(call: Invocation, error: StoreError) -> Store:
    call.out.note(QUESTION)
    if not call.out.confirms("Keep it in such a file?"):
        raise error
    store = _open(call, "file")
    store.save_preferences(replace(store.preferences(), store="file"))
    call.out.note()
    return store


def _open(call: Invocation, name: str) -> Store:
    open_named = store_named(name)
    if name not in READ_HERE:
        known = ", ".join(READ_HERE)
        raise ConfigurationError(f"SIGNEDIN_STORE is {name}, a store for apps: this command reads {known} alone.")
    opened: Store = open_named(app=call.program.app_name, home=call.program.home, asking=call.out.note)
    return opened
