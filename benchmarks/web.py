"""Many pages read along with one connection: how soon each is told, and what that costs the server.

The page is served by a process of its own. Streams are opened to it as browsers do, and the connection is refreshed
without a pause; each transition's own time is held against the time when each reader has it. Then the same again beside
a reader that never reads. Promised: every page is told of every transition, 99 of 100 times within 100 ms, and the
server's memory grows by at most 2 MiB in a run.
"""

import argparse
import asyncio
import http.client
import json
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import anyio
import psutil
from results.options import options
from results.promise import Promise
from results.section import Section, tell
from world.app import open_app, sign_in
from world.clock import WorldClock
from world.figures import milliseconds, on_disk, percentile
from world.processes import Line, Program
from world.server import Server
from world.token_requests import Pauses

from signedin_adapters.cli.page_server import serve
from signedin_adapters.web import create_app

OPTIONS = {"streams": (50, "pages that read along"), "transitions": (1000, "in each run")}
PROMISE = 0.100
"""Seconds after which 99 of 100 readers have a transition."""
GROWTH = 2 * 2**20
"""Bytes by which the server may grow in a run; a reader that was kept back for all of it would take more."""
WARM_UP = 600
"""Transitions before the first look at the memory: the feed keeps 512."""


@dataclass(slots=True, kw_only=True)
class Heard:
    """What came of one run: seconds until each reader had each transition, and the server's memory in bytes.

    Transitions from before `begun` are another run's, however late a reader has them.
    """

    begun: float = 0.0
    waits: list[float] = field(default_factory=list[float])
    transitions: int = 0
    before: int = 0
    after: int = 0


def main() -> int:
    """Run, and say what came of it."""
    asked = options(__doc__, OPTIONS)
    clock = WorldClock(rate=1.0)
    with ExitStack() as stack:
        home = stack.enter_context(on_disk())
        server = stack.enter_context(Server(clock, Pauses(before=(0, 0), after=(0, 0)), ttl=3600))
        server.introduce_to(home)
        sign_in(home, clock)
        page = stack.enter_context(Program(serving, home, clock))
        address: str = page.hear()
        runs = asyncio.run(_read(asked, page, clock, address))
    return _tell(asked, runs)


def serving(line: Line, home: str, clock: WorldClock) -> None:
    """The server's process: it says where the page is, then brings about as many transitions as it is told to."""
    anyio.run(_serve, line, home, clock)


async def _serve(line: Line, home: str, clock: WorldClock) -> None:
    async with open_app(home, clock) as connection, anyio.create_task_group() as tasks:
        page = create_app(connection, home=home, store="file")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            tasks.start_soon(serve, page, listener)
            line.send(page.address(f"http://127.0.0.1:{listener.getsockname()[1]}"))
            made: list[object] = []
            connection.subscribe(made.append)
            while True:
                wanted: int = await anyio.to_thread.run_sync(line.recv)
                made.clear()
                while len(made) < wanted:
                    await connection.refresh()
                line.send(len(made))


async def _read(asked: argparse.Namespace, page: Program, clock: WorldClock, address: str) -> list[Heard]:
    """One run with readers alone, one beside the stalled one."""
    port, request = _let_in(address)
    memory = psutil.Process(page.process.pid).memory_info
    heard = [Heard(), Heard()]
    hearing: list[Heard] = []
    readers = [
        asyncio.create_task(_follow(*await asyncio.open_connection("127.0.0.1", port), request, clock, hearing))
        for _ in range(asked.streams)
    ]
    await _bring_about(page, WARM_UP)
    with ExitStack() as stalled:
        for number, run in enumerate(heard):
            if number == 1:
                stalled.enter_context(_stalled(port, request))
            run.before = memory().rss
            run.begun = clock()
            hearing[:] = [run]
            run.transitions = await _bring_about(page, asked.transitions)
            await _all_told(run, asked.streams, readers)
            run.after = memory().rss
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    return heard


async def _all_told(run: Heard, streams: int, readers: Sequence[asyncio.Task[None]]) -> None:
    """Wait until each reader has all, or one of them was left."""
    while len(run.waits) < run.transitions * streams and not any(reader.done() for reader in readers):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def _bring_about(page: Program, transitions: int) -> int:
    page.line.send(transitions)
    made: int = await asyncio.to_thread(page.hear)
    return made


async def _follow(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, clock: WorldClock, hearing: list[Heard]
) -> None:
    """One page: each transition's wait goes to whichever run is on."""
    writer.write(request)
    named = False
    while line := await reader.readline():
        if line.startswith(b"event: "):
            named = line == b"event: transition\n"
        elif named and line.startswith(b"data: ") and hearing:
            at, run = json.loads(line[6:])["at"], hearing[0]
            if at >= run.begun:
                run.waits.append(clock() - at)


def _let_in(address: str) -> tuple[int, bytes]:
    """Come in as a browser does; the port, and the request of a stream."""
    base, _, secret = address.partition("/#")
    host = base.partition("//")[2]
    browser = http.client.HTTPConnection(host)
    headers = {"Content-Type": "application/json", "Origin": base}
    browser.request("POST", "/session", json.dumps({"secret": secret}), headers)
    cookie = browser.getresponse().headers["Set-Cookie"].partition(";")[0]
    browser.close()
    return int(host.partition(":")[2]), f"GET /events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode()


def _stalled(port: int, request: bytes) -> socket.socket:
    """A reader that asks and never reads."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)  # else loopback holds megabytes for it
    connection.connect(("127.0.0.1", port))
    connection.sendall(request)
    return connection


def _tell(asked: argparse.Namespace, runs: Sequence[Heard]) -> int:
    missed = sum(run.transitions * asked.streams - len(run.waits) for run in runs)
    slowest = max(percentile(run.waits, 0.99) for run in runs)
    growth = max(run.after - run.before for run in runs)
    names = ("figure", f"{asked.streams} streams", "beside a stalled one")
    rows = [
        names,
        ("transitions", *(run.transitions for run in runs)),
        ("told of, in all", *(len(run.waits) for run in runs)),
        ("until a page has it", *(milliseconds(run.waits) for run in runs)),
        ("the server's memory before", *(f"{run.before / 2**20:.1f} MiB" for run in runs)),
        ("the server's memory after", *(f"{run.after / 2**20:.1f} MiB" for run in runs)),
    ]
    promises = (
        Promise(name="transitions that a page was not told", measured=missed, at_most=0, unit="times"),
        Promise(name="p99 until a page has it", measured=slowest, at_most=PROMISE, unit="s"),
        Promise(name="growth of the memory", measured=growth / 2**20, at_most=GROWTH / 2**20, unit="MiB"),
    )
    return tell("web", Section(title="The page", words=__doc__, tables=[rows], promises=promises))


if __name__ == "__main__":
    sys.exit(main())
