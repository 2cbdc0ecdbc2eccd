"""Owns the note that a listener on a fixed port leaves at home, so that our next sign-in can ask it for the port.

    listening/<port>    one line: the Host that the listener answers to, its process, a random secret

Whoever holds the port writes and removes it, nobody else. It is a convenience: where it cannot be written, or be read
with trust, nobody is asked for the port. What a dead process left says nothing (`holder.listens`).
"""

import os
import re
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from secrets import token_hex, token_urlsafe

from signedin.secret import Secret

_GUARD = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_READ = os.O_RDONLY | _GUARD | getattr(os, "O_NONBLOCK", 0)  # a FIFO that was planted here must not hold us
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _GUARD
_LIMIT = 256
_LINE = re.compile(r"((?:127\.0\.0\.1|localhost):([0-9]{1,5})) ([0-9]{1,10}) ([A-Za-z0-9_-]{43})\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a note says: the `authority` to ask, the process that left it, and what it has to be shown."""

    authority: str
    pid: int
    secret: Secret


@contextmanager
def left(home: str | None, *, port: int, authority: str) -> Generator[Secret]:
    """Leave a note for the length of the block, and give its secret; without a home there is only the secret.

    Never raises: a note that cannot be written is none.
    """
    note = Note(authority=authority, pid=os.getpid(), secret=Secret(token_urlsafe(32)))
    path = None if home is None else _path(home, port)
    written = path is not None and _write(path, note)
    try:
        yield note.secret
    finally:
        if path is not None and written and os.getpid() == note.pid:  # a forked child has nothing to remove
            _remove(path)


def read(home: str, *, port: int) -> Note | None:
    """The note about this port; None where there is none, or none that could only be ours."""
    path = _path(home, port)
    with suppress(OSError, ValueError):
        if not _is_ours(os.lstat(os.path.dirname(path)), stat.S_ISDIR):
            return None
        found = _LINE.fullmatch(_text(path))
        if found is not None and int(found[2]) == port:
            return Note(authority=found[1], pid=int(found[3]), secret=Secret(found[4]))
    return None


def _path(home: str, port: int) -> str:
    return os.path.join(os.path.abspath(home), "listening", str(port))


def _text(path: str) -> str:
    descriptor = os.open(path, _READ)
    try:
        status = os.fstat(descriptor)
        ours = _is_ours(status, stat.S_ISREG) and status.st_nlink == 1
        return os.read(descriptor, _LIMIT).decode("ascii") if ours else ""
    finally:
        os.close(descriptor)


def _write(path: str, note: Note) -> bool:
    """Whether the note is there, whole and for this user alone. A home is not made for it."""
    directory = os.path.dirname(path)
    temporary = os.path.join(directory, f".{token_hex(8)}.tmp")
    with suppress(OSError):
        with suppress(FileExistsError):
            os.mkdir(directory, 0o700)
        if _is_ours(os.lstat(directory), stat.S_ISDIR):
            try:
                _create(temporary, note)
                os.replace(temporary, path)
            except OSError:
                os.unlink(temporary)
            else:
                return True
    return False


def _create(path: str, note: Note) -> None:
    descriptor = os.open(path, _CREATE, 0o600)
    try:
        os.write(descriptor, f"{note.authority} {note.pid} {note.secret.reveal()}\n".encode("ascii"))
    finally:
        os.close(descriptor)


def _remove(path: str) -> None:
    """Take the note away, and the directory with the last one."""
    with suppress(OSError):
        os.unlink(path)
        os.rmdir(os.path.dirname(path))


def _is_ours(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether it is of that kind (so no link), belongs to this user, and is open to nobody else."""
    closed = os.name != "posix" or (status.st_uid == os.geteuid() and not status.st_mode & 0o077)
    return is_kind(status.st_mode) and closed
