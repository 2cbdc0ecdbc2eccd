"""Owns the text of one TOML file: reading it, and saying on which line something stands. It knows no key by name."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NoReturn, cast

from signedin.errors import ConfigurationError

LIMIT = 64 * 1024
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

Keys = tuple[str, ...]
"""Where something stands: `("providers", "acme", "issuer")`."""


class Document:
    """One file of at most 64 KiB, parsed. Raises ConfigurationError where it cannot be read or is no TOML."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._text = _read(file)
        try:
            self.values: dict[str, Any] = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise self._not_toml(str(error)) from None
        except RecursionError:
            raise ConfigurationError(f"{file} is nested too deeply") from None

    def refuse(self, keys: Keys, what: str, *, case: str | None = None) -> NoReturn:
        """Raise the error that names file, line and key; `what` goes on from there: "must be a string"."""
        raise ConfigurationError(f"{self.place(keys)} {what}", case=case)

    def place(self, keys: Keys) -> str:
        """`FILE:LINE: KEY`, with the line of the nearest table above where the key itself is not there."""
        return f"{self.source(keys)}: {'.'.join(keys)}"

    def source(self, keys: Keys) -> str:
        """`FILE:LINE`."""
        return f"{self.file}:{self.line(keys)}"

    def line(self, keys: Keys) -> int:
        """The line on which the key or its table begins; 1 for the file itself."""
        above = (keys[:end] for end in range(len(keys), 0, -1))
        return next((self._lines[path] for path in above if path in self._lines), 1)

    @cached_property
    def _lines(self) -> dict[Keys, int]:
        """Asked for mistakes and listings alone: tomllib gives values without their places, so each is found again."""
        lines: dict[Keys, int] = {}
        table: Keys = ()
        for number, statement, found in _statements(self._text):
            paths = list(_paths(found))
            header = statement.lstrip().startswith("[")
            if header:
                table = max(paths, key=len)
            for path in paths:
                lines.setdefault(path if header else table + path, number)
        return lines

    def _not_toml(self, message: str) -> ConfigurationError:
        place = _PLACE.search(message)
        line = place[1] if place and place[1] else self._text.count("\n") + 1
        reason = message[: place.start()] if place else message
        return ConfigurationError(f"{self.file}:{line}: not valid TOML: {reason[:1].lower()}{reason[1:]}")


def _read(file: str) -> str:
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):  # a pipe would be waited for without an end
            raise ConfigurationError(f"{file} cannot be read (it is no regular file)")
        with open(file, "rb") as stream:
            data = stream.read(LIMIT + 1)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read ({error.strerror})") from None
    if len(data) > LIMIT:
        raise ConfigurationError(f"{file} is larger than {LIMIT // 1024} KiB")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{file}:{line}: not valid UTF-8") from None


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each header and each assignment with the line it begins on: the fewest lines that are TOML by themselves."""
    pending: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        pending.append(line)
        statement = "\n".join(pending)
        try:
            found = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if found:
            yield number - len(pending) + 1, statement, found
        pending.clear()


def _paths(values: dict[str, Any]) -> Iterator[Keys]:
    for key, value in values.items():
        yield (key,)
        if isinstance(value, dict):
            yield from ((key, *rest) for rest in _paths(cast(dict[str, Any], value)))
