"""The handle on an app that runs on a broken disk (`broken_disk_program`), and `status` as it is told there."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.broken_disk import BrokenDisk
from tests.support.command import SIGNEDIN

PROGRAM = Path(__file__).with_name("broken_disk_program.py")
END_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """Where the app's account stands. `served` tells tokens apart; `retries` says that a next try is planned."""

    state: str
    generation: int
    case: str | None = None
    category: str | None = None
    degraded: bool = False
    in_doubt: bool = False
    retries: bool = False
    served: str = ""
    error: str = ""


class DiskApp:
    """A running app; a context manager that ends it."""

    def __init__(self, disk: BrokenDisk) -> None:
        self._process = subprocess.Popen(
            disk.inside(sys.executable, str(PROGRAM), str(disk.home)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(disk.home)},
        )

    def __enter__(self) -> "DiskApp":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate(timeout=END_SECONDS)  # closes stdin, which ends the program
        finally:
            self._process.kill()

    def do(self, command: str) -> Stands:
        """Give a command and wait until it is done."""
        self._write(command)
        return Stands(**self._read())

    def pause_at(self, point: str, command: str) -> None:
        """Give a command, and wait until it has come to the point."""
        self._write(f"pause {point}")
        self._write(command)
        assert self._read() == {"paused": point}

    def go_on(self) -> Stands:
        """Let the command that was paused come to its end."""
        self._write("go on")
        return Stands(**self._read())

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the app ended without an answer"
        facts: dict[str, Any] = json.loads(line)
        return facts


def status(disk: BrokenDisk) -> dict[str, Any]:
    """What `signedin status` says there."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(disk.home), "SIGNEDIN_HOME": str(disk.home)}
    command = disk.inside(SIGNEDIN, "--app", "Acme Notes", "--provider", "sandbox", "--json", "status")
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    told: dict[str, Any] = json.loads(ended.stdout)
    return told
