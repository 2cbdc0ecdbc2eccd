"""Owns where things lie: the home directory, the slug of an app's name, the path of every file. It touches no file.

On the path of `status`: it imports `os` and `sys` alone.
"""

import os
import sys

SLUG_LENGTH = 64


def home() -> str:
    """`$SIGNEDIN_HOME`, else the user data directory of this system; always absolute."""
    chosen = os.environ.get("SIGNEDIN_HOME")
    return os.path.abspath(os.path.expanduser(chosen)) if chosen else os.path.join(_user_data(), "signedin")


def _user_data() -> str:
    if sys.platform == "win32":  # written to Microsoft's documentation, not run
        return os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Application Support")
    chosen = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification has relative paths ignored.
    return chosen if os.path.isabs(chosen) else os.path.expanduser("~/.local/share")


def slug(app_name: str) -> str:
    """The app's name as a directory: lower case, letters, digits and hyphens. A slug is its own slug.

    A name outside ASCII gets a checksum, so that two of them never share their accounts.
    """
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in app_name.lower())
    plain = "-".join(kept.split())
    if app_name.isascii() and plain and len(plain) <= SLUG_LENGTH:
        return plain
    from binascii import crc32

    checksum = f"{crc32(app_name.encode()):08x}"
    return "-".join(part for part in (plain[: SLUG_LENGTH - 9].strip("-"), checksum) if part)


class AppPaths:
    """The files of one app under one home."""

    __slots__ = (
        "accounts",
        "attempt",
        "directory",
        "home",
        "host_id",
        "log",
        "name",
        "preferences",
        "sign_in_lock",
        "slug",
    )

    def __init__(self, home: str, slug: str) -> None:
        self.home, self.slug = os.path.abspath(home), slug  # whoever changes the directory later loses nothing
        self.directory = os.path.join(self.home, "apps", slug)
        self.name = os.path.join(self.directory, "app.json")
        self.accounts = os.path.join(self.directory, "accounts")
        self.preferences = os.path.join(self.directory, "preferences.json")
        self.host_id = os.path.join(self.directory, "host-id")
        self.attempt = os.path.join(self.directory, "attempt.json")
        self.sign_in_lock = os.path.join(self.directory, "sign-in.lock")
        self.log = os.path.join(self.directory, "log")

    def account(self, account_id: str) -> "AccountPaths":
        """The files of one account. An id that is no plain word is refused as a ValueError: it would name a path."""
        if not account_id.isascii() or not account_id.replace("-", "").isalnum():
            raise ValueError("an account's id has letters, digits and hyphens only")
        return AccountPaths(self, account_id)

    def directories(self) -> tuple[str, ...]:
        """The home and what lies between it and the accounts, outermost first."""
        return (self.home, os.path.dirname(self.directory), self.directory, self.accounts)


class _Named:
    """A file of an account, by its name in the account's directory: an account at rest keeps no twelve paths."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, paths: "AccountPaths", owner: object = None) -> str:
        return os.path.join(paths.directory, self.name)


class AccountPaths:
    """The files of one account; what each means stands beside its store."""

    __slots__ = ("directory", "id")

    record = _Named("account.json")
    session = _Named("session")
    health = _Named("health.json")
    models = _Named("models.json")
    intent = _Named("intent")
    answered = _Named("answered")
    signed_out = _Named("signed-out")
    revocation_pending = _Named("revocation-pending")
    lock = _Named("lock")
    sign_in_lock = _Named("sign-in.lock")
    key = _Named("key")
    wrapped_key = _Named("key.wrapped")

    def __init__(self, app: AppPaths, account_id: str) -> None:
        self.id = account_id
        self.directory = os.path.join(app.accounts, account_id)
