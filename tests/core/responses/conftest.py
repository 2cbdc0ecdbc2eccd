"""A sandbox, and a connection that Ada has signed in with."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from tests.support.codex_api import CodexApi, codex_api
from tests.support.connected import connected

from signedin import Connection
from signedin_adapters.sandbox import Sandbox


@pytest.fixture(scope="session")
def started_sandbox() -> Iterator[Sandbox]:
    """The server behind `sandbox`."""
    with Sandbox().running() as running:
        yield running


@pytest.fixture
def sandbox(started_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A running sandbox with nothing armed."""
    yield started_sandbox
    started_sandbox.faults.clear()


@pytest.fixture
def api() -> Iterator[CodexApi]:
    """An API like that of `codex`, which answers as a test says."""
    with codex_api() as api:
        yield api


@pytest.fixture
async def connection(sandbox: Sandbox, tmp_path: Path) -> AsyncGenerator[Connection]:
    """Signed in, plan use allowed; the request log begins after that."""
    async with connected(sandbox, str(tmp_path)) as opened:
        sandbox.requests.clear()
        yield opened
