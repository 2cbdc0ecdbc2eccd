"""Owns the file `sign-in.lock`: one sign-in at a time, and who says so to whoever comes second.

    byte 0     a line's end, that nobody reads: the kernel locks this byte, where it locks bytes (Windows)
    from 1 on  one line of JSON: process, program, since when

The kernel's lock decides. The line is written in place by the holder, best effort, and believed only while the lock is
held; what the last holder left says nothing.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress

from signedin.errors import StoreError
from signedin_adapters.stores import trust
from signedin_adapters.stores.fields import SCHEMA, Fields
from signedin_adapters.stores.lock import Lock

PATIENCE_SECONDS = 0.25
"""No wait for the other sign-in, but for those who only ask whether there is one: they hold the lock for a blink."""
LIMIT = 1024
_NAMELESS = ("", "-c", "-m", "__main__.py")


@contextmanager
def sole_sign_in(path: str, *, app: str, clock: Callable[[], float]) -> Generator[None]:
    """Hold `path` for the length of the block. StoreError(case="login-in-progress") where somebody else holds it."""
    with ExitStack() as held:
        try:
            held.enter_context(Lock(path, deadline=time.monotonic() + PATIENCE_SECONDS))
        except StoreError as error:
            if error.case != "lock-timeout":
                raise
            raise in_progress(read(path), at=clock(), path=path) from None
        _write(path, Holder.of_this_process(app, since=clock()))
        yield


class Holder:
    """Who signs in: a process, its program's name, since when (Unix seconds)."""

    __slots__ = ("pid", "program", "since")

    def __init__(self, *, pid: int, program: str, since: float) -> None:
        self.pid, self.program, self.since = pid, program, since

    @classmethod
    def of_this_process(cls, app: str, *, since: float) -> "Holder":
        """Named after the program that was started, or after the app where that has no name."""
        program = os.path.basename(sys.argv[0]) if sys.argv else ""
        named = program not in _NAMELESS and program.isprintable()
        return cls(pid=os.getpid(), program=program if named else app, since=since)

    @classmethod
    def parse(cls, data: bytes, path: str) -> "Holder":
        """The holder that a line tells of. Raises StoreError, ValueError, OverflowError where it is none."""
        fields = Fields(data, path)
        holder = cls(pid=fields.integer("pid"), program=fields.text("program"), since=fields.number("since"))
        time.localtime(holder.since)  # a time that is none is no word to pass on
        return holder

    def line(self) -> bytes:
        """The line that tells of it."""
        told = {"schema": SCHEMA, "pid": self.pid, "program": self.program, "since": self.since}
        return json.dumps(told).encode() + b"\n"


def in_progress(holder: Holder | None, *, at: float, path: str | None = None) -> StoreError:
    """The error for whoever comes second at `at`: who holds it and since when, as far as that is known."""
    told = "Another sign-in is running"
    if holder is not None:
        since = _moment(holder.since, at=at)
        told = f"Another sign-in has been running since {since}, in process {holder.pid} ({holder.program})"
    return StoreError(told, case="login-in-progress", path=path)


def _moment(then: float, *, at: float) -> str:
    """Local time, with the day where that is not today."""
    day, today = time.localtime(then), time.localtime(at)
    clock = time.strftime("%H:%M", day)
    return clock if day[:3] == today[:3] else f"{day.tm_mday} {time.strftime('%b', day)}, {clock}"


def _write(path: str, holder: Holder) -> None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | trust.GUARD)
        try:
            os.lseek(descriptor, 1, os.SEEK_SET)
            written = os.write(descriptor, holder.line())
            os.ftruncate(descriptor, 1 + written)
        finally:
            os.close(descriptor)


def read(path: str) -> Holder | None:
    """What the holder wrote; None where that is not there, or not whole."""
    with suppress(OSError, StoreError, ValueError, OverflowError):
        descriptor = os.open(path, os.O_RDONLY | trust.GUARD)
        try:
            os.lseek(descriptor, 1, os.SEEK_SET)
            return Holder.parse(os.read(descriptor, LIMIT).partition(b"\n")[0], path)
        finally:
            os.close(descriptor)
    return None
