"""A connection for OpenAI's SDK, and a second server, which the environment names and which sees nothing."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from tests.support.codex_api import CodexApi, codex_api
from tests.support.connected import connected

from signedin import Connection
from signedin.testing.network_settings import forget_network_settings
from signedin.testing.raw_server import RawServer, replying, serving
from signedin_adapters.sandbox import Sandbox

ELSEWHERE = ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_WEBHOOK_SECRET")
CLOUDS = {"AZURE_OPENAI_API_KEY": "somebody-elses", "OPENAI_API_TYPE": "azure", "OPENAI_API_VERSION": "2026-01-01"}


@pytest.fixture(autouse=True)
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """A second server, which everything in the environment names. It sees nothing, whatever the test does."""
    with serving(replying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")) as server:
        forget_network_settings(monkeypatch)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        for name in ELSEWHERE:
            monkeypatch.setenv(name, "somebody-elses")
        for name, value in {**CLOUDS, "AZURE_OPENAI_ENDPOINT": server.url, "AWS_BEDROCK_BASE_URL": server.url}.items():
            monkeypatch.setenv(name, value)
        headers = "OpenAI-Organization: somebody-elses\nOpenAI-Project: somebody-elses\nAuthorization: Bearer theirs"
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", headers)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, server.url)
        yield server
    assert server.connections == 0


@pytest.fixture(scope="module")
def started_sandbox() -> Iterator[Sandbox]:
    """The server behind `sandbox`."""
    with Sandbox(earliest_refresh_at="absent").running() as running:
        yield running


@pytest.fixture
def sandbox(started_sandbox: Sandbox) -> Iterator[Sandbox]:
    """With nothing armed."""
    yield started_sandbox
    started_sandbox.faults.clear()


@pytest.fixture
async def connection(sandbox: Sandbox, tmp_path: Path) -> AsyncGenerator[Connection]:
    """Signed in, plan use allowed."""
    async with connected(sandbox, str(tmp_path)) as opened:
        sandbox.requests.clear()
        yield opened


@pytest.fixture
def api() -> Iterator[CodexApi]:
    """An API like that of `codex`, which shows what came."""
    with codex_api() as api:
        yield api
