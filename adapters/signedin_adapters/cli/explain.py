"""Owns `signedin explain`: what a case means, who can end it, what to do, and what it does to the connection."""

import argparse
from difflib import get_close_matches

from signedin.cases import CASES, HEADINGS, Case, Move, candidates, find
from signedin.errors import MisuseError
from signedin.states import Category, State
from signedin_adapters.cli import exit_codes, standing
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown

READS_OTHER_APPS = True
EXAMPLES = ("signedin explain refresh-token-revoked", "signedin explain", "signedin explain offline --json")

_ENDED_BY = {
    Category.TRANSIENT: "time: it is tried again by itself",
    Category.NEEDS_USER: "you",
    Category.NEEDS_ADMIN: "whoever administers the account or the network",
    Category.ENVIRONMENT: "a change on this machine or in its network",
    Category.CONFIGURATION: "a change of the configuration",
    Category.BUG: "a newer version of this software",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("case", metavar="CASE", nargs="?", help="the case's name; without it, all of them are listed")


def run(call: Invocation) -> int:
    """Explain one case, or list all."""
    name = call.options.case
    if name is None:
        return _list(call)
    if name not in CASES:
        raise MisuseError(f"There is no case called {shown(name)}.{_resembling(name)}")
    _explain(call, CASES[name])
    return exit_codes.OK


def transition(case: Case) -> str:
    """What the case does to the connection: from where to where, and by which event of the table."""
    move = case.move
    if move is None:
        return "The state stays as it is" + ("." if case.flag is None else f"; the flag {case.flag.value} is raised.")
    return f"{_moved(case, move)} ({move.event})."


def _moved(case: Case, move: Move) -> str:
    if not move.to:
        return "The state stays as it is"
    if State.AUTHORIZING in move.sources and move.to != (State.CONNECTED,):
        return "Authorizing → back to where the sign-in came from; an older session is kept"
    step = f"{_names(move.sources)} → {_names(move.to)}"
    if move.to == (State.EXPIRED,):
        return f"{step}: only signing in again helps; the registration is kept"
    if move.to == (State.ERROR,):
        return f"{step}, {case.category.value}; the credential is kept, and so is an access token that lives"
    if State.ERROR in move.to:
        return f"{step}: Connected while the access token lives, then Error, {case.category.value}"
    return step


def _names(states: tuple[State, ...]) -> str:
    return " or ".join(state.value.capitalize() for state in states)


def _explain(call: Invocation, case: Case) -> None:
    call.out.object({**(standing.described(case, call.program) or {}), **_told(call, case)})
    out, say = call.out, call.program.remedy
    out.line(f"{out.strong(case.title)}  {out.quiet(case.id)}")
    out.line()
    out.line(f"  {say(case.meaning)}")
    out.line()
    for heading, text in (
        ("What to do", call.program.advice(case)),
        ("By itself", say(case.by_itself)),
        ("Ended by", _ENDED_BY[case.category]),
        ("Seen as", case.signal),
        ("Connection", transition(case)),
        ("Exit code", _exit_code(case)),
        ("Looks like", _place(case)),
        ("Reports", ", ".join(case.seen)),
    ):
        if text:
            out.line(f"  {out.quiet(f'{heading:<10}')}  {text}")
    for candidate in candidates(case.id):
        out.line(f"  {out.quiet('Perhaps   ')}  {candidate.title} ({candidate.id})")


def _told(call: Invocation, case: Case) -> dict[str, object]:
    say = call.program.remedy
    return {
        "meaning": say(case.meaning),
        "kind": case.kind,
        "parent": case.parent,
        "candidates": [candidate.id for candidate in candidates(case.id)],
        "signal": case.signal,
        "by_itself": say(case.by_itself),
        "exit_code": case.exit_code,
        "transition": transition(case),
        "event": case.move.event if case.move else None,
        "seen": list(case.seen),
    }


def _place(case: Case) -> str:
    """What a candidate or a variant stands beside."""
    return "" if case.parent is None else f"{find(case.parent).title} ({case.parent})"


def _exit_code(case: Case) -> str:
    return f"{case.exit_code} ({dict(exit_codes.MEANINGS)[case.exit_code]})"


def _list(call: Invocation) -> int:
    listed = [(heading, case) for heading, group in HEADINGS.items() for case in group]
    call.out.object({"cases": [{"id": case.id, "title": case.title, "heading": name} for name, case in listed]})
    width = max(map(len, CASES))
    for place, (heading, group) in enumerate(HEADINGS.items()):
        call.out.line(f"{chr(10) if place else ''}{call.out.strong(heading)}")
        for case in group:
            call.out.line(f"  {case.id:<{width}}  {case.title}")
    return exit_codes.OK


def _resembling(name: str) -> str:
    near = get_close_matches(name, CASES, n=3)
    return f" Did you mean {' or '.join(near)}?" if near else ""
