"""Owns writing: a file is there whole and for good, or as it was before.

Temporary file in the same directory (O_EXCL, O_NOFOLLOW, 0600 whatever the umask) → write → fsync → rename → fsync of
the directory. Only a file that was reserved is written in place, and takes its name after: it cannot meet a full disk.
Every failure of the system is a StoreError that names the path and what to do.
"""

import errno
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from secrets import token_hex
from shutil import rmtree

from signedin.errors import StoreError
from signedin_adapters.stores import trust
from signedin_adapters.stores.home import AppPaths

STALE_SECONDS = 3600.0
REPLACE_SECONDS = 2.0
REMOVALS = 20
"""Rounds that a directory is given to become empty."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | trust.GUARD
_FILL = os.O_WRONLY | trust.GUARD
_MEANWHILE = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT})


def write(path: str, data: bytes, *, room: int = 0, durable: bool = True) -> None:
    """Create or replace a file. `room` reserves that many bytes on the disk beside `data`. Raises StoreError.

    Without `durable` the file is whole, but a power cut may bring the old one back.
    """
    temporary = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{token_hex(8)}.tmp")
    with _explained(path):
        try:
            _create(temporary, data, room, durable=durable)
            _replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        if durable:
            sync_directory(os.path.dirname(path))


def fill(reserved: str, data: bytes, path: str) -> None:
    """Write into the room of a file that was reserved, and let it take the name `path`. Raises StoreError.

    It asks the disk for nothing more. Until the rename, `path` is as it was and the reserved file may hold anything.
    """
    with _explained(path):
        descriptor = os.open(reserved, _FILL)
        try:
            _write_all(descriptor, data)
            os.ftruncate(descriptor, len(data))
            _sync(descriptor)
        finally:
            os.close(descriptor)
        _replace(reserved, path)
        sync_directory(os.path.dirname(path))


def rename(source: str, path: str) -> None:
    """Let a file that was written whole take the name `path`, for good. Raises StoreError."""
    with _explained(path):
        descriptor = os.open(source, _FILL)
        try:
            _sync(descriptor)
        finally:
            os.close(descriptor)
        _replace(source, path)
        sync_directory(os.path.dirname(path))


def remove(path: str) -> None:
    """Remove a file for good; one that is not there is fine. Raises StoreError."""
    with _explained(path), suppress(FileNotFoundError):
        os.unlink(path)
        sync_directory(os.path.dirname(path))


def remove_directory(path: str) -> None:
    """Remove a directory with all that lies in it, following no link. Raises StoreError.

    Notes are written without a lock: one that comes or goes while this looks is removed in the next round.
    """
    with _explained(path):
        for left in reversed(range(REMOVALS)):
            try:
                rmtree(path)
                break
            except OSError as error:
                if not left or error.errno not in _MEANWHILE:
                    raise
        sync_directory(os.path.dirname(path))


def set_aside(path: str) -> None:
    """Keep a damaged file under the first free name `….corrupt-N`; one that is not there is fine. Raises StoreError."""
    with _explained(path), suppress(FileNotFoundError):
        number = 1
        while os.path.lexists(f"{path}.corrupt-{number}"):
            number += 1
        os.rename(path, f"{path}.corrupt-{number}")
        sync_directory(os.path.dirname(path))


def sweep(directory: str, *names: str) -> None:
    """Remove what died writers left: of `names`, whose lock the caller holds, at once; of others, after an hour."""
    with suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.startswith(".") and entry.name.endswith(".tmp"):
                ours = entry.name[1:].split(".")[0] in names
                if ours or entry.stat(follow_symlinks=False).st_mtime < time.time() - STALE_SECONDS:
                    os.unlink(entry.path)


def tighten(path: str) -> None:
    """Make our own file one that only its user can read. Raises StoreError."""
    with _explained(path):
        os.chmod(path, 0o600)


def make_app_directories(paths: AppPaths) -> None:
    """Create what is missing from the home down to the accounts, 0700 each. Raises StoreError for one of others."""
    home, *below = paths.directories()
    make_home(home)
    for path in below:
        make_directory(path)


def make_home(home: str) -> None:
    """Create the home if it is missing, 0700. Raises StoreError for one of others."""
    if not trust.check_directory(home, follow=True):
        _refuse_foreign_parent(home)
        with _explained(home):
            os.makedirs(os.path.dirname(home), mode=0o700, exist_ok=True)
    make_directory(home, follow=True)


def make_directory(path: str, *, follow: bool = False) -> None:
    """Create one directory, 0700 whatever the umask, or check the one that is there. Raises StoreError."""
    with _explained(path):
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass
        else:
            os.chmod(path, 0o700)
            sync_directory(os.path.dirname(path))
    trust.check_directory(path, follow=follow)


def sync_directory(path: str) -> None:
    """Make the names in a directory survive a power cut. Raises OSError."""
    if os.name != "posix":  # Windows has no such call; its renames are journalled
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def _create(path: str, data: bytes, room: int, *, durable: bool) -> None:
    descriptor = os.open(path, _CREATE, 0o600)
    try:
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o600)
        if room:
            _reserve(descriptor, len(data) + room)
        _write_all(descriptor, data)
        if durable:
            _sync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _replace(source: str, path: str) -> None:
    """The rename. Windows refuses it while somebody reads the file that is replaced, which takes a moment."""
    until = time.monotonic() + (REPLACE_SECONDS if sys.platform == "win32" else 0.0)
    while True:
        try:
            return os.replace(source, path)
        except PermissionError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.01)  # not run: Windows alone comes here


def _reserve(descriptor: int, size: int) -> None:
    if sys.platform == "linux":
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.write(descriptor, bytes(size))
        os.lseek(descriptor, 0, os.SEEK_SET)


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":  # fsync leaves the data in the drive's cache there
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def _refuse_foreign_parent(path: str) -> None:
    """Root creates no home inside another user's directory: that user could never open it again."""
    parent = os.path.dirname(path)
    while not os.path.exists(parent):
        parent = os.path.dirname(parent)
    if os.name == "posix" and os.geteuid() == 0 and os.stat(parent).st_uid != 0:
        raise StoreError(
            f"{parent} belongs to another user: run this without sudo", case="file-permission-or-owner", path=parent
        )


@contextmanager
def _explained(path: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise trust.store_error(error, path) from error
