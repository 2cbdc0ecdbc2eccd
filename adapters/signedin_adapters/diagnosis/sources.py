"""Owns finding the logs in what is named: files plain and gzipped, folders, stdin, and by way of `zipped` bundles.

A log's rotated files may be named in any order: they are read in the order of their first lines. Nothing is unpacked to
disk; what is packed ends at `EXPANDED` bytes, however much it claims to hold.
"""

import os
import re
import sys
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import IO

from signedin.errors import MisuseError
from signedin_adapters.diagnosis.line import at_of

STDIN = "-"
EXPANDED = 1024 * 1024 * 1024
"""Bytes that are read of one packed file."""
BLOCK = 64 * 1024

_LOG = re.compile(r".*\.jsonl(\.[0-9]+)?(\.gz)?")
_ROTATED = re.compile(r"(?:\.([0-9]{1,9}))?(\.gz)?")
"""What the name of a log is followed by where it was rotated away, or packed."""
_BROKEN = (OSError, EOFError, zlib.error)
"""What comes of data that is cut short or damaged."""

Open = Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass(slots=True)
class Source:
    """One log. `troubles` says what is wrong with it, in words for people."""

    name: str
    open: Open
    packed: bool = False
    troubles: list[str] = field(default_factory=list[str])

    def blocks(self) -> Iterator[bytes]:
        """What is in it, block by block. Damage ends it, and is a trouble."""
        left = EXPANDED
        try:
            with self.open() as stream:
                while block := stream.read(BLOCK):
                    yield block
                    left -= len(block)
                    if self.packed and left <= 0:
                        self.troubles.append(f"{self.name} holds more than {EXPANDED} bytes: the rest was not read.")
                        return
        except _BROKEN:
            self.troubles.append(f"{self.name} is damaged: it was read as far as that goes.")

    def began(self) -> str:
        """When its first line was, RFC 3339; empty where that line does not say."""
        try:
            with self.open() as stream:
                return at_of(stream.readline(BLOCK))
        except _BROKEN:
            return ""


def find(names: Sequence[str]) -> list[Source]:
    """All logs in what is named, the oldest first. Raises MisuseError for what cannot be read."""
    return sorted((source for name in names for source in _named(name)), key=Source.began)


def logs_in(directory: str) -> list[str]:
    """The logs that lie in a folder, the rotated ones too; none where it is not there."""
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    return [os.path.join(directory, name) for name in names if _LOG.fullmatch(name)]


def rotated(path: str) -> list[str]:
    """A log by its name, whatever that is, and what was rotated away of it, packed or not: the oldest first."""
    directory, name = os.path.split(path)
    try:
        others = sorted(other for other in os.listdir(directory or ".") if other.startswith(name))
    except OSError:
        return []
    ages = {other: int(found[1] or 0) for other in others if (found := _ROTATED.fullmatch(other, len(name)))}
    files = (os.path.join(directory, other) for other in sorted(ages, key=ages.__getitem__, reverse=True))
    return [file for file in files if os.path.isfile(file)]


def _named(name: str) -> Iterator[Source]:
    if name == STDIN:
        yield from _opened("standard input", partial(_again, _spooled()))
    elif os.path.isdir(name):
        for path in logs_in(name):
            yield from _named(path)
    else:
        yield from _opened(name, partial(_plain, name))


def _opened(name: str, open_: Open) -> Iterator[Source]:
    try:
        with open_() as stream:
            start = stream.read(4)
    except OSError as error:
        raise MisuseError(f"{name} cannot be read: {error.strerror}.") from error
    if start.startswith(b"\x1f\x8b"):
        yield Source(name, partial(_unpacked, open_), packed=True)
    elif start == b"PK\x03\x04":
        from signedin_adapters.diagnosis.zipped import logs_of

        yield from logs_of(name, open_)
    else:
        yield Source(name, open_)


def _plain(name: str) -> IO[bytes]:
    return open(name, "rb")


@contextmanager
def _unpacked(open_: Open) -> Generator[IO[bytes]]:
    import gzip

    with open_() as stream, gzip.GzipFile(fileobj=stream) as unpacked:
        yield unpacked  # type: ignore[misc]


def _spooled() -> IO[bytes]:
    """Standard input, kept so that it can be read more than once."""
    from shutil import copyfileobj
    from tempfile import TemporaryFile

    spool = TemporaryFile()  # noqa: SIM115 - it lives as long as what is read from it
    if sys.stdin is not None:
        copyfileobj(sys.stdin.buffer, spool, BLOCK)
    return spool


@contextmanager
def _again(spool: IO[bytes]) -> Generator[IO[bytes]]:
    spool.seek(0)
    yield spool
