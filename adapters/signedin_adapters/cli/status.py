"""Owns `signedin status`: who is signed in and how that fares, from what lies on disk and the clock alone.

It never refreshes and never changes anything. The lightest path of all: what makes a call (`--verify`) is imported
only for it.
"""

import argparse
import time

from signedin.facts import AppFacts
from signedin.states import State
from signedin_adapters.cli import api_key, choosing, exit_codes, standing, target, wording
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import Output, shown
from signedin_adapters.cli.program import Program

READS_OTHER_APPS = True
EXAMPLES = ("signedin", "signedin status --json", "signedin status --verify", "signedin status --account work")

_CODES = {
    State.CONNECTED: exit_codes.OK,
    State.REFRESHING: exit_codes.OK,
    State.DISCONNECTED: exit_codes.NOT_SIGNED_IN,
    State.AUTHORIZING: exit_codes.NOT_SIGNED_IN,
    State.EXPIRED: exit_codes.SIGN_IN_NEEDED,
    State.ERROR: exit_codes.CANNOT_TELL,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("--verify", action="store_true", help="make one cheap call; refreshes nothing")


def run(call: Invocation) -> int:
    """Tell how the chosen account fares."""
    choice = choosing.choose(call.options, call.program)
    _aim(call, choice)
    environment = api_key.environment_note(call.program)
    for note in (*choice.notes, *_warnings(choice.facts), *((environment,) if environment else ())):
        call.out.note(note)
    if call.options.verify:
        from signedin_adapters.cli.verifying import verify

        verified = verify(call, choice)
        choice = choosing.choose(call.options, call.program)
        code = tell(choice, call.program, call.out)
        call.out.line("Verified: the API knows this session." if verified else "There was nothing to verify.")
    else:
        code = tell(choice, call.program, call.out)
    if call.options.app is not None and code != exit_codes.OK:
        call.out.note(f"This is about {shown(call.program.app_name)}, and helps if it is done there.")
    return code


def report(call: Invocation, account_id: str | None = None, **more: object) -> int:
    """Tell how the account fares now, after a command changed something; `more` goes into the JSON object."""
    choice = choosing.choose(call.options, call.program)
    if account_id is not None:
        choice.point_at(account_id)
    _aim(call, choice)
    return tell(choice, call.program, call.out, **more)


def tell(choice: Choice, program: Program, out: Output, **more: object) -> int:
    """Print one account's status, as text or as the one object, and give its exit code."""
    at = time.time()
    status = standing.judged(choice.facts, choice.account, program, at=at, provider=choice.asked)
    case = standing.case_of(status.case)
    out.object({**standing.answer(choice, status, case, program), **more})
    if not out.json:
        wording.print_status(choice, status, case, program, out, at=at)
    code = _CODES[status.state]
    return code if case is None or code == exit_codes.OK else case.exit_code or code


def _aim(call: Invocation, choice: Choice) -> None:
    """Let remedies speak of what is told; without an account that may be where the last sign-in was tried."""
    aimed = call.program.target = target.chosen(choice, call.options, call.program.home)
    attempt = standing.tried(choice.facts, choice.asked)
    if choice.account is None and attempt is not None and attempt.provider and attempt.case is not None:
        aimed.provider, aimed.is_named = attempt.provider, True


def _warnings(facts: AppFacts) -> "list[str]":
    """What is wrong with files and keeps nobody from anything."""
    everything = (*facts.faults, *(fault for account in facts.accounts for fault in account.faults))
    return [f"{fault.message}." for fault in everything if fault.case == "file-too-open"]
