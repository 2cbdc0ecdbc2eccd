"""Owns `signedin forget`: remove an account whole, with registration, key and record, after a person said so."""

import argparse
from functools import partial

import anyio

from signedin_adapters.cli import choosing, exit_codes, leaving, wording
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.logout import is_meant

EXAMPLES = ("signedin forget work", "signedin forget work --yes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("label", metavar="LABEL", help="the account's label or id")
    parser.add_argument("--yes", action="store_true", help="do not ask (needed where nobody can be asked)")


def run(call: Invocation) -> int:
    """Remove the account, and say whether the provider confirmed the end of its session."""
    account = choosing.find(choosing.look(call.program), call.options.label)
    who = wording.name(account)
    if not is_meant(call, f"Remove {who}, its registration and its session? Signing in again will register anew."):
        return exit_codes.OK
    revoked = anyio.run(partial(leaving.forget, call, account))
    known = {"label": account.label, "email": account.email, "id": account.id}
    call.out.object({"forgotten": known, "revoked": revoked})
    call.out.line(f"Removed {who}.")
    if revoked is False:
        call.out.line("The provider did not confirm the end of its session, which may live on there.")
    return exit_codes.OK
