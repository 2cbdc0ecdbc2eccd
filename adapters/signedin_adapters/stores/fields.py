"""Owns how a JSON object of ours is read: every field with its type, an older schema migrated, a newer one refused.

Anything else is corrupt. On the path of `status`: it imports `json` and `sys` alone.
"""

import json
import sys

from signedin.errors import StoreError
from signedin_adapters.stores.migrations import STEPS, migrate

SCHEMA = 1 + len(STEPS)


class Fields:
    """One JSON object. Every method raises StoreError(case="file-corrupt-truncated") for a value of another type.

    `kind` is what its migration goes by; most kinds never changed, and need none.
    """

    __slots__ = ("path", "values")

    def __init__(self, data: bytes, path: str, *, kind: str = "") -> None:
        self.path = path
        try:
            values: object = json.loads(data, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise corrupt(path) from None
        if not isinstance(values, dict):
            raise corrupt(path)
        self.values: dict[str, object] = values
        schema = self.integer("schema")
        if schema > SCHEMA:
            raise newer(path, self.values.get("writer"))
        if schema < 1:
            raise corrupt(path)
        migrate(self.values, kind, schema=schema)

    def text(self, name: str) -> str:
        """A string that has to be there."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise corrupt(self.path)
        return value

    def optional_text(self, name: str) -> str | None:
        """A string, None where it is absent or null."""
        return None if self.values.get(name) is None else self.text(name)

    def shared_text(self, name: str) -> str:
        """A string that has to be there and that many records have in common: kept once. Never a secret."""
        return sys.intern(self.text(name))

    def optional_shared_text(self, name: str) -> str | None:
        """Such a string, None where it is absent or null."""
        return None if self.values.get(name) is None else self.shared_text(name)

    def number(self, name: str) -> float:
        """A number that has to be there."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise corrupt(self.path)
        return float(value)

    def optional_number(self, name: str) -> float | None:
        """A number, None where it is absent or null."""
        return None if self.values.get(name) is None else self.number(name)

    def integer(self, name: str) -> int:
        """A whole number that has to be there."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise corrupt(self.path)
        return value

    def flag(self, name: str) -> bool:
        """True or false, which has to be there."""
        value = self.values.get(name)
        if not isinstance(value, bool):
            raise corrupt(self.path)
        return value

    def optional_flag(self, name: str) -> bool | None:
        """True or false, None where it is absent or null."""
        return None if self.values.get(name) is None else self.flag(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings that has to be there."""
        value = self.values.get(name)
        if not isinstance(value, list):
            raise corrupt(self.path)
        texts: list[str] = []
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            if not isinstance(item, str):
                raise corrupt(self.path)
            texts.append(sys.intern(item))
        return tuple(texts)


def corrupt(path: str) -> StoreError:
    """A file that is cut short or is not ours."""
    return StoreError(
        f"{path} is damaged or cut short; it is kept, and a new one takes its place when you sign in again",
        case="file-corrupt-truncated",
        path=path,
    )


def newer(path: str, writer: object) -> StoreError:
    """A file that a later version wrote: it is left alone."""
    by = f"signedin {writer}" if isinstance(writer, str) and writer.isprintable() else "a newer signedin"
    return StoreError(
        f"{path} was written by {by}, and this older version cannot read it: update signedin",
        case="schema-newer",
        path=path,
    )


def refuse_newer(data: bytes, path: str) -> None:
    """Raise StoreError for a later version's file, be it one object or an object before something sealed."""
    try:
        text = data.decode()
        Fields(text[: json.JSONDecoder().raw_decode(text)[1]].encode(), path)
    except (ValueError, RecursionError):
        return
    except StoreError as error:
        if error.case == "schema-newer":
            raise


def _refuse(constant: str) -> float:
    raise ValueError(constant)
