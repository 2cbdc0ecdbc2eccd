"""A sandbox that all share, and for each test a home, a connection, its page on a real socket, and a browser in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import httpx
import pytest
from tests.support.connected import announce
from tests.support.page import Browser, served
from tests.support.web_stage import opened

from signedin import Connection
from signedin.testing import FakeClock
from signedin.testing.free_ports import free_ports
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.web import WebApp, create_app
from signedin_adapters.web.sessions import Sessions


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def anyio_backend() -> str:
    """The page is asyncio's alone, as uvicorn is."""
    return "asyncio"


@pytest.fixture(scope="session")
def started_sandbox() -> Iterator[Sandbox]:
    """The server behind `sandbox`."""
    with Sandbox(device_interval=1, earliest_refresh_at="absent").running() as running:
        yield running


@pytest.fixture
def sandbox(started_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A running sandbox with nothing armed."""
    yield started_sandbox
    started_sandbox.faults.clear()


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty home in which the sandbox's providers are known."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    announce(sandbox, str(home))
    monkeypatch.setenv("SIGNEDIN_HOME", str(home))
    return str(home)


@pytest.fixture
def own_ports(home: str, sandbox: Sandbox) -> Iterator[None]:
    """Ports for the codex way that are this test's alone."""
    ports, sandbox.codex_ports = sandbox.codex_ports, free_ports(2)
    announce(sandbox, home)
    yield
    sandbox.codex_ports = ports


@pytest.fixture
def wall() -> FakeClock:
    """The connection's clock."""
    return FakeClock()


@pytest.fixture
def connection(home: str, wall: FakeClock) -> Iterator[Connection]:
    """A connection on which nobody has signed in."""
    with opened(home, clock=wall) as connection:
        yield connection


@pytest.fixture
def clock() -> Clock:
    """The clock of the page's sessions."""
    return Clock()


@pytest.fixture
def page(connection: Connection, home: str, clock: Clock) -> Iterator[WebApp]:
    """The connection's page, and the end of what it opened."""
    page = create_app(connection, home=home, store="file", again="Open it again.", sessions=Sessions(clock))
    yield page
    anyio.run(page.aclose)


@pytest.fixture
def port(page: WebApp) -> Iterator[int]:
    """Where the page is served."""
    with served(page) as port:
        yield port


@pytest.fixture
def stranger(port: int) -> Iterator[Browser]:
    """A browser that nobody let in."""
    with Browser(f"http://127.0.0.1:{port}") as browser:
        yield browser


@pytest.fixture
def browser(stranger: Browser, page: WebApp) -> Browser:
    """A browser that was let in."""
    return stranger.come_in(page)


@pytest.fixture
def sign_in(browser: Browser, sandbox: Sandbox) -> Callable[..., dict[str, object]]:
    """Sign in on the page, and see that it is so."""

    def signed_in(person: str = "ada", *, allow_plan: bool = True, **asked: object) -> dict[str, object]:
        attempt = browser.does("/sign-in", **asked)
        callback = sandbox.sign_in(attempt["url"], person, allow_plan=allow_plan)
        assert httpx.get(callback, trust_env=False, follow_redirects=True).status_code == 200
        return browser.until(lambda state: state["attempt"] is None and state["state"] == "connected")

    return signed_in
