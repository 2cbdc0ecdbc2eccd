"""Owns the catalogue of troubles: what each is called, what it means, who can end it, and the one next step.

Words only: which signal makes which case is decided in `classify`, what the case does to the state in `table`.
Remedies name commands by placeholder (`{login}`, `{status}`, …), so that a host app's own commands can be named. What
a remedy says first needs none but these two: a host app may have no others, and then it ends there.
The headings are what people say when they ask for help; docs/troubleshooting.md is generated from here.
Candidates stand by likelihood, the likeliest first, under the case that they look like.
"""

from signedin.cases import account, authentication, callback, expiring, models, network, status, storage, window
from signedin.cases.case import Case, Kind, Move
from signedin.states import Category, Flag

__all__ = ["CASES", "HEADINGS", "Case", "Kind", "Move", "candidates", "find", "flag_of", "is_bug"]

HEADINGS: dict[str, tuple[Case, ...]] = {
    "Authentication failed": (*callback.CASES, *authentication.CASES, *account.CASES),
    "Models not appearing": models.CASES,
    "OAuth window doesn't open": window.CASES,
    "Connection keeps expiring": expiring.CASES,
    "Network and environment": network.CASES,
    "Storage": storage.CASES,
    "Status and integration": status.CASES,
}

CASES: dict[str, Case] = {case.id: case for cases in HEADINGS.values() for case in cases}


def find(case_id: str) -> Case:
    """The case of this id; `unclassified` for an id that this version does not know."""
    return CASES.get(case_id) or CASES["unclassified"]


def candidates(case_id: str) -> tuple[Case, ...]:
    """The reasons that an observed case can have, the likeliest first; none where there is nothing to choose from."""
    return tuple(case for case in CASES.values() if case.kind == "candidate" and case.parent == case_id)


def flag_of(case_id: str | None) -> Flag | None:
    """The flag that the case raises, if any."""
    return None if case_id is None else find(case_id).flag


def is_bug(case_id: str) -> bool:
    """Whether only a new version of the software can end it."""
    return find(case_id).category is Category.BUG
