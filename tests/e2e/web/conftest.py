"""A sandbox of its own, a page on a real socket for each test, and a person at a browser."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.chromium import Chromium
from tests.support.web_scenes import Theatre
from tests.support.web_stage import WebStage, staged
from tests.support.web_tab import WebTab

from signedin.testing import FakeClock
from signedin.testing.free_ports import free_ports
from signedin_adapters.sandbox import Sandbox


@pytest.fixture(scope="session")
def clock() -> FakeClock:
    """The clock of the sandbox and of every connection."""
    return FakeClock()


@pytest.fixture(scope="session")
def started_sandbox(clock: FakeClock) -> Iterator[Sandbox]:
    """The server behind `sandbox`: quick with device codes, and refreshed whenever somebody asks."""
    ports = free_ports(2)
    sandbox = Sandbox(codex_ports=ports, device_interval=1, earliest_refresh_at="absent", clock=clock)
    with sandbox.running() as running:
        yield running


@pytest.fixture
def sandbox(started_sandbox: Sandbox, clock: FakeClock) -> Iterator[Sandbox]:
    """A running sandbox with nothing armed, at the browser's own time."""
    clock.offset = 0.0
    yield started_sandbox
    started_sandbox.faults.clear()
    started_sandbox.pace, started_sandbox.access_ttl, started_sandbox.used_percent = 0, 3600, (42, 9)


@pytest.fixture
def web_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty home, on a machine that nobody reaches over SSH."""
    for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIGNEDIN_HOME", str(tmp_path / "home"))
    return str(tmp_path / "home")


@pytest.fixture
def stage(sandbox: Sandbox, web_home: str) -> Iterator[WebStage]:
    """A connection on which nobody has signed in, and its page."""
    with staged(sandbox, web_home) as stage:
        yield stage


@pytest.fixture
def web_tab(chromium: Chromium) -> Iterator[WebTab]:
    """A tab. In the end no script of it has failed, its policy had nothing to forbid, and no other host was asked."""
    tab = chromium.web_tab()
    yield tab
    assert tab.errors == []
    assert {urlsplit(url).hostname for url in tab.requested} <= {"127.0.0.1", "localhost", None}


@pytest.fixture
def page(stage: WebStage, web_tab: WebTab) -> WebTab:
    """The page, open, with nobody signed in."""
    web_tab.open(stage.address).sees("#link-says", "Live")
    return web_tab


@pytest.fixture
def signed_in(stage: WebStage, web_tab: WebTab) -> WebTab:
    """The page, open, with Ada signed in, the notice read, and everything fetched that it shows by itself."""
    stage.sign_in()
    stage.connection.acknowledge_notice()
    web_tab.open(stage.address).sees("#account-pill", "Connected")
    web_tab.counts(".bone:visible", 0)
    return web_tab


@pytest.fixture
def theatre(sandbox: Sandbox, clock: FakeClock, chromium: Chromium, web_home: str) -> Iterator[Theatre]:
    """Where a scene of the page is played."""
    with ExitStack() as until:
        yield Theatre(sandbox=sandbox, clock=clock, chromium=chromium, home=web_home, until=until)
