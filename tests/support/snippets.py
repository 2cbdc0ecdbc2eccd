"""Owns the code of a Markdown page: each fenced block, as a test can run it. Code by indent alone is none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]

_HEADING = re.compile(r"#{1,6} +(?P<title>.+?)(?: +#+)?")
_FENCE = re.compile(r" *(?P<fence>`{3,}|~{3,}) *(?P<language>[^\s`]*)[^`]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A block of code. `title` is the nearest heading above it, `line` the 1-based line of its first line of code."""

    title: str
    language: str
    code: str
    line: int


def snippets(path: str) -> list[Snippet]:
    """The fenced blocks of a page, from the top; `path` is as seen from the root of the repository."""
    return list(_blocks((ROOT / path).read_text(encoding="utf-8").splitlines()))


def _blocks(lines: list[str]) -> Iterator[Snippet]:
    title, number = "", 0
    while number < len(lines):
        if heading := _HEADING.fullmatch(lines[number]):
            title = heading["title"]
        elif fence := _FENCE.fullmatch(lines[number]):
            first, number = number + 1, _end(lines, number + 1, fence["fence"])
            code = dedent("".join(f"{line}\n" for line in lines[first:number]))
            yield Snippet(title=title, language=fence["language"], code=code, line=first + 1)
        number += 1


def _end(lines: list[str], first: int, fence: str) -> int:
    """Where the block is closed: by at least as many of the same sign, else by the page's end."""
    for number in range(first, len(lines)):
        mark = lines[number].strip()
        if mark and not mark.strip(fence[0]) and len(mark) >= len(fence):
            return number
    return len(lines)
