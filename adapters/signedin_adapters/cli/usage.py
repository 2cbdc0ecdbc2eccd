"""Owns `signedin usage`: what is left of the limits where a provider tells, else the page that shows it.

Where a provider does not tell, nobody is asked, `windows` is null, and nothing is guessed from refusals.
"""

import argparse
import time

import anyio

from signedin import Flag, Snapshot
from signedin.responses import Usage, UsageWindow
from signedin.responses import usage as fetch
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.connecting import connected
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import Answer, shown
from signedin_adapters.cli.standing import timestamp
from signedin_adapters.cli.wording import duration, moment

EXAMPLES = ("signedin usage",)

_SPANS = {86400: "daily window", 7 * 86400: "weekly window"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None but the common ones."""


def run(call: Invocation) -> int:
    """Tell what is left, and name the page."""
    told, manage_url, snapshot = anyio.run(_known, call)
    call.out.object(_answer(told, manage_url))
    if told is None or told.limit_reached is None:
        _tell_flag(call, snapshot)
    elif told.limit_reached:
        call.out.line("Usage limit reached.")
    for window in () if told is None else told.windows:
        call.out.line(line(window, at=time.time()))
    _tell_page(call, told, manage_url)
    return exit_codes.OK


async def _known(call: Invocation) -> tuple[Usage | None, str | None, Snapshot]:
    async with connected(call) as connection:
        told = await fetch(connection)
        return told, connection.provider.manage_url, connection.snapshot


def _answer(told: Usage | None, manage_url: str | None) -> Answer:
    """Plan and `limit_reached` are there where they were told."""
    if told is None:
        return {"windows": None, "manage_url": manage_url}
    beside = {"plan": told.plan, "limit_reached": told.limit_reached}
    known = {key: value for key, value in beside.items() if value is not None}
    return {"windows": [_object(window) for window in told.windows], "manage_url": manage_url, **known}


def _object(window: UsageWindow) -> Answer:
    return {
        "name": window.name,
        "used_percent": window.used_percent,
        "window_seconds": None if window.window_seconds is None else int(window.window_seconds),
        "resets_at": timestamp(window.resets_at),
    }


def line(window: UsageWindow, *, at: float) -> str:
    """One window: how long it is, how much of it is used, when it is whole again."""
    used = f"{_name(window)}: {int(window.used_percent)} % used"
    if window.resets_at is None or window.resets_at <= at:
        return used
    return f"{used}, whole again at {moment(window.resets_at, at=at)} (in {duration(window.resets_at - at)})"


def _name(window: UsageWindow) -> str:
    """The length says most; a limit beside the plan's own has its name before it."""
    own = window.name in ("primary", "secondary")
    seconds = window.window_seconds
    if seconds is None:
        return f"{window.name.capitalize()} window" if own else shown(window.name)
    span = _SPANS.get(int(seconds)) or f"{duration(seconds)} window"
    return span[0].upper() + span[1:] if own else f"{shown(window.name)}, {span}"


def _tell_flag(call: Invocation, snapshot: Snapshot) -> None:
    if Flag.USAGE_PAUSED in snapshot.flags:
        call.out.line("Usage limit reached, when a request was last made.")


def _tell_page(call: Invocation, told: Usage | None, manage_url: str | None) -> None:
    if told is None:
        page = "" if manage_url is None else f" It is shown at {manage_url}"
        call.out.line(f"The provider does not tell apps what is left.{page}")
        return
    if not told.windows:
        call.out.line("The provider tells of no limit.")
    if manage_url is not None:
        call.out.line(f"Manage it at {manage_url}")
