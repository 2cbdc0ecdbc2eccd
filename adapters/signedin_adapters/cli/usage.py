"""Owns `signedin usage`: what is left of the limits where a provider tells, else the page that shows it.

No provider known today tells an app: `windows` is null, and nothing is guessed from refusals.
"""

import argparse

import anyio

from signedin import Flag, Snapshot
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.connecting import connected
from signedin_adapters.cli.invocation import Invocation

EXAMPLES = ("signedin usage",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None but the common ones."""


def run(call: Invocation) -> int:
    """Name the page."""
    manage_url, snapshot = anyio.run(_known, call)
    call.out.object({"windows": None, "manage_url": manage_url})
    if Flag.USAGE_PAUSED in snapshot.flags:
        call.out.line("Usage limit reached, when a request was last made.")
    page = "" if manage_url is None else f" It is shown at {manage_url}"
    call.out.line(f"The provider does not tell apps what is left.{page}")
    return exit_codes.OK


async def _known(call: Invocation) -> tuple[str | None, Snapshot]:
    async with connected(call) as connection:
        return connection.provider.manage_url, connection.snapshot
