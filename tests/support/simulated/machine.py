"""The machine that the simulated processes share: its clocks, and its disk with all the points where it is written.

Both stand in for a module of the standard library. The files and the kernel's locks are real; the time is not.
"""

import errno
import os
import time
from typing import Any

from tests.support.simulated.strand import point, still_lives

START = 1_800_000_000.0
DISKS = ("well", "full", "read-only", "failing")
POLL_SECONDS = 2.0
"""How long a poll of a waiting lock takes here, so that a deadline is some twenty polls away."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_READ_SLOWLY = ("session", "intent", "signed-out")
_TORN = ("session", "intent")


class Clocks:
    """Stands in for `time`: one wall clock, which can be set, and one that only goes on."""

    def __init__(self) -> None:
        self.wall, self.elapsed = START, 1000.0

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def time(self) -> float:
        """Unix seconds."""
        return self.wall

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        """Somebody waits for a lock."""
        point("waiting")
        self.advance(max(seconds, POLL_SECONDS))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.wall, self.elapsed = self.wall + seconds, self.elapsed + seconds


class Disk:
    """Stands in for `os`: every write is a point, torn in the middle where that matters, and of no effect for the dead.

    `state` is "well", "full", "read-only" or "failing": nothing can be synced.
    """

    def __init__(self) -> None:
        self.state = "well"
        self._fresh: dict[int, str] = {}
        self._reserved: dict[int, str] = {}
        self._halved: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: str, flags: int, mode: int = 0o777) -> int:
        """Open for reading or writing; a directory is opened to be synced. A file that is to be locked is no point."""
        name = _name(path)
        if not flags & _WRITES:
            if os.path.isdir(path):
                point("sync")
            elif name in _READ_SLOWLY and flags & os.O_NONBLOCK:
                point(f"read {name}")
            return os.open(path, flags, mode)
        if not flags & os.O_RDWR:
            point(f"open {name}")
        self._change()
        descriptor = os.open(path, flags, mode)
        (self._fresh if flags & os.O_EXCL else self._reserved)[descriptor] = name
        return descriptor

    def close(self, descriptor: int) -> None:
        """The kernel does this for the dead as well."""
        self._fresh.pop(descriptor, None)
        self._reserved.pop(descriptor, None)
        self._halved.discard(descriptor)
        os.close(descriptor)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        """The first write of what matters gets half way."""
        self._change(needs_room=descriptor in self._fresh)
        name = self._fresh.get(descriptor) or self._reserved.get(descriptor, "")
        if name not in _TORN:
            return os.write(descriptor, data)
        if descriptor not in self._halved:
            self._halved.add(descriptor)
            return os.write(descriptor, data[: len(data) // 2])
        point(f"half of {name}")
        self._change(needs_room=descriptor in self._fresh)
        return os.write(descriptor, data)

    def posix_fallocate(self, descriptor: int, offset: int, size: int) -> None:
        """Where a full disk is met."""
        self._change(needs_room=True)
        os.posix_fallocate(descriptor, offset, size)

    def ftruncate(self, descriptor: int, size: int) -> None:
        """Cut a file."""
        self._change()
        os.ftruncate(descriptor, size)

    def fsync(self, _: int) -> None:
        """Nothing here survives a power cut; a disk that fails says so here."""
        still_lives()
        if self.state == "failing":
            raise OSError(errno.EIO, "the disk fails")

    def replace(self, source: str, path: str) -> None:
        """The commit of every write."""
        point(f"rename {_name(path)}")
        self._change()
        os.replace(source, path)

    def rename(self, source: str, path: str) -> None:
        """Setting aside."""
        point(f"set aside {_name(source)}")
        self._change()
        os.rename(source, path)

    def unlink(self, path: str) -> None:
        """Removing for good."""
        if not path.endswith(".tmp") and os.path.lexists(path):
            point(f"remove {_name(path)}")
        self._change()
        os.unlink(path)

    def mkdir(self, path: str, mode: int = 0o777) -> None:
        """A directory."""
        self._change()
        os.mkdir(path, mode)

    def _change(self, *, needs_room: bool = False) -> None:
        still_lives()
        if self.state == "read-only":
            raise OSError(errno.EROFS, "the disk is read-only")
        if self.state == "full" and needs_room:
            raise OSError(errno.ENOSPC, "the disk is full")


def _name(path: str) -> str:
    """What the file is called in the protocol, be it the temporary file before it."""
    name = os.path.basename(path)
    return name[1:].split(".")[0] if name.startswith(".") else name
