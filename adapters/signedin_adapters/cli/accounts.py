"""Owns `signedin accounts`: the accounts of the app, and which rule chose the one that is used here. It only looks."""

import argparse
import time

from signedin.states import State
from signedin_adapters.cli import choosing, exit_codes, standing, target, wording
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown

READS_OTHER_APPS = True
SHOWN_CHARACTERS = 10
EXAMPLES = ("signedin accounts", "signedin accounts --json", "signedin accounts --app 'Acme Notes'")

_STATES = {
    State.CONNECTED: "signed in",
    State.REFRESHING: "signed in",
    State.AUTHORIZING: "signing in",
    State.DISCONNECTED: "signed out",
    State.EXPIRED: "sign-in needed",
    State.ERROR: "in trouble",
}


def add_arguments(_: argparse.ArgumentParser) -> None:
    """This command has no arguments of its own."""


def run(call: Invocation) -> int:
    """List the accounts."""
    choice = choosing.choose(call.options, call.program)
    for note in choice.notes:
        call.out.note(note)
    call.program.target = target.chosen(choice, call.options, call.program.home)
    rows = _rows(call, choice)
    call.out.object({"accounts": rows, "selected_by": choice.selected_by})
    if not rows:
        call.out.line(f"There are no accounts yet. {call.program.remedy('{login}')} adds one.")
    else:
        _print(call, choice, rows)
    return exit_codes.OK


def _rows(call: Invocation, choice: Choice) -> list[dict[str, object]]:
    at, facts = time.time(), choice.facts
    default = choosing.by_default(facts).account
    return [
        {
            "label": account.label,
            "id": account.id,
            "email": account.email,
            "plan": account.plan,
            "workspace": account.workspace,
            "provider": account.provider,
            "app": facts.slug,
            "state": standing.judged(facts, account, call.program, at=at).state.value,
            "default": account is default,
        }
        for account in facts.accounts
        if choosing.is_complete(account)
    ]


def _print(call: Invocation, choice: Choice, rows: list[dict[str, object]]) -> None:
    chosen = choice.account.id if choice.account is not None else None
    told = [name for name in ("plan", "workspace") if any(row[name] for row in rows)]
    table = [("", "LABEL", "E-MAIL", "PROVIDER", *(name.upper() for name in told), "STATE")]
    for row in rows:
        label, email = shown(str(row["label"] or row["id"])), shown(str(row["email"] or "–"))
        more = [_short(str(row[name] or "–")) for name in told]
        state = _STATES[State(row["state"])]
        table.append(("*" if row["id"] == chosen else "", label, email, shown(str(row["provider"])), *more, state))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for place, cells in enumerate(table):
        text = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        call.out.line(call.out.quiet(text) if place == 0 else text)
    if rule := wording.rule(choice, call.program):
        call.out.line()
        call.out.line(rule)


def _short(text: str) -> str:
    """Enough of a name or an id to know it by; `status` has it whole."""
    return shown(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…")
