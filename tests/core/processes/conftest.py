"""A sandbox that outlives its apps, a clock that all of them share, and a home with an account for each test."""

import math
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.support.connected import announce
from tests.support.nursery import Nursery
from tests.support.shared_clock import SharedClock
from tests.support.token_desk import TokenDesk
from tests.support.world import LIFETIME, World, connected

from signedin_adapters.sandbox import Sandbox

if sys.platform == "win32":
    collect_ignore_glob = ["test_*.py"]  # no fork, no signals


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the world's clock stands."""
    return tmp_path_factory.mktemp("clock") / "now"


@pytest.fixture(scope="session")
def shared_clock(clock_file: Path) -> SharedClock:
    """The world's clock."""
    return SharedClock(clock_file)


@pytest.fixture(scope="session")
def strict_sandbox(shared_clock: SharedClock) -> Generator[tuple[Sandbox, TokenDesk]]:
    """A server that ends a sign-in whose token is spent twice, and lets refresh as often as one likes."""
    sandbox = Sandbox(auto_approve=True, earliest_refresh_at="absent", access_ttl=LIFETIME, clock=shared_clock)
    desk = TokenDesk(sandbox)
    with sandbox.running():
        yield sandbox, desk


@pytest.fixture
def world(
    tmp_path: Path,
    strict_sandbox: tuple[Sandbox, TokenDesk],
    nursery: Nursery,
    shared_clock: SharedClock,
    clock_file: Path,
) -> Generator[World]:
    """Nobody is signed in, and the time is whole, as a token's life is at the server."""
    shared_clock.move_to(math.ceil(shared_clock()))
    sandbox, desk = strict_sandbox
    announce(sandbox, str(tmp_path))
    sandbox.requests.clear()
    yield World(home=tmp_path, sandbox=sandbox, desk=desk, clock=shared_clock, clock_file=clock_file, nursery=nursery)
    sandbox.faults.clear()
    sandbox.on_request, sandbox.access_ttl = None, LIFETIME


@pytest.fixture
def signed_in(world: World) -> World:
    """Ada is signed in, and no process runs."""
    with world.app() as first:
        assert first.do("sign-in") == connected(1)
    world.sandbox.requests.clear()
    return world
