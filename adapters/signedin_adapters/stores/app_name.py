"""Owns whose directory an app's directory is: `app.json` keeps the name that its first sign-in came under.

A slug leaves out case and punctuation, so two names can share one; the second is refused, lest one app see the
other's accounts. On the path of `status`: small modules of ours.
"""

from signedin.errors import ConfigurationError, StoreError
from signedin_adapters.stores import trust
from signedin_adapters.stores.fields import Fields
from signedin_adapters.stores.home import AppPaths


def known(paths: AppPaths) -> str | None:
    """The name that the directory goes by. None where there is none yet, or it cannot be read: it guards no secret."""
    try:
        data = trust.read(paths.name)
        return None if data is None else Fields(data, paths.name).text("name")
    except StoreError:
        return None


def require(paths: AppPaths, app_name: str) -> None:
    """Raise ConfigurationError where the directory is another app's."""
    theirs = known(paths)
    if theirs not in (None, app_name):
        raise ConfigurationError(
            f"{paths.directory} is the app “{theirs}”, and “{app_name}” differs in case or punctuation alone: give the "
            "app another name, or SIGNEDIN_HOME another directory"
        )
