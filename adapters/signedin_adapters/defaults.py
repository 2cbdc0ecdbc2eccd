"""Owns what an app gets that names no adapter: the entry points of `signedin.defaults`.

Beside the command line it is the one place that knows several adapters. It holds no state.
"""

import os
from functools import cache, partial

from signedin.errors import StoreError
from signedin.ports import Http, Listen, Log
from signedin.provider import Provider
from signedin_adapters import config, place, providers
from signedin_adapters.http import HttpxClient
from signedin_adapters.log import open_log
from signedin_adapters.loopback import listen
from signedin_adapters.stores import home as places
from signedin_adapters.stores import opening, peek


def provider(name: str, *, home: str | None) -> Provider:
    """The profile of this name. Raises UnknownProvider, ConfigurationError."""
    return providers.find(name, home=home or places.home())


def http(*, home: str | None) -> Http:
    """The HTTP client with the home's `[network]` settings. Raises ConfigurationError."""
    network = config.read(home or places.home()).network
    return HttpxClient(proxy=network.proxy, ca_file=network.ca_file)


def loopback(*, home: str | None) -> Listen:
    """The loopback listener. Sign-ins of one home give a fixed port up for each other."""
    return _loopback(home or places.home())


@cache
def _loopback(home: str) -> Listen:
    """The same for all accounts of the home."""
    return partial(listen, home=home)


def log(*, app: str, home: str | None, store: str) -> Log:
    """The app's log, as `SIGNEDIN_LOG` wants it."""
    paths = places.AppPaths(home or places.home(), places.slug(app))
    return open_log(directory=paths.log, app=paths.slug, store=store, markers=place.markers(os.environ))


def register(asked: str | None) -> str:
    """The name of the store whose records are read before it is known where the key lies: ours share their files."""
    named = asked or os.environ.get("SIGNEDIN_STORE") or "file"
    return "file" if named == "keyring" else named


def store(*, app: str, home: str | None, account_id: str, secret: bool, asked: str | None) -> str:
    """The name of the store to open: as asked, else where the account's key lies, else what `choose` finds.

    Where no keyring answers and nobody decided, it is the keyring all the same: looking works without one, and
    signing in then says what to do.
    """
    if asked is not None:
        return asked
    paths = places.AppPaths(home or places.home(), places.slug(app))
    session = peek.look_at_account(paths, account_id).session
    if session is not None and "SIGNEDIN_STORE" not in os.environ:
        return "keyring" if session.key_in == "keyring" else "file"
    preferences = opening.file(app=app, home=home).preferences()
    try:
        return opening.choose(app=app, preferences=preferences, secret=secret)
    except StoreError:
        return "keyring"
