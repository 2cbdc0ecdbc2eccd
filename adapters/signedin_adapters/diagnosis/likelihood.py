"""Owns the order of the reasons that a case may have: first what the run's markers speak for, then the catalogue's."""

from signedin.cases import Case, candidates

MARKED: dict[str, tuple[str, ...]] = {
    "ssh": ("callback-never-arrives-ssh",),
    "editor": ("callback-container",),
    "container": ("callback-container", "sandboxed-opener"),
    "wsl": ("callback-wsl2", "wsl-opener-missing"),
}
"""Which reasons a marker of the machine speaks for."""


def likeliest_first(case_id: str, markers: tuple[str, ...]) -> tuple[Case, ...]:
    """The reasons that the case may have, the likeliest first."""
    marked = {reason for marker in markers for reason in MARKED.get(marker, ())}
    return tuple(sorted(candidates(case_id), key=lambda reason: reason.id not in marked))
