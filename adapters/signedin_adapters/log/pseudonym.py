"""Owns the pseudonyms: one account has one name in the logs of one app, which means nothing without `log/key`.

The key protects no account: it keeps a log that was handed on from being matched with anything else.
"""

import hmac
import os
import secrets
from contextlib import suppress

from signedin_adapters.log.rotating import check_own, make_directory

KEY_BYTES = 32
_GUARD = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_READ = os.O_RDONLY | _GUARD | getattr(os, "O_NONBLOCK", 0)  # a pipe that lies there must not hold us


class Pseudonyms:
    """Names under one key. Where the key cannot be kept, the names hold for this run alone."""

    __slots__ = ("_key",)

    def __init__(self, directory: str) -> None:
        try:
            self._key = _kept_key(os.path.join(directory, "key"))
        except OSError:
            self._key = secrets.token_bytes(KEY_BYTES)

    def name(self, account: str) -> str:
        """`account-` and 16 hexadecimal digits."""
        return f"account-{hmac.digest(self._key, account.encode(), 'sha256').hex()[:16]}"


def _kept_key(path: str) -> bytes:
    """The key on disk, made whole before it gets its name: two processes that begin at once agree on one."""
    try:
        return _read(path)
    except FileNotFoundError:
        make_directory(os.path.dirname(path))
    fresh = f"{path}.{secrets.token_hex(8)}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _GUARD, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        os.close(descriptor)
        os.unlink(fresh)
    return _read(path)


def _read(path: str) -> bytes:
    descriptor = os.open(path, _READ)
    try:
        check_own(descriptor, links=2)  # its maker may not have removed the first name yet
        key = os.read(descriptor, KEY_BYTES)
    finally:
        os.close(descriptor)
    if len(key) != KEY_BYTES:
        raise OSError("not a key")
    return key
