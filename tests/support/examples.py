"""The examples as their tests meet them: taken as the module that they are, served, or run as a process of their own.

They are written as their readers write them; what they find in the home is the tests' choice (`acme_notes`).
"""

import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Self

import anyio
import uvicorn
from flask import Flask
from starlette.types import ASGIApp
from tests.support.acme_notes import APP
from tests.support.stage import PATIENCE, PastingVisitor
from werkzeug.serving import make_server

from signedin import Connection, opening
from signedin_adapters.sandbox import Sandbox

EXAMPLES = Path(__file__).parents[2] / "examples"
HOURS = 2 * 3600.0


def example(name: str) -> ModuleType:
    """A new module, each time."""
    found = util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def signed_in_hours_ago(sandbox: Sandbox, home: Path) -> None:
    """Ada signed in, and her access token has run out since."""

    async def signing_in() -> None:
        opened = Connection.open(
            app_name=APP, provider="sandbox", home=home, prompt=PastingVisitor(sandbox=sandbox), clock=_hours_ago
        )
        async with opened as connection:
            await connection.sign_in()

    anyio.run(signing_in)
    opening.forget_open_accounts()  # whoever opens it next does so in another process, whose clock is right


def _hours_ago() -> float:
    return time.time() - HOURS


def waiting_for_a_token() -> int:
    """How many callers in this process wait for a refresh just now."""
    return sum(len(account._settling) for account in tuple(opening._accounts))


@contextmanager
def served_by_uvicorn(app: ASGIApp) -> Generator[str]:
    """As `uvicorn` serves it, lifespan and all, until the end of the block. Its address, without a slash at the end."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the app did not start"
            time.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


@contextmanager
def served_by_werkzeug(app: Flask) -> Generator[str]:
    """As `app.run` serves it, a thread for each request, until the end of the block."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(PATIENCE)
        server.server_close()


class Program:
    """A Python program as a process of its own, with nobody at its stdin; what it writes to stderr is read as it comes.

    It is killed at the end of the block, should it still be there.
    """

    def __init__(self, *arguments: str) -> None:
        self.said = ""
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=EXAMPLES.parent,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()

    def says(self, words: str) -> None:
        """Wait until it has said this."""
        ends = time.monotonic() + PATIENCE
        while words not in self.said:
            assert self._hear(ends - time.monotonic()), f"it never said {words!r}: {self.said}"

    def is_told(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def ends(self) -> int:
        """Its exit code, once it has ended by itself."""
        while self._hear(PATIENCE):
            pass
        return self._process.wait(PATIENCE)

    def _hear(self, seconds: float) -> bool:
        """Take in what comes next; False where nothing does."""
        assert self._process.stderr is not None
        ready, _, _ = select.select([self._process.stderr], [], [], max(0.0, seconds))
        more = os.read(self._process.stderr.fileno(), 65536) if ready else b""
        self.said += more.decode()
        return bool(more)
