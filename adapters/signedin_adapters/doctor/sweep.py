"""Owns the last look at what is handed on: whether something in it looks like a secret or names a person.

Secrets cannot be known here, since they lie sealed; their looks are. It says where something stands, never what.
"""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from getpass import getuser

_DIGITS = 8
_SHAPES: dict[str, re.Pattern[bytes]] = {
    "a signed token": re.compile(rb"eyJ[\w-]{8,}\.[\w-]{8,}"),
    "a token or a key": re.compile(rb"(?<![A-Za-z0-9])(?:rt|ac|at|dc|sk|sess)[_-][A-Za-z0-9_-]{16,}"),
    "a bearer credential": re.compile(rb"\bBearer\s+\S", re.IGNORECASE),
    "an e-mail address": re.compile(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]"),
    "an address with a query": re.compile(rb"https?://[^\s\"'<>]*[?#]"),
    "an address with a password": re.compile(rb"[a-z0-9+]+://[^\s\"'/<>]*@"),
}
_LONG = re.compile(rb"[A-Za-z0-9+/_=-]{40,}")
"""Longer than any request's id: base64 in either alphabet, or hexadecimal digits."""
_NAME = rb"[\\/]%s(?![A-Za-z0-9_-])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that must not be handed on: in which file, on which line, and what it looks like."""

    file: str
    line: int
    looks_like: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.looks_like}"


def sweep(files: Mapping[str, bytes]) -> tuple[Found, ...]:
    """What stands in the files and must not, file by file and line by line."""
    shapes = _SHAPES | _own()
    return tuple(
        Found(file=name, line=number, looks_like=looks)
        for name, data in files.items()
        for number, line in enumerate(data.split(b"\n"), start=1)
        for looks in _looks(line, shapes)
    )


def _looks(line: bytes, shapes: Mapping[str, re.Pattern[bytes]]) -> list[str]:
    found = [name for name, shape in shapes.items() if shape.search(line)]
    if any(_is_random(word) for word in _LONG.findall(line)):
        found.append("long random text")
    return found


def _is_random(word: bytes) -> bool:
    """Words that are joined have no digits among their letters, or few."""
    return (
        any(letter in b"0123456789" for letter in word) and word.count(b"-") + word.count(b"/") < len(word) // _DIGITS
    )


def _own() -> dict[str, re.Pattern[bytes]]:
    """This user's home and name, as paths have them."""
    home = os.path.expanduser("~")
    shapes = dict[str, re.Pattern[bytes]]()
    if home not in ("~", os.sep):
        shapes["the path of your home"] = re.compile(re.escape(os.fsencode(home)) + rb"(?![A-Za-z0-9_-])")
    with suppress(OSError, KeyError):  # nobody has this id
        shapes["your user name"] = re.compile(_NAME % re.escape(getuser().encode()))
    return shapes
