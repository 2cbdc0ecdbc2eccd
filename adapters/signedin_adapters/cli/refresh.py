"""Owns `signedin refresh`: one refresh now, and what came of it."""

import argparse
import time

import anyio

from signedin import Connection
from signedin_adapters.cli import choosing, connecting, exit_codes, standing, status, wording
from signedin_adapters.cli.invocation import Invocation

EXAMPLES = ("signedin refresh", "signedin refresh --account work")


def add_arguments(_: argparse.ArgumentParser) -> None:
    """This command has no arguments of its own."""


def run(call: Invocation) -> int:
    """Get a fresh access token. Raises ConnectionFailed where none was to be had, StoreError where it was not saved."""
    return anyio.run(_run, call)


async def _run(call: Invocation) -> int:
    async with connecting.connected(call) as connection:
        before = connection.snapshot.generation
        await connection.refresh()
        connecting.require_saved(connection.snapshot)
        refreshed = connection.snapshot.generation > before
        account_id = connection.snapshot.account_id
    if call.out.json:
        status.report(call, account_id, refreshed=refreshed)
        return exit_codes.OK
    call.out.line(_what_came(connection, call, account_id, refreshed=refreshed))
    return exit_codes.OK


def _what_came(connection: Connection, call: Invocation, account_id: str, *, refreshed: bool) -> str:
    at = time.time()
    choice = choosing.choose(call.options, call.program)
    account = next(each for each in choice.facts.accounts if each.id == account_id)
    judged = standing.judged(choice.facts, account, call.program, at=at)
    valid = wording.access(judged, at=at)
    if refreshed:
        return f"Renewed. {valid}".rstrip()
    earliest = judged.session.earliest_refresh_at if judged.session is not None else None
    if earliest is not None and earliest > at:
        return f"The server asks not to refresh before {wording.moment(earliest, at=at)}. {valid}".rstrip()
    return f"Nothing had to be renewed. {valid}".rstrip()
