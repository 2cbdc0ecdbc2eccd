"""Owns reading one table of `config.toml`, value by value, with its type.

Whoever reads a table says what belongs in it; `finish` refuses the rest. No value is ever quoted in an error.
"""

import re
from difflib import get_close_matches
from typing import NoReturn, cast

from signedin.oauth.urls import require_safe
from signedin_adapters.config.document import Document, Keys

_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f]+")


class Table:
    """One table. Every method raises ConfigurationError for what is not as it must be."""

    def __init__(self, document: Document, keys: Keys, values: dict[str, object]) -> None:
        self._document, self._keys, self._values = document, keys, values
        self._read: list[str] = []

    @property
    def name(self) -> str:
        """The last part of the header: `acme` of `[providers.acme]`."""
        return self._keys[-1] if self._keys else ""

    @property
    def keys(self) -> tuple[str, ...]:
        """What is set, in the file's order."""
        return tuple(self._values)

    def text(self, key: str) -> str | None:
        """A string on one line and not empty, None where it is not set."""
        value = self._take(key)
        if value is not None and (not isinstance(value, str) or not _PRINTABLE.fullmatch(value)):
            self.refuse(key, "must be a string on one line, and not empty")
        return value

    def required(self, key: str) -> str:
        """A string that has to be set."""
        return self.text(key) or self.refuse(key, "is missing")

    def choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        """One of a few words."""
        value = self.text(key)
        if value is not None and value not in allowed:
            self.refuse(key, "must be " + " or ".join(f'"{word}"' for word in allowed))
        return value

    def url(self, key: str) -> str | None:
        """A URL that credentials may be sent to (see `signedin.oauth.urls`)."""
        value = self.text(key)
        if value is not None:
            require_safe(value, self.place(key))
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of strings, with at least one."""
        value = self._list(key)
        if value is not None and not all(isinstance(item, str) and _PRINTABLE.fullmatch(item) for item in value):
            self.refuse(key, "must be a list of strings")
        return cast(tuple[str, ...] | None, value)

    def integers(self, key: str, *, lowest: int, highest: int) -> tuple[int, ...] | None:
        """A list of whole numbers within bounds, with at least one."""
        value = self._list(key)
        if value is not None and not all(type(item) is int and lowest <= item <= highest for item in value):
            self.refuse(key, f"must be a list of whole numbers from {lowest} to {highest}")
        return cast(tuple[int, ...] | None, value)

    def table(self, key: str) -> "Table":
        """A table inside this one, empty where it is not set."""
        value = self._take(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return Table(self._document, (*self._keys, key), cast(dict[str, object], value))

    def finish(self) -> None:
        """Refuse every key that nobody asked for: a setting that does nothing is a mistake."""
        for key in self._values:
            if key not in self._read:
                near = get_close_matches(key, self._read, n=1)
                self.refuse(key, "is not a setting" + (f"; did you mean {near[0]}?" if near else ""))

    def refuse(self, key: str, what: str, *, case: str | None = None) -> NoReturn:
        """Raise the error that names file, line and key; `case` where the catalogue knows this mistake."""
        self._document.refuse((*self._keys, key), what, case=case)

    def refuse_whole(self, what: str) -> NoReturn:
        """Raise the error that names the table itself."""
        self._document.refuse(self._keys, what)

    def place(self, key: str) -> str:
        """`FILE:LINE: KEY` of one setting."""
        return self._document.place((*self._keys, key))

    def source(self, key: str | None = None) -> str:
        """`FILE:LINE` of one setting, or of the table itself, for people who ask where it came from."""
        return self._document.source(self._keys if key is None else (*self._keys, key))

    def _take(self, key: str) -> object:
        self._read.append(key)
        return self._values.get(key)

    def _list(self, key: str) -> tuple[object, ...] | None:
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, list) or not value:
            self.refuse(key, "must be a list with at least one entry")
        return tuple(cast(list[object], value))
