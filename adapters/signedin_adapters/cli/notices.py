"""Owns what `login` tells people beside its answer: what has to be said once of an account, and what else there is."""

import argparse
import shlex
import sys

from signedin import Connection
from signedin.provider import Provider
from signedin_adapters.cli import choosing
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown
from signedin_adapters.lines import fitted


def is_owed(connection: Connection) -> bool:
    """Whether the provider wants something said to its users, and nobody ever signed in to it here."""
    provider = connection.provider
    known = (record.subject for record in connection.accounts() if record.provider == provider.name)
    return provider.notice is not None and not any(known)


def tell_of_provider(call: Invocation, connection: Connection) -> None:
    """What the provider wants said, before anything opens."""
    _tell(call, connection.provider.notice or "")
    call.out.note()


def tell_of_plan(call: Invocation, connection: Connection) -> None:
    """What allowing plan use means."""
    provider = connection.provider
    where = f" What it uses, and how to end that: {provider.manage_url}" if provider.manage_url else ""
    _tell(call, f"{call.program.app_name} now uses your plan for its requests, within your plan's limits.{where}")
    call.out.note()


def tell_default(call: Invocation, account_id: str) -> None:
    """A new account is used where it is asked for, until it is made the default."""
    unasked = argparse.Namespace(account=None, provider=call.program.provider)
    choice = choosing.choose(unasked, call.program)
    if call.options.account or choice.account is None or choice.account.id == account_id:
        return
    label = next(shlex.quote(shown(each.label)) for each in choice.facts.accounts if each.id == account_id)
    told = f"It is used with --account {label}"
    if "switch" in call.program.commands:
        told += f"; {call.program.command(f'switch {label}')} makes it the default"
    _tell(call, f"{told}.")


def tell_of_more(call: Invocation, provider: Provider) -> None:
    """What `login` does where somebody is signed in already."""
    more = [("{login} --again", "signs in anew"), ("{login} --new --label LABEL", "adds another account")]
    if provider.plan_scope is not None:
        more.append(("{login} --enable-plan", "asks again for leave to use the plan"))
    rows = [(call.program.remedy(command), does) for command, does in more]
    widest = max(len(command) for command, _ in rows)
    call.out.note()
    for command, does in rows:
        call.out.note(f"  {command:<{widest}}  {does}")


def _tell(call: Invocation, text: str) -> None:
    call.out.note(fitted(text, sys.stderr))
