"""Owns the question whether what lies on disk may be trusted: owner, kind, links, who else may write.

It reads and refuses; it never creates, mends or changes a mode. On the path of `status`: no typing, no contextlib.
"""

import errno
import os
import stat

from signedin.classify.disk import disk_case
from signedin.errors import StoreError

LIMIT = 1024 * 1024

GUARD = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""The flags with which every file of ours is opened: no link, not for children, bytes as they are."""
_READ = os.O_RDONLY | GUARD | getattr(os, "O_NONBLOCK", 0)  # a FIFO that was planted here must not hold us
_PERMISSION = "file-permission-or-owner"

Stamp = tuple[int, int, int]


def read(path: str) -> bytes | None:
    """A whole file of ours, None where there is none. Raises StoreError for one that is not to be trusted."""
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise store_error(error, path) from error
    try:
        check_file(descriptor, path)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise store_error(error, path) from error
    finally:
        os.close(descriptor)
    if len(data) > LIMIT:
        raise StoreError(f"{path} is too large to be ours", case="file-corrupt-truncated", path=path)
    return data


def stamp(path: str) -> Stamp | None:
    """Inode, size and time of a file, None where there is none: what tells it from the next. Never raises."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def too_open(path: str) -> bool:
    """Whether others may read the file. Never raises; a file that is not there is closed."""
    try:
        return os.name == "posix" and bool(os.lstat(path).st_mode & 0o077)
    except OSError:
        return False


def check_file(descriptor: int, path: str) -> None:
    """Refuse what is no regular file, has a second name, or belongs to somebody else."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"{path} is not a regular file: move it away", case=_PERMISSION, path=path)
    if status.st_nlink > 1:
        raise StoreError(f"{path} has a second name (a hard link): remove the other one", case=_PERMISSION, path=path)
    _check_owner(status, path)


def check_directory(path: str, *, follow: bool = False) -> bool:
    """Refuse a directory of somebody else's, or one that others may write to. False where there is none.

    `follow` is for the home alone, which a user may have put elsewhere.
    """
    try:
        status = os.stat(path, follow_symlinks=follow)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise store_error(error, path) from error
    if stat.S_ISLNK(status.st_mode):
        raise StoreError(f"{path} is a symbolic link: put the directory itself there", case=_PERMISSION, path=path)
    if not stat.S_ISDIR(status.st_mode):
        raise StoreError(f"{path} is not a directory: move it away", case=_PERMISSION, path=path)
    _check_owner(status, path)
    if os.name == "posix" and status.st_mode & 0o022:
        raise StoreError(f"Others may write to {path}: run `chmod go-w {path}`", case=_PERMISSION, path=path)
    return True


def _check_owner(status: os.stat_result, path: str) -> None:
    if os.name != "posix" or status.st_uid == os.geteuid():
        return
    if os.geteuid() == 0:
        raise StoreError(f"{path} belongs to another user: run this without sudo", case=_PERMISSION, path=path)
    raise StoreError(
        f"{path} belongs to another user (uid {status.st_uid}): run `sudo chown -R {os.geteuid()} {path}`",
        case=_PERMISSION,
        path=path,
    )


def store_error(error: OSError, path: str) -> StoreError:
    """What the system said, as a case and in words: the disk, the permissions, or something else by its symbol."""
    case = disk_case(error.errno, getattr(error, "winerror", None))
    return StoreError(_told(case, error, path), case=case, path=path)


def _told(case: str, error: OSError, path: str) -> str:
    if case == "disk-full-or-readonly":
        return f"{path} cannot be written: the disk is full or read-only. Free some space and try again"
    if error.errno == errno.ELOOP:
        return f"{path} is a symbolic link: put the file itself there"
    if case == _PERMISSION:
        return f"{path} may not be read or written by this user: check its owner and mode"
    return f"{path} cannot be used ({errno.errorcode.get(error.errno or 0, 'unknown error')})"
