"""The contract suites as third parties subclass them, held by mypy and pyright at their strictest. Never run."""

from pathlib import Path

import pytest

from signedin.ports import Clock, Http, Listen, Log, OpenBrowser, Store
from signedin.sign_in import Prompt
from signedin.testing import (
    BrowserContract,
    ClockContract,
    FakeBrowser,
    FakeClock,
    HttpContract,
    ListenContract,
    LogContract,
    PromptContract,
    StoreContract,
)
from signedin_adapters.console import console_prompt
from signedin_adapters.http import HttpxClient
from signedin_adapters.log import open_log
from signedin_adapters.loopback import listen
from signedin_adapters.stores.memory import MemoryStore


class TestMyStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestMyClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return FakeClock(at=0.0)


class TestMyLog(LogContract):
    @pytest.fixture
    def log(self, tmp_path: Path) -> Log:
        return open_log(directory=str(tmp_path), app="acme-notes", store="file")


class TestMyListener(ListenContract):
    @pytest.fixture
    def listen(self) -> Listen:
        return listen


class TestMyHttp(HttpContract):
    @pytest.fixture
    def http(self) -> Http:
        return HttpxClient()


class TestMyBrowser(BrowserContract):
    @pytest.fixture
    def open_browser(self) -> OpenBrowser:
        return FakeBrowser()


class TestMyPrompt(PromptContract):
    @pytest.fixture
    def prompt(self) -> Prompt:
        return console_prompt(open_browser=None)
