"""Each adapter of ours, and each fake, keeps the contract of its port. The stores' are under `stores`."""

import json
import time
from collections.abc import Mapping, Sequence
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from signedin.ports import Clock, Http, Listen, Log, OpenBrowser, Store
from signedin.sign_in import Prompt
from signedin.testing import (
    BrowserContract,
    ClockContract,
    FailingStore,
    FakeBrowser,
    FakeClock,
    HttpContract,
    ListenContract,
    LogContract,
    PromptContract,
    StoreContract,
)
from signedin.testing.browser_contract import Opened
from signedin.testing.log_contract import Lines
from signedin.testing.prompt_contract import Shown
from signedin_adapters.browser import open_browser
from signedin_adapters.console import console_prompt
from signedin_adapters.http import HttpxClient
from signedin_adapters.log import open_log
from signedin_adapters.loopback import listen
from signedin_adapters.stores.memory import MemoryStore


@pytest.fixture(scope="module")
def client() -> HttpxClient:
    """One for all: making one reads all certificates of the system."""
    return HttpxClient()


class TestHttpxClient(HttpContract):
    """OAuth requests by httpx."""

    @pytest.fixture
    def http(self, client: HttpxClient) -> Http:
        return client


class TestLoopback(ListenContract):
    """The loopback listener."""

    @pytest.fixture
    def listen(self, tmp_path: Path) -> Listen:
        return partial(listen, home=str(tmp_path))


class TestSystemBrowser(BrowserContract):
    """The user's own browser, as far as BROWSER names it."""

    @pytest.fixture
    def shown(self, tmp_path: Path) -> Path:
        return tmp_path / "shown"

    @pytest.fixture
    def open_browser(self, shown: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenBrowser:
        script = tmp_path / "browser"
        script.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >>'{shown}'\n")
        script.chmod(0o755)
        monkeypatch.setenv("BROWSER", str(script))
        return open_browser

    @pytest.fixture
    def opened(self, shown: Path) -> Opened:
        return lambda: shown.read_text().splitlines()

    @pytest.fixture
    def no_browser(self, monkeypatch: pytest.MonkeyPatch) -> OpenBrowser:
        monkeypatch.setenv("BROWSER", "no-such-browser")
        return open_browser


class TestFakeBrowser(BrowserContract):
    """The one that opens nothing."""

    @pytest.fixture
    def open_browser(self) -> OpenBrowser:
        return FakeBrowser()

    @pytest.fixture
    def opened(self, open_browser: FakeBrowser) -> Opened:
        return lambda: open_browser.opened

    @pytest.fixture
    def no_browser(self) -> OpenBrowser:
        return FakeBrowser(works=False)


class TestJsonLog(LogContract):
    """JSON lines in a file."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> Log:
        return open_log(directory=str(tmp_path), app="acme-notes", store="file", setting="info")

    @pytest.fixture
    def lines(self, tmp_path: Path) -> Lines:
        def read() -> Sequence[Mapping[str, object]]:
            return [json.loads(line) for line in (tmp_path / "signedin.jsonl").read_text().splitlines()]

        return read


class TestConsolePrompt(PromptContract):
    """The prompt of a terminal, here into a pipe."""

    @pytest.fixture
    def stream(self) -> StringIO:
        return StringIO()

    @pytest.fixture
    def prompt(self, stream: StringIO) -> Prompt:
        return console_prompt(open_browser=None, stream=stream, stdin=StringIO())

    @pytest.fixture
    def shown(self, stream: StringIO) -> Shown:
        return stream.getvalue


class TestSystemClock(ClockContract):
    """What connections have unless they are told otherwise."""

    @pytest.fixture
    def clock(self) -> Clock:
        return time.time


class TestFakeClock(ClockContract):
    """The one that is moved."""

    @pytest.fixture(params=[None, 1_790_000_000.0], ids=["running", "standing"])
    def clock(self, request: pytest.FixtureRequest) -> Clock:
        return FakeClock(request.param)


class TestFailingStore(StoreContract):
    """The store that fails when it is told to, while it is not."""

    @pytest.fixture
    def store(self) -> Store:
        return FailingStore(MemoryStore())
