"""Owns `signedin use MODEL`: choosing the model of this account, from the newest list of its own that can be had."""

import argparse

import anyio

from signedin.responses import Model, models
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.connecting import connected
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.models import tell_if_stale
from signedin_adapters.cli.output import shown
from signedin_adapters.cli.status import report

EXAMPLES = ("signedin use MODEL", "signedin models")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The model."""
    parser.add_argument("model", metavar="MODEL", help="the model's id")


def run(call: Invocation) -> int:
    """Choose it, or refuse it with the list."""
    model, account_id = anyio.run(_chosen, call)
    if call.out.json:
        return report(call, account_id)
    call.out.line(f"{shown(model.id)} is used from now on.")
    return exit_codes.OK


async def _chosen(call: Invocation) -> tuple[Model, str]:
    async with connected(call) as connection:
        catalogue = await models(connection, refresh=True)
        if not call.out.json:
            tell_if_stale(call, catalogue)
        model = catalogue.find(call.options.model)
        connection.use_model(model.id)
        return model, connection.snapshot.account_id
