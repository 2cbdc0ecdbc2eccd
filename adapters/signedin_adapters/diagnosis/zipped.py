"""Owns the logs in a zip: a bundle with its manifest, or any other. What cannot be read of it is an OSError."""

import hashlib
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO

from signedin_adapters import bundle
from signedin_adapters.diagnosis.sources import Open, Source

MEMBERS = 1000
"""Files that are read of one zip."""

_NO_LOG = (".json", ".txt", ".md", "/")
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, ValueError)
"""What zipfile makes of a zip that is damaged, encrypted, or packed in a way that it does not know."""


def logs_of(name: str, open_: Open) -> Iterator[Source]:
    """The logs of a zip, each with what its manifest does not hold for."""
    try:
        with _zip(open_) as packed:
            members = [info.filename for info in packed.infolist()[:MEMBERS]]
            made = _manifest(packed) if bundle.MANIFEST in members else None
    except OSError:
        yield Source(name, partial(_member, open_, ""), packed=True)
        return
    listed = {file.name: file for file in made.files} if made is not None else {}
    for member in members:
        if member.endswith(_NO_LOG):
            continue
        source = Source(f"{name}:{member}", partial(_member, open_, member), packed=True)
        if made is not None and not _holds(source, listed.get(member)):
            source.troubles.append(f"{source.name} is not what the manifest says.")
        yield source


def _manifest(packed: zipfile.ZipFile) -> bundle.Manifest | None:
    with packed.open(bundle.MANIFEST) as text:
        return bundle.read(text.read(bundle.MAX_BYTES))


def _holds(source: Source, listed: bundle.BundledFile | None) -> bool:
    """Whether the file is the one that the manifest lists; damage is told where it is read."""
    seen, length = hashlib.sha256(), 0
    for block in Source(source.name, source.open, packed=True).blocks():
        seen.update(block)
        length += len(block)
    return listed is not None and (listed.sha256, listed.bytes) == (seen.hexdigest(), length)


@contextmanager
def _zip(open_: Open) -> Generator[zipfile.ZipFile]:
    try:
        with open_() as stream, zipfile.ZipFile(stream) as packed:
            yield packed
    except _UNREADABLE as error:
        raise OSError("not a zip that can be read") from error


@contextmanager
def _member(open_: Open, member: str) -> Generator[IO[bytes]]:
    with _zip(open_) as packed, packed.open(member) as unpacked:
        yield unpacked
