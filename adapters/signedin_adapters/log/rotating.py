"""Owns the file under the log: one O_APPEND write a line, and rotation by size under a lock.

Nothing is held open between lines: a log costs no descriptor, survives a fork, and needs no closing. A line is never
written through a symbolic link or into a file of somebody else's. Writing takes no lock, so a stopped process cannot
hold up another one's sign-in; a line that meets a rotation lands in the file before.
"""

import os
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from itertools import pairwise

MAX_BYTES = 1024 * 1024
FILES = 5
"""The file being written and those before it: `NAME`, `NAME.1` (the youngest) … `NAME.4`."""

_GUARD = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | _GUARD


class RotatingFile:
    """A file of at most `max_bytes`, with its predecessors. Every method may raise OSError."""

    def __init__(self, path: str, *, lock: str | None = None, max_bytes: int = MAX_BYTES, files: int = FILES) -> None:
        self._path, self._max_bytes, self._files = path, max_bytes, files
        self._lock = lock or os.path.join(os.path.dirname(path), "lock")
        self._torn = False

    def append(self, line: bytes) -> None:
        """Write one whole line, ended by a newline, in one call. A disk that took half of it gets a new line next."""
        make_directory(os.path.dirname(self._path))
        if self._size() + len(line) > self._max_bytes:
            # A file that grows too large is better than a line that is lost.
            with suppress(OSError):
                self._rotate(len(line))
        descriptor = os.open(self._path, _APPEND, 0o600)
        try:
            check_own(descriptor)
            line = b"\n" + line if self._torn else line
            written = os.write(descriptor, line)
            self._torn = written < len(line) and (self._torn or written > 0)
        finally:
            os.close(descriptor)

    def _size(self) -> int:
        try:
            return os.lstat(self._path).st_size
        except FileNotFoundError:
            return 0

    def _rotate(self, coming: int) -> None:
        """Move every file up by one, unless another process is doing it."""
        with _sole(self._lock) as ours:
            if not ours or self._size() + coming <= self._max_bytes:
                return
            names = [self._path, *(f"{self._path}.{number}" for number in range(1, self._files))]
            for younger, older in reversed(list(pairwise(names))):
                if os.path.lexists(younger):
                    os.replace(younger, older)


def make_directory(path: str) -> None:
    """The directory and what lies above it, each for its owner alone where it is new.

    PermissionError for root where the nearest that is there is another user's: that user could not use what root makes.
    """
    if not os.path.isdir(path):
        make_directory(os.path.dirname(path))
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)
    elif sys.platform != "win32" and os.geteuid() == 0 and os.stat(path).st_uid != 0:
        raise PermissionError


def check_own(descriptor: int, *, links: int = 1) -> None:
    """PermissionError unless this is a regular file of ours with no more names."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > links:
        raise PermissionError
    if sys.platform != "win32" and status.st_uid != os.geteuid():
        raise PermissionError


@contextmanager
def _sole(path: str) -> Generator[bool]:
    """Whether the lock is ours for the block; never waits. The lock's file stays: removing it would split the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _GUARD, 0o600)
    try:
        yield _lock_now(descriptor)
    finally:
        os.close(descriptor)


def _lock_now(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":  # written to the documentation of _locking, not run
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
