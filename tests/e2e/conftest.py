"""The whole of it: a sandbox, a home of its own for each test, and a browser that all tests share."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from tests.support import chromium as support
from tests.support.canaries import Watched
from tests.support.canaries import watched as watching
from tests.support.chromium import Chromium, Tab
from tests.support.connected import announce
from tests.support.handed_over import HandedOver

from signedin import Connection
from signedin_adapters.sandbox import Sandbox


@pytest.fixture(scope="session")
def started_sandbox() -> Iterator[Sandbox]:
    """The server behind `sandbox`."""
    with Sandbox().running() as running:
        yield running


@pytest.fixture
def sandbox(started_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A running sandbox whose pages a person has to click through, with nothing armed."""
    started_sandbox.requests.clear()
    yield started_sandbox
    started_sandbox.faults.clear()


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Path:
    """An empty home in which the sandbox's providers are known."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    announce(sandbox, str(home))
    return home


@pytest.fixture
async def connection(home: Path) -> AsyncGenerator[Connection]:
    """A connection on which nobody has signed in."""
    async with Connection.open(app_name="Acme Notes", provider="sandbox", store="file", home=home) as opened:
        yield opened


@pytest.fixture(scope="session")
def started_watch() -> Iterator[Watched]:
    """The server behind `watched`."""
    with watching() as running:
        yield running


@pytest.fixture
def watched(started_watch: Watched) -> Watched:
    """A running sandbox whose secrets are known, with nothing armed and nothing to look for yet."""
    started_watch.begin()
    return started_watch


@pytest.fixture(scope="session")
def launched_chromium() -> Iterator[Chromium]:
    """The browser behind `chromium`."""
    path = support.executable()
    if path is None:
        pytest.skip("needs chromium (apt install chromium)")
    with support.launched(path) as launched:
        yield launched


@pytest.fixture
def chromium(launched_chromium: Chromium) -> Iterator[Chromium]:
    """A browser that has seen nothing yet."""
    yield launched_chromium
    launched_chromium.forget()


@pytest.fixture
async def tab(chromium: Chromium) -> Tab:
    """Its first tab."""
    return await chromium.tab()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[HandedOver]:
    """What to name in `BROWSER`: it hands the address to the test."""
    directory = tmp_path / "browser"
    directory.mkdir()
    handed_over = HandedOver(directory)
    yield handed_over
    handed_over.close()
