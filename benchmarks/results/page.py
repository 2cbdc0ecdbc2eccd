"""Owns RESULTS.md: a heading, and a section for each benchmark, replaced by what the newest run of it said."""

import re

_HEADING = re.compile(r"^(?=## )", re.MULTILINE)


def replaced(page: str, sections: list[str]) -> str:
    """The page with these sections in place of those of the same title; new ones come last."""
    head, *kept = _HEADING.split(page)
    newest = {_title(section): section for section in kept} | {_title(section): section for section in sections}
    return "\n".join(part.rstrip("\n") + "\n" for part in (head, *newest.values()))


def _title(section: str) -> str:
    return section.partition("\n")[0]
