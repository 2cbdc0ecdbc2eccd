"""Owns the kernel lock on one file: waiting for it to a deadline, and asking whether somebody holds it.

The kernel frees it when its holder dies, so there is no age, pid or break-in here, and the file is never unlinked.
After a fork the child closes its copy and never unlocks. On the path of `status` for `held` alone.
"""

import errno
import os
import sys
import time
from _thread import RLock
from collections.abc import Callable

from signedin.errors import StoreError
from signedin_adapters.stores import trust

_PAUSE_SECONDS = (0.005, 0.030)

_descriptors: set[int] = set()
_forking = RLock()  # no fork between the opening of a descriptor and the note of it


class Lock:
    """`with Lock(path, deadline=…)`: the sole holder of `path` among all threads and processes of this machine.

    `deadline` is in monotonic seconds; StoreError(case="lock-timeout") after it. `meanwhile` is called before each
    pause of the wait, and ends it by raising.
    """

    def __init__(self, path: str, *, deadline: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        self._path, self._deadline, self._meanwhile = path, deadline, meanwhile
        self._descriptor, self._pid = -1, 0

    def __enter__(self) -> "Lock":
        try:
            with _forking:
                self._descriptor = _opened(self._path)
                _descriptors.add(self._descriptor)
        except OSError as error:
            raise trust.store_error(error, self._path) from error
        try:
            trust.check_file(self._descriptor, self._path)
            self._wait()
        except BaseException:
            self._close()
            raise
        self._pid = os.getpid()
        return self

    def __exit__(self, *_: object) -> None:
        if self._pid != os.getpid():
            return
        from filelock import unlock_descriptor

        try:
            # Closing alone would leave the lock with a child that was forked and has not closed its copy yet.
            unlock_descriptor(self._descriptor)
        finally:
            self._close()

    def holds(self, path: str) -> bool:
        """Whether what lies at `path` now is the file that this process locked here."""
        try:
            return self._pid == os.getpid() and os.path.samestat(os.fstat(self._descriptor), os.lstat(path))
        except OSError:
            return False

    def _wait(self) -> None:
        from random import uniform

        from filelock import lock_descriptor

        while not lock_descriptor(self._descriptor, blocking=False):
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise StoreError(
                    "Another process is renewing or saving this session and has not finished: try again in a moment",
                    case="lock-timeout",
                    path=self._path,
                )
            self._meanwhile()
            time.sleep(min(left, uniform(*_PAUSE_SECONDS)))  # noqa: S311

    def _close(self) -> None:
        _descriptors.discard(self._descriptor)
        os.close(self._descriptor)


def held(path: str) -> bool:
    """Whether somebody holds the lock now. Never waits and never raises; a lock that was never taken is free."""
    try:
        descriptor = os.open(path, os.O_RDONLY | trust.GUARD | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    try:
        _try_lock(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _opened(path: str) -> int:
    """The file, made if it is missing. A lock needs no writing: on a read-only disk one that is there will do."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | trust.GUARD, 0o600)
    except OSError as error:
        if error.errno != errno.EROFS or not os.path.lexists(path):
            raise
        return os.open(path, os.O_RDONLY | trust.GUARD)


def _try_lock(descriptor: int) -> None:
    """Take the lock for the blink until `descriptor` is closed; a shared one where there is such a thing."""
    if sys.platform == "win32":  # not run
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:  # perhaps for the blink of another one who asks
            time.sleep(_PAUSE_SECONDS[0])
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


def _close_in_child() -> None:
    for descriptor in _descriptors:
        os.close(descriptor)
    _descriptors.clear()
    _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_forking.acquire, after_in_parent=_forking.release, after_in_child=_close_in_child)
