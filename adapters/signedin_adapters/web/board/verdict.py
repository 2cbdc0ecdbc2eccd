"""Owns what a play came to: what was asked, what the log says of it, and what the diagnosis makes of that log alone."""

import json
import os
import re
from collections.abc import Sequence
from typing import Any

from signedin import cases
from signedin.cases import Case
from signedin_adapters.diagnosis import CaseFound, diagnose, find
from signedin_adapters.web.board.plays import SAYS, Play

Told = dict[str, Any]
_COMMAND = re.compile(r"\{(\w+)\}")


def verdict(chosen: Case, play: Play, log: str) -> Told:
    """What there is to say of the play of a case. `log` is the path of what this play alone wrote."""
    found = diagnose(find([log])).cases if os.path.exists(log) else ()
    exact = [each.id for each in found] == ([play.case.id] if play.how not in ("unseen", "well") else [])
    return {
        "chosen": described(chosen),
        "played": described(play.case),
        "how": play.how,
        "says": SAYS[play.how],
        "place": _place(chosen, play),
        "line": _naming(play.case, log),
        "diagnosis": [_found(each) for each in found],
        "exact": exact,
        "judged": _judged(chosen, play, found, exact=exact),
    }


def described(case: Case) -> Told:
    """A case as the command line has it: its words, its next step's command, its exit code."""
    return {
        "id": case.id,
        "title": case.title,
        "kind": case.kind,
        "category": case.category.value,
        "meaning": _said(case.meaning),
        "by_itself": _said(case.by_itself),
        "remedy": _said(case.remedy),
        "exit_code": case.exit_code,
    }


def _said(text: str) -> str:
    return _COMMAND.sub(r"signedin \1", text)


def _place(chosen: Case, play: Play) -> str:
    """Where a case stands that looks like another one."""
    if chosen is play.case:
        return ""
    if chosen.kind == "advice":
        return f"Advice, which no code raises. It belongs to “{play.case.title}”, which is played here."
    names = [each.id for each in cases.candidates(play.case.id)]
    where = f"{names.index(chosen.id) + 1} of {len(names)}" if chosen.id in names else "one"
    return f"From here it looks like “{play.case.title}”, which is played: it is reason {where} for that."


def _naming(case: Case, log: str) -> str | None:
    """The first line of the log that names the case."""
    if not os.path.exists(log):
        return None
    with open(log, encoding="utf-8") as file:
        lines = file.read().splitlines()
    return next((line for line in lines if json.loads(line).get("case") == case.id), None)


def _found(found: CaseFound) -> Told:
    return {
        "id": found.id,
        "title": cases.find(found.id).title,
        "active": found.active,
        "candidates": [candidate.id for candidate in found.candidates],
    }


def _judged(chosen: Case, play: Play, found: Sequence[CaseFound], *, exact: bool) -> str:
    names = [each.id for each in found]
    if exact and names and chosen is not play.case:
        reason = chosen.id in [each.id for each in cases.candidates(play.case.id)]
        return f"diagnose names {play.case.id}" + (
            ", and this as one reason for it." if reason else ", which is played."
        )
    if exact:
        return "diagnose names exactly this case." if names else "diagnose names nothing, as it should."
    if play.case.id in names:
        others = " and ".join(name for name in names if name != play.case.id)
        return f"diagnose names this case, and {others}, which came on the way."
    return f"diagnose says {' and '.join(names) or 'nothing'} instead."
