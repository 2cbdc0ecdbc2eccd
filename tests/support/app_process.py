"""The handle on an app that runs as a process of its own (`app_program`)."""

import json
import os
import select
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.support.nursery import PATIENCE, Nursery


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the app's account stands; `error` is the case of what the command raised, `retry_at` is Unix seconds.

    Beside that, and never compared: `account` is its id, `served` tells tokens apart, `pid` is the process that
    answers, and `deadlines` tells that the thread which keeps them is there.
    """

    state: str
    generation: int
    case: str | None = None
    in_doubt: bool = False
    degraded: bool = False
    retry_at: float | None = None
    error: str | None = None
    account: str = field(default="", compare=False)
    served: str = field(default="", compare=False)
    pid: int = field(default=0, compare=False)
    deadlines: bool = field(default=False, compare=False)


class AppProcess:
    """A running app; a context manager that ends it. Without a `nursery` it is alone in one of its own.

    `environment` is all that such a one sees beside PATH and HOME. `clock` is the file of a `SharedClock`, `label` the
    account's, "" for the one that there is. An `errand` (command, point) is all that the app does, and then it ends.
    """

    def __init__(
        self,
        home: Path,
        *,
        store: str,
        environment: Mapping[str, str] | None = None,
        nursery: Nursery | None = None,
        clock: Path | None = None,
        label: str = "",
        runner: str = "asyncio",
        errand: tuple[str, str] | tuple[()] = (),
    ) -> None:
        self._ended: int | None = None
        self._said = b""
        self._stack = ExitStack()
        self._nursery = nursery or self._stack.enter_context(
            Nursery(environment={"HOME": str(home), **(environment or {})})
        )
        self._complaints = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        theirs_in, self._orders = os.pipe()
        self._answers, theirs_out = os.pipe()
        arguments = [str(home), store, str(clock or ""), label, runner, *errand]
        self.pid = self._nursery.start(arguments, [theirs_in, theirs_out, self._complaints.fileno()])
        os.close(theirs_in)
        os.close(theirs_out)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Closing its stdin ends it; after a failure it is killed, for it may be stopped."""
        with self._stack:
            os.close(self._orders)
            try:
                if kind is None:
                    self.wait()
            finally:
                self.kill()
                os.close(self._answers)

    def do(self, command: str) -> Standing:
        """Give a command and wait until it is done."""
        self.begin(command)
        return self.finish()

    def begin(self, command: str) -> None:
        """Give a command, or prepare the app for one."""
        os.write(self._orders, f"{command}\n".encode())

    def finish(self) -> Standing:
        """Wait until the command is done."""
        return Standing(**self.read())

    def stop_at(self, point: str, command: str) -> None:
        """Give a command, and return when the whole process has stopped at the point."""
        self.begin(f"stop {point}")
        self.begin(command)
        self.wait_until_stopped()

    def wait_until_stopped(self) -> None:
        """Until it has stopped, by a point or by `stop`."""
        self._nursery.wait_until_stopped(self.pid)

    def stop(self) -> None:
        """SIGSTOP; returns when it has stopped."""
        os.kill(self.pid, signal.SIGSTOP)
        self.wait_until_stopped()

    def go_on(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def interrupt(self) -> None:
        """SIGINT."""
        os.kill(self.pid, signal.SIGINT)

    def kill_at(self, point: str, command: str) -> None:
        """Give a command, and SIGKILL the app once it comes to the point. Returns when it is gone."""
        self.stop_at(point, command)
        self.kill()

    def kill(self) -> None:
        """SIGKILL; returns when it is gone. Harmless where it is."""
        if self._ended is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.wait()

    def wait(self) -> int:
        """Until it ends by itself; how it ended, as `subprocess` puts it."""
        if self._ended is None:
            self._ended = self._nursery.wait_until_ended(self.pid)
        return self._ended

    def complaints(self) -> str:
        """What it wrote to stderr."""
        self._complaints.seek(0)
        return self._complaints.read().decode()

    def read(self) -> dict[str, Any]:
        """The next line that it says."""
        deadline = time.monotonic() + PATIENCE
        while b"\n" not in self._said:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "the app says nothing"
            more = os.read(self._answers, 65536)
            assert more, f"the app ended without an answer: {self.complaints()}"
            self._said += more
        line, _, self._said = self._said.partition(b"\n")
        facts: dict[str, Any] = json.loads(line)
        return facts
