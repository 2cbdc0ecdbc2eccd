"""Owns the bundle: a zip of logs that is handed on, with a manifest of what is in it. Nothing in it is trusted."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

SCHEMA = 1
MANIFEST = "manifest.json"
MAX_BYTES = 1024 * 1024
"""A manifest is never longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledFile:
    """One file of the bundle: its name in the zip, its SHA-256 in hexadecimal digits, its length."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the bundle's maker says of it. `made_at` is RFC 3339, `version` that of the software that made it."""

    schema: int
    made_at: str
    version: str
    files: tuple[BundledFile, ...]

    def text(self) -> bytes:
        """The manifest as it stands in the zip."""
        return json.dumps(asdict(self), indent=1).encode() + b"\n"


def manifest(files: Mapping[str, bytes], *, made_at: str, version: str) -> Manifest:
    """The manifest of these files."""
    listed = (
        BundledFile(name=name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data)) for name, data in files.items()
    )
    return Manifest(schema=SCHEMA, made_at=made_at, version=version, files=tuple(listed))


def read(text: bytes) -> Manifest | None:
    """The manifest in this text; None where it is none, or of a newer schema."""
    try:
        found: Any = json.loads(text)
        files = tuple(BundledFile(**each) for each in found.pop("files"))
        made = Manifest(**found, files=files)
    except (ValueError, RecursionError, TypeError, AttributeError, KeyError):
        return None
    return made if type(made.schema) is int and made.schema == SCHEMA and _is_whole(made) else None


def _is_whole(made: Manifest) -> bool:
    texts = [made.made_at, made.version, *(text for file in made.files for text in (file.name, file.sha256))]
    lengths = [file.bytes for file in made.files]
    return all(isinstance(text, str) for text in cast(list[object], texts)) and all(
        type(length) is int for length in cast(list[object], lengths)
    )
