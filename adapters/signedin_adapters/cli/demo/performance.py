"""Owns one performance of the demo: the server, the connection, the acts in order, and what comes next."""

import os
import sys
from dataclasses import asdict
from shutil import which

from signedin import Connection
from signedin_adapters.cli.demo.acts import ACTS, Act
from signedin_adapters.cli.demo.layout import Layout
from signedin_adapters.cli.demo.ledger import Ledger, Row
from signedin_adapters.cli.demo.stage import Stage
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.program import Program
from signedin_adapters.cli.sandbox import announce
from signedin_adapters.sandbox import Sandbox

OPENING = "All of this runs on this machine, against a stand-in for OpenAI's servers. No account, no network."
STREAM_SECONDS = 0.03
"""Between two pieces of an answer, where somebody watches."""


async def perform(call: Invocation, directory: str) -> None:
    """Play every act on a real server, real sockets and real files below `directory`."""
    layout, ledger, home = Layout(call.out), Ledger(), f"{directory}/home"
    layout.opening(OPENING)
    with _sandbox(call, ledger).running() as sandbox:
        announce(sandbox, home)
        opened = Connection.open(app_name=call.program.app_name, provider="sandbox", store="file", home=home)
        async with opened as connection:
            connection.subscribe(ledger.moved)
            stage = Stage(
                sandbox=sandbox, home=home, connection=connection, ledger=ledger, layout=layout, program=call.program
            )
            played = [await _play(act, number, stage, layout, call) for number, act in enumerate(ACTS, start=1)]
    call.out.object({"acts": played, "home": home if call.options.keep else None})
    _say_what_comes_next(call, home, requests=len(sandbox.requests))


def _sandbox(call: Invocation, ledger: Ledger) -> Sandbox:
    """It minds no early refresh. It repeats no ID token: whether that is a new one depends on the second."""
    return Sandbox(
        earliest_refresh_at="absent",
        refresh_returns_id_token=False,
        pace=STREAM_SECONDS if call.out.terminal else 0,
        on_request=ledger.saw,
    )


async def _play(act: Act, number: int, stage: Stage, layout: Layout, call: Invocation) -> dict[str, object]:
    layout.heading(number, act.title, act.sentence)
    if number == 1:
        layout.columns(stage.connection.state)
    before = len(stage.rows)
    await act.play(stage)
    stage.show()
    if call.options.step and call.out.asks and number < len(ACTS):
        call.out.ask(call.out.quiet_note("\n   Enter goes on "))
    return _told(act, stage.rows[before:])


def _told(act: Act, rows: list[Row]) -> dict[str, object]:
    requests = [asdict(row.request) for row in rows if row.request is not None]
    moves = [{"state": row.move.state.value, "case": row.move.case} for row in rows if row.move is not None]
    return {"title": act.title, "requests": requests, "moves": moves}


def _say_what_comes_next(call: Invocation, home: str, *, requests: int) -> None:
    prog = call.program.prog if which(call.program.prog) else os.path.relpath(sys.argv[0])
    follow_ups = [("With your own account", f"{prog} login"), ("This server, for your browser", f"{prog} sandbox")]
    if call.options.keep:
        kept = Program(app_name=call.program.app_name, home=home).paths()
        follow_ups += [("What was kept", home), ("The same as a log", f"{kept.directory}/log/signedin.jsonl")]
    call.out.line()
    call.out.line(call.out.strong(f"That was the whole job: {requests} requests, none beyond 127.0.0.1."))
    for what, command in follow_ups:
        call.out.line(f"   {call.out.quiet(f'{what:<29}')}  {command}")
