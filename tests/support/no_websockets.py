"""The package `websockets` as OpenAI's SDK looks for it, with nothing behind it: to connect fails the test."""

import sys
from types import ModuleType
from typing import Any, NoReturn

import pytest

NAMES = ("", ".uri", ".version", ".exceptions", ".sync", ".sync.client", ".asyncio", ".asyncio.client")


class Connecting:
    """What opens a connection, as a function and as a class."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        pytest.fail(f"a WebSocket was opened: {arguments}")


def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it found, whether it is installed or not."""
    modules = {name: ModuleType(f"websockets{name}") for name in NAMES}
    for module in modules.values():
        module.__dict__.update(connect=Connecting, ClientConnection=Connecting, parse_uri=_parse_uri)
        module.__dict__.update(SecurityError=Exception, version="15.0")
        monkeypatch.setitem(sys.modules, module.__name__, module)


def _parse_uri(uri: str) -> NoReturn:
    pytest.fail(f"a WebSocket was prepared: {uri}")
