"""Owns the catalogue of troubles: what each is called, what it means, who can end it, and the one next step.

Words only: which signal makes which case is decided in `classify`, what the case does to the state in `table`.
Remedies name commands by placeholder (`{login}`, `{status}`, …), so that a host app's own commands can be named.
The headings are what people say when they ask for help; docs/troubleshooting.md is generated from here.
"""

from signedin.cases import authentication, expiring, models, network, storage, window
from signedin.cases.case import Case
from signedin.states import Category, Flag

__all__ = ["CASES", "HEADINGS", "Case", "find", "flag_of", "is_bug"]

HEADINGS: dict[str, tuple[Case, ...]] = {
    "Authentication failed": authentication.CASES,
    "Models not appearing": models.CASES,
    "OAuth window doesn't open": window.CASES,
    "Connection keeps expiring": expiring.CASES,
    "Network and environment": network.CASES,
    "Storage": storage.CASES,
}

CASES: dict[str, Case] = {case.id: case for cases in HEADINGS.values() for case in cases}


def find(case_id: str) -> Case:
    """The case of this id; `unclassified` for an id that this version does not know."""
    return CASES.get(case_id) or CASES["unclassified"]


def flag_of(case_id: str | None) -> Flag | None:
    """The flag that the case raises, if any."""
    return None if case_id is None else find(case_id).flag


def is_bug(case_id: str) -> bool:
    """Whether only a new version of the software can end it."""
    return find(case_id).category is Category.BUG
