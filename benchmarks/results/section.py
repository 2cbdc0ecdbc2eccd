"""Owns `Section`: what one benchmark has to say, in Markdown that reads well on a terminal and stands in RESULTS.md.

The words are the benchmark's own docstring, so that its promises are told in one place.
"""

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from inspect import cleandoc

from results.place import TOLD
from results.promise import Promise
from signedin import __version__

Table = Sequence[Sequence[object]]
"""Rows of cells, the first row the head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`words` are the benchmark's docstring, `notes` what this run has to add."""

    title: str
    words: str | None
    tables: Sequence[Table]
    promises: Sequence[Promise]
    notes: Sequence[str] = ()

    @property
    def kept(self) -> bool:
        """Whether every promise is."""
        return all(promise.kept for promise in self.promises)

    def markdown(self) -> str:
        """The whole section, heading and machine included."""
        said = "\n".join(f"- {line}" for line in (*self.promises, *self.notes))
        parts = (f"## {self.title}", cleandoc(self.words or ""), *map(_drawn, self.tables), said, _machine())
        return "\n\n".join(part for part in parts if part) + "\n"


def tell(name: str, section: Section) -> int:
    """Print what the benchmark of this name came to, and keep it for the page; the exit status."""
    text = section.markdown()
    print(text)
    os.makedirs(TOLD, exist_ok=True)
    with open(told_by(name), "w", encoding="utf-8") as file:
        json.dump({"text": text, "promises": [asdict(promise) for promise in section.promises]}, file)
    return 0 if section.kept else 1


def told_by(name: str) -> str:
    """The file that keeps what the benchmark of this name said last."""
    return os.path.join(TOLD, f"{name}.json")


def _drawn(table: Table) -> str:
    cells = [[str(cell) for cell in row] for row in table]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rows = (cells[0], ["-" * width for width in widths], *cells[1:])
    lines = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(f"| {line} |" for line in lines)


def _machine() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores{load}"
    return f"_{time.strftime('%Y-%m-%d')}: {machine}, {python}, signedin {__version__}._"
