"""Where a connection holds, beside the examples: fixtures of pytest-asyncio, workers that are forked, nobody about."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import acme_notes
from tests.support.command import ended
from tests.support.stage import PATIENCE, TOKEN

from signedin_adapters.sandbox import Sandbox

SETTINGS = """
[pytest]
asyncio_mode = strict
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""
SUITE = """
import asyncio

import pytest
import pytest_asyncio
from signedin import Connection, State
from signedin.responses import ask

def opened():
    return Connection.open(app_name="Acme Notes")

@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def connection():
    async with opened() as connection:
        yield connection

@pytest_asyncio.fixture
async def own():
    async with opened() as connection:
        yield connection

@pytest.mark.asyncio(loop_scope="session")
async def test_in_the_loop_of_the_session(connection):
    assert await ask(connection, "Why?")

@pytest.mark.asyncio
@pytest.mark.parametrize("once_more", range(2))
async def test_in_a_loop_of_its_own(connection, own, once_more):
    answers = await asyncio.gather(*(ask(handle, "Why?") for handle in (connection, own)))
    assert len(set(answers)) == 1
    assert connection.state is own.state is State.CONNECTED
"""
PRELOADED = """
import multiprocessing
import sys
from signedin.sync import Connection, ask

connection = Connection.open(app_name="Acme Notes")

def work(_):
    assert ask(connection, "Why?").text()
    return connection.snapshot.generation

if __name__ == "__main__":
    print(work(0), flush=True)
    sys.stdin.readline()
    with multiprocessing.get_context("fork").Pool(4) as workers:
        print(*workers.map(work, range(8), chunksize=1), flush=True)
    print(work(0), flush=True)
"""
NOBODY = """
import anyio
from signedin import Connection, InteractionRequired, responses, sync

calls = 0

def refused(call):
    global calls
    try:
        call()
    except InteractionRequired:
        calls += 1

async def wait_for(use):
    async with Connection.open(app_name="Acme Notes") as connection:
        await use(connection)

with sync.Connection.open(app_name="Acme Notes") as connection, connection.client() as client:
    for use in (connection.get_access_token, connection.refresh, lambda: client.get("/models")):
        refused(use)
    for use in (sync.models, lambda connection: sync.ask(connection, "Why?").text()):
        refused(lambda: use(connection))
for backend in ("asyncio", "trio"):
    for use in (Connection.get_access_token, Connection.refresh, responses.models):
        refused(lambda: anyio.run(wait_for, use, backend=backend))
raise SystemExit(calls)
"""


def test_fixtures_of_pytest_asyncio(sandbox: Sandbox, home: Path, tmp_path: Path) -> None:
    """One connection for the session, used in every test's own loop; and one for each test."""
    acme_notes.sign_in(sandbox, home)
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    (tmp_path / "test_suite.py").write_text(SUITE)
    ran = ended(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", cwd=tmp_path)
    assert "3 passed" in ran.out, ran.out + ran.err


@pytest.mark.skipif("sys.platform == 'win32'", reason="needs fork, which Windows has not")
def test_workers_forked_from_a_program_that_used_its_connection(sandbox: Sandbox, home: Path) -> None:
    """As a server with `preload` or a pool of workers has them: the API takes the token no more, one of them renews it.

    Their parent goes on with what came of it.
    """
    acme_notes.sign_in(sandbox, home)
    command = [sys.executable, "-c", PRELOADED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "1\n"
        sandbox.grants.expire_access()
        sandbox.requests.clear()
        said, _ = program.communicate("\n", timeout=PATIENCE)
    assert said.splitlines() == ["2 2 2 2 2 2 2 2", "2"]
    assert [request.path for request in sandbox.requests].count(TOKEN) == 1


def test_a_program_with_nobody_about(sandbox: Sandbox, home: Path) -> None:
    """Each call says at once that a person is needed: nothing is shown, read or sent."""
    acme_notes.move_in(home)
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    ours, theirs = os.pipe()
    os.write(theirs, b"for others")
    command = [sys.executable, "-c", NOBODY]
    ran = subprocess.run(
        command, stdin=ours, capture_output=True, env=environment, start_new_session=True, timeout=PATIENCE, check=False
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == (b"", b"", 11)
    assert os.read(ours, 64) == b"for others"
    os.close(ours)
    os.close(theirs)
    assert list(sandbox.requests) == []
