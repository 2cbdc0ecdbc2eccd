"""The suite for logs, kept by one that has lines of its own. Ours keeps it in the adapters' tests."""

from collections.abc import Mapping

import pytest

from signedin.ports import Log
from signedin.testing import LogContract
from signedin.testing.log_contract import Lines

LISTED = {"call", "to", "generation", "case"}


class Chatty:
    """Writes a line of its own before and after each one."""

    def __init__(self) -> None:
        self.lines: list[Mapping[str, object]] = []

    def write(self, event: str, **fields: object) -> None:
        shown = {name: value for name, value in fields.items() if name in LISTED and isinstance(value, int | str)}
        self.lines += [{"event": "log.opened"}, {"event": event, **shown}, {"event": "log.flushed", "bytes": 80}]


class TestChattyLog(LogContract):
    """Its own lines are its own matter."""

    @pytest.fixture
    def chatty(self) -> Chatty:
        return Chatty()

    @pytest.fixture
    def log(self, chatty: Chatty) -> Log:
        return chatty

    @pytest.fixture
    def lines(self, chatty: Chatty) -> Lines:
        return lambda: chatty.lines
