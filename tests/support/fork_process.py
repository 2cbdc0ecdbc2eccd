"""The handle on a plain program that forks (`fork_program`); its child is spoken to through the same pipes."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("fork_program.py")
END_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Where the account stands in process `pid`. `served` tells tokens apart; `deadlines`: that thread is there."""

    pid: int
    state: str
    generation: int
    case: str | None
    degraded: bool
    in_doubt: bool
    deadlines: bool
    served: str
    error: str


class ForkingProcess:
    """A running program; a context manager that ends it."""

    def __init__(self, home: Path, *, store: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore::DeprecationWarning", str(PROGRAM), str(home), store],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            start_new_session=True,
        )
        self.pid = self._process.pid

    def __enter__(self) -> "ForkingProcess":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate(timeout=END_SECONDS)  # closes stdin, which ends the program and its child
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def do(self, command: str) -> Told:
        """Give a command to whoever listens, the parent or its child, and wait until it is done."""
        self.begin(command)
        return self.ends()

    def begin(self, command: str) -> None:
        """Give a command and do not wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()

    def ends(self) -> Told:
        """Wait until the command is done."""
        return Told(**self.reads())

    def reads(self) -> dict[str, Any]:
        """The next line that is said."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the program ended without an answer"
        facts: dict[str, Any] = json.loads(line)
        return facts

    def kill(self) -> None:
        """kill -9 for the parent; a child lives on."""
        self._process.kill()
        self._process.wait()
