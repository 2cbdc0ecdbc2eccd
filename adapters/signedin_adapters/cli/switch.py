"""Owns `signedin switch`: which account is the default one."""

import argparse
from dataclasses import replace

from signedin_adapters.cli import choosing, exit_codes, faults, status, storing, wording
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown

EXAMPLES = ("signedin switch work",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("label", metavar="LABEL", help="the account's label")


def run(call: Invocation) -> int:
    """Make the account the default, and say where something else still chooses."""
    account = choosing.find(choosing.look(call.program), call.options.label)
    faults.refuse_unreadable(account, call.program)
    store = storing.register(call)
    store.save_preferences(replace(store.preferences(), default_account=account.label))
    if call.out.json:
        status.report(call, account.id)
        return exit_codes.OK
    call.out.line(f"{shown(account.label)} is the default account now.")
    choice = choosing.choose(call.options, call.program)
    if choice.selected_by != "default":
        call.out.line(wording.rule(choice, call.program))
    return exit_codes.OK
