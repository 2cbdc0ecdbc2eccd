"""Owns which of a case's reasons are likely: first those that the machine's markers speak for."""

from collections.abc import Collection

from signedin.cases import Case, candidates

MARKED: dict[str, tuple[str, ...]] = {
    "ssh": ("callback-never-arrives-ssh",),
    "editor": ("callback-container",),
    "container": ("callback-container", "sandboxed-opener"),
    "wsl": ("callback-wsl2", "wsl-opener-missing"),
}
"""Which reasons a marker of the machine speaks for."""


def likeliest_first(case_id: str, markers: Collection[str]) -> tuple[Case, ...]:
    """The reasons that the case may have, the likeliest first; none for a case that has no other."""
    marked = {reason for marker in markers for reason in MARKED.get(marker, ())}
    return tuple(sorted(candidates(case_id), key=lambda reason: reason.id not in marked))
