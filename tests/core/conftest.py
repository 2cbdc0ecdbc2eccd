"""One sandbox for all tests of the core, and a stage with a home of its own for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.connected import announce
from tests.support.nursery import Nursery
from tests.support.stage import Stage

from signedin.testing import FakeClock
from signedin_adapters.http import HttpxClient
from signedin_adapters.sandbox import Sandbox


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where apps come from that are processes of their own."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(scope="session")
def moved_clock() -> FakeClock:
    """The clock behind `stage`."""
    return FakeClock()


@pytest.fixture(scope="session")
def approving_sandbox(moved_clock: FakeClock) -> Iterator[Sandbox]:
    """The server behind `stage`: it asks nobody, and lets tokens be refreshed at any time."""
    with Sandbox(auto_approve=True, earliest_refresh_at="absent", clock=moved_clock).running() as running:
        yield running


@pytest.fixture(scope="session")
def http() -> HttpxClient:
    """The HTTP client behind `stage`: making one reads all certificates of the system."""
    return HttpxClient()


@pytest.fixture
def stage(approving_sandbox: Sandbox, moved_clock: FakeClock, http: HttpxClient, tmp_path: Path) -> Iterator[Stage]:
    """Nothing armed, nothing asked yet, nobody signed in, the time as it is."""
    moved_clock.offset = 0.0
    announce(approving_sandbox, str(tmp_path))
    approving_sandbox.requests.clear()
    staged = Stage(sandbox=approving_sandbox, home=str(tmp_path), clock=moved_clock, http=http)
    yield staged
    staged.give_up()
    approving_sandbox.faults.clear()
    approving_sandbox.access_ttl, approving_sandbox.auto_approve, approving_sandbox.plan = 3600, True, "plus"
    approving_sandbox.earliest_refresh_at = "absent"
    approving_sandbox.refresh_returns_id_token = True
