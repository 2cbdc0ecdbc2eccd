"""Owns the bundle that is handed to whoever helps: a zip of what the commands say and of the log, with a manifest.

What goes in was made to be seen, and is checked all the same: each line of the log against the log's own table of
fields, and the whole against the looks of secrets. One find, and nothing is written.
"""

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from secrets import token_hex

from signedin.errors import MisuseError, SignedinError
from signedin.version import VERSION
from signedin_adapters.bundle import MANIFEST, manifest
from signedin_adapters.diagnosis.blocks import Blocks
from signedin_adapters.diagnosis.line import parse, request_id_of
from signedin_adapters.diagnosis.sources import Source, find, rotated
from signedin_adapters.doctor.sweep import Found, sweep
from signedin_adapters.log import FILE
from signedin_adapters.log.lines import WITHHELD

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class SecretFound(SignedinError):
    """The sweep found something, so that no bundle was written. It is said where, and never what."""

    def __init__(self, found: tuple[Found, ...]) -> None:
        first, *more = found
        and_more = f", and {len(more)} more" if more else ""
        super().__init__(f"No bundle was written, since something in it must not be handed on ({first}{and_more})")


def logs(path: str | None) -> list[str]:
    """The log's files that are there, the oldest first."""
    return [] if path is None else rotated(path)


def gather(answers: Mapping[str, object], log: str | None) -> dict[str, bytes]:
    """The files of the bundle: each answer as `NAME.json`, and the log's own, unpacked.

    Raises SecretFound, and MisuseError for a log that cannot be read.
    """
    files = {f"{name}.json": json.dumps(answer, indent=1).encode() + b"\n" for name, answer in answers.items()}
    for source in find(logs(log)):
        name = f"log/{FILE}{source.name.removeprefix(log or '').removesuffix('.gz')}"
        files[name] = files.get(name, b"") + b"".join(_lines(source))
    if found := sweep(files):
        raise SecretFound(found)
    return files


def packed(files: Mapping[str, bytes]) -> bytes:
    """The zip, with its manifest."""
    made_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(MANIFEST, manifest(files, made_at=made_at, version=VERSION).text())
        for name, data in files.items():
            bundle.writestr(name, data)
    return zipped.getvalue()


def write(path: str, data: bytes, *, force: bool) -> None:
    """Write the file whole, for its user alone. Raises MisuseError where one is there, or it cannot be written."""
    place = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{token_hex(8)}.tmp") if force else path
    try:
        descriptor = os.open(place, _CREATE, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            if force:
                os.replace(place, path)
        except OSError:
            os.unlink(place)
            raise
    except FileExistsError:
        raise MisuseError(f"{path} is there already: name another file, or add --force") from None
    except OSError as error:
        raise MisuseError(f"{path} cannot be written ({error.strerror})") from None


def _lines(source: Source) -> Iterator[bytes]:
    """The lines of one file of the log, each of them allowed again, field by field. What is no line of ours is left."""
    for line in (line for block in Blocks(source) for line in block):
        if (record := parse(line)) is not None:
            if record.get("request_id") is not None:
                record["request_id"] = request_id_of(record) or WITHHELD
            yield json.dumps(record, separators=(",", ":")).encode() + b"\n"
