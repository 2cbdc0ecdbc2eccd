"""Owns the contract of `signedin.ports.Log` as a suite: subclass it, give it a log, and pytest runs it."""

from collections.abc import Callable, Mapping, Sequence
from threading import Thread

import pytest

from signedin.ports import Log
from signedin.secret import Secret

Lines = Callable[[], Sequence[Mapping[str, object]]]
"""What was written so far: each line by its fields, the event under "event"."""
CANARY = "canary-7f3a"


class Unspeakable:
    """Something that cannot even be shown."""

    def __repr__(self) -> str:
        raise ZeroDivisionError

    __str__ = __repr__


STRANGE: tuple[object, ...] = (Unspeakable(), object(), b"\xff", float("nan"), 10**400, [[["deep"]]])


class LogContract:
    """What every log must do. A subclass overrides both fixtures; lines of the log's own may stand between ours."""

    @pytest.fixture
    def log(self) -> Log:
        """A log to which nothing was written yet."""
        raise NotImplementedError("override the fixture `log`")

    @pytest.fixture
    def lines(self) -> Lines:
        """What was written to it."""
        raise NotImplementedError("override the fixture `lines`")

    def test_a_call_is_a_line(self, log: Log, lines: Lines) -> None:
        """In their order, by their names."""
        log.write("call.failed", call="refresh", case="offline")
        log.write("connection.transition", trigger="TokenRefreshed", to="connected", generation=2)
        first, second = self._written(lines, "call.failed", "connection.transition")
        assert (first["event"], first["call"], first["case"]) == ("call.failed", "refresh", "offline")
        assert (second["event"], second["to"], second["generation"]) == ("connection.transition", "connected", 2)

    def test_what_nobody_listed_is_dropped(self, log: Log, lines: Lines) -> None:
        """Neither the field nor what is in it is kept; the rest of the line is."""
        log.write("call.failed", case="offline", access_token=CANARY, note=CANARY)
        (line,) = self._written(lines, "call.failed")
        assert line["case"] == "offline"
        assert not {"access_token", "note"} & set(line)
        assert CANARY not in str(lines())

    def test_a_secret_is_never_written(self, log: Log, lines: Lines) -> None:
        """Not in a field that is listed, either, nor within a list."""
        log.write("call.failed", case=Secret(CANARY), flags=[Secret(CANARY)])
        assert CANARY not in str(lines())

    @pytest.mark.parametrize("value", STRANGE, ids=lambda value: type(value).__name__)
    def test_it_never_raises(self, log: Log, lines: Lines, value: object) -> None:
        """Whatever it is given: who logs is in the middle of something else. The next line is written all the same."""
        log.write("call.failed", case=value, at=value)
        log.write("call.failed", case="offline")
        assert self._written(lines, "call.failed")[-1]["case"] == "offline"

    def test_any_thread_may_write(self, log: Log, lines: Lines) -> None:
        """No line is lost or torn."""

        def write() -> None:
            for _ in range(25):
                log.write("call.failed", case="offline")

        threads = [Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(self._written(lines, "call.failed")) == 100

    def _written(self, lines: Lines, *events: str) -> Sequence[Mapping[str, object]]:
        """Our lines alone."""
        return [line for line in lines() if line["event"] in events]
