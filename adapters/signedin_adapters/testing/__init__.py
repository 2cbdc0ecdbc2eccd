"""The sandbox as a pytest fixture. pytest finds it by its entry point, in every project where signedin is installed.

So this module is loaded whenever pytest starts there, and it loads nothing, not even signedin, until a test asks for
the fixture. Needs the extra `sandbox` then.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from signedin_adapters.testing.running_sandbox import RunningSandbox

__all__ = ["RunningSandbox"]

_EXTRA = ("starlette", "uvicorn")


@pytest.fixture
def signedin_sandbox(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> "Iterator[RunningSandbox]":
    """A stand-in for OpenAI's servers on this machine, of this test's own, to which every connection of it leads."""
    try:
        from signedin_adapters.testing.running_sandbox import running
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        pytest.fail("signedin_sandbox needs an extra: pip install 'signedin[sandbox]'", pytrace=False)
    with running(str(tmp_path_factory.mktemp("signedin")), monkeypatch) as sandbox:
        yield sandbox


def __getattr__(name: str) -> Any:
    """Load what annotations name when it is first named. It is in no `dir`: pytest asks for all that stands there."""
    if name != "RunningSandbox":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from signedin_adapters.testing.running_sandbox import RunningSandbox

    return RunningSandbox
