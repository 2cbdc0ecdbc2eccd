"""Owns how a contract suite waits: each of its tests that does is run on asyncio and on trio, by no plugin.

So it does not matter which plugin for async tests a project has, or how it is set up.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import anyio
import pytest


class Run(Protocol):
    """Runs an async function to its end in an event loop of its own, and gives what it gives."""

    def __call__(self, function: Callable[[], Awaitable[Any]]) -> Any:
        """Run it."""
        ...


class OnEachLoop:
    """What the suites of async ports have in common."""

    @pytest.fixture(params=["asyncio", "trio"])
    def run(self, request: pytest.FixtureRequest) -> Run:
        """Runs an async function, on each loop in turn."""
        backend: str = request.param
        pytest.importorskip(backend, reason=f"needs {backend} (pip install {backend})")

        def run(function: Callable[[], Awaitable[Any]]) -> Any:
            return anyio.run(function, backend=backend)

        return run
