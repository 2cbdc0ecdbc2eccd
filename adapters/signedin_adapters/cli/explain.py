"""Owns `signedin explain`: what a case means, who can end it, what to do, and what it does to the connection."""

import argparse
from difflib import get_close_matches

from signedin.cases import CASES, HEADINGS, Case, window
from signedin.errors import MisuseError
from signedin.states import Category
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

_KEEP_THE_GRANT = frozenset({"api-401-loop", "api-key-rejected", "refresh-token-other-user"})
"""Cases that ask for another sign-in, though nobody said that the grant is over."""

_END_A_SIGN_IN = frozenset({"id-token-invalid", "redirect-uri-mismatch", "registration-gone"})
"""Cases that only a sign-in comes to, beside those of its window and those with the exit code of no session."""
_UNHARMED = frozenset({"account-deactivated", "login-in-progress", "state-mismatch-stale-tab"})
"""Cases that move nothing, though their exit code is another's."""


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
    """What the case does to the connection's state."""
    if case.flag is not None:
        return f"The state stays as it is; the flag {case.flag.value} is raised."
    if case.exit_code in (exit_codes.OK, exit_codes.REFUSED) or case.id in _UNHARMED:
        return "The state stays as it is."
    if case.exit_code == exit_codes.SIGN_IN_NEEDED and case.id not in _KEEP_THE_GRANT:
        return "Connected → Expired: only signing in again helps. The registration is kept."
    if case.id == "signed-out-elsewhere":
        return "Connected → Disconnected. The registration is kept."
    if case.exit_code == exit_codes.NOT_SIGNED_IN or case in window.CASES or case.id in _END_A_SIGN_IN:
        return "Authorizing → back to where the sign-in came from; an older session is kept."
    if case.category is Category.TRANSIENT:
        return "Connected while the access token lives, then Error (transient) until a retry succeeds."
    return f"Error ({case.category.value}); the credential is kept, and so is an access token that lives."


def _explain(call: Invocation, case: Case) -> None:
    described = standing.described(case, call.program) or {}
    call.out.object({**described, "meaning": case.meaning, "exit_code": case.exit_code, "transition": transition(case)})
    out, say = call.out, call.program.remedy
    out.line(f"{out.strong(case.title)}  {out.quiet(case.id)}")
    out.line()
    out.line(f"  {say(case.meaning)}")
    out.line()
    for heading, text in (
        ("What to do", call.program.advice(case)),
        ("Ended by", _ENDED_BY[case.category]),
        ("Connection", transition(case)),
        ("Exit code", _exit_code(case)),
    ):
        out.line(f"  {out.quiet(f'{heading:<10}')}  {text}")


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
