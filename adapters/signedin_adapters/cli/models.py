"""Owns `signedin models`: the account's own list, in the server's order, with the chosen one marked.

The provider is asked each time, in few words where it knows the list that is kept; that one is shown, with its age and
the reason, where no answer comes soon.
"""

import argparse

import anyio

from signedin import cases
from signedin.responses import Catalogue, Model
from signedin.responses import models as fetch
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.connecting import connected
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import Output, shown
from signedin_adapters.cli.standing import timestamp

EXAMPLES = ("signedin models", "signedin models --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None but the common ones."""


def run(call: Invocation) -> int:
    """List them."""
    catalogue, chosen = anyio.run(_fetched, call)
    call.out.object(_answer(catalogue))
    width = max(len(model.id) for model in catalogue.models)
    for model in catalogue.models:
        call.out.line(_line(model, width, call.out))
    if not call.out.json:
        tell_if_stale(call, catalogue)
        _advise(call, catalogue, chosen)
    return exit_codes.OK


def tell_if_stale(call: Invocation, catalogue: Catalogue) -> None:
    """From when the list is and why there is none of now, on stderr."""
    if catalogue.stale:
        why = cases.find(catalogue.case or "catalogue-empty").title
        call.out.note(f"This list is from {timestamp(catalogue.fetched_at)}, and there is none of now: {why}.")


async def _fetched(call: Invocation) -> tuple[Catalogue, str | None]:
    """The list, and the model that was chosen earlier."""
    async with connected(call) as connection:
        return await fetch(connection, refresh=True), connection.snapshot.model


def _answer(catalogue: Catalogue) -> dict[str, object]:
    return {
        "models": [{"id": model.id, "name": model.name, "selected": model.selected} for model in catalogue.models],
        "fetched_at": timestamp(catalogue.fetched_at),
        "stale": catalogue.stale,
    }


def _line(model: Model, width: int, out: Output) -> str:
    id_ = f"{shown(model.id):<{width}}"
    name = out.quiet(shown(model.name)) if model.name != model.id else ""
    line = f"* {out.strong(id_)}  {name}" if model.selected else f"  {id_}  {name}"
    return line.rstrip()


def _advise(call: Invocation, catalogue: Catalogue, chosen: str | None) -> None:
    say = call.program.remedy
    if chosen is None:
        call.out.note(say("The first is used until you choose one: {use} MODEL"))
    elif catalogue.selected is None:
        call.out.note(f"{shown(chosen)}, which you chose, is no longer listed. {say('Choose another: {use} MODEL')}")
