"""One running sandbox for all tests here, without armed faults at the start of each."""

from collections.abc import Iterator

import httpx
import pytest
from tests.adapters.sandbox.plain_app import PlainApp, client

from signedin_adapters.sandbox import Sandbox


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """A browserless client that follows no redirects."""
    with client() as made:
        yield made


@pytest.fixture(scope="session")
def started_sandbox() -> Iterator[Sandbox]:
    """The server behind `sandbox`."""
    with Sandbox().running() as running:
        yield running


@pytest.fixture
def sandbox(started_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A running sandbox with nothing armed and an empty request log."""
    started_sandbox.requests.clear()
    yield started_sandbox
    started_sandbox.faults.clear()


@pytest.fixture
def app(sandbox: Sandbox, http: httpx.Client) -> PlainApp:
    """An app that never signed in."""
    return PlainApp(sandbox=sandbox, http=http)


@pytest.fixture
def signed_in(app: PlainApp) -> PlainApp:
    """An app that Ada has signed in with, plan use allowed."""
    return app.signed_in()
