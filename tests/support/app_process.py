"""The handle on an app that runs as a process of its own (`app_program`), and the sandbox's word to its home."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signedin_adapters.sandbox import Sandbox

PROGRAM = Path(__file__).with_name("app_program.py")
END_SECONDS = 20.0


def introduce(sandbox: Sandbox, home: Path) -> None:
    """Leave in the home how the sandbox is reached, as `signedin sandbox` does."""
    reached = {"issuer": sandbox.issuer, "api_base": sandbox.api_base}
    (home / "sandbox.json").write_text(json.dumps(reached), encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the app's account stands; `error` is the case of what the command raised."""

    state: str
    generation: int
    case: str | None = None
    in_doubt: bool = False
    error: str | None = None


class AppProcess:
    """A running app; a context manager that ends it. `environment` is all that it sees beside PATH and HOME."""

    def __init__(self, home: Path, *, store: str, environment: Mapping[str, str] | None = None) -> None:
        self.account = ""
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(home), store],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(home), **(environment or {})},
        )

    def __enter__(self) -> "AppProcess":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate(timeout=END_SECONDS)  # closes stdin, which ends the program
        finally:
            self._process.kill()

    def do(self, command: str) -> Standing:
        """Give a command and wait until it is done."""
        self._write(command)
        facts = self._read()
        self.account = facts.pop("account")
        return Standing(**facts)

    def kill_at(self, point: str, command: str) -> None:
        """Give a command, and SIGKILL the app once it comes to the point. Returns when it is gone."""
        self._write(f"stop {point}")
        self._write(command)
        assert self._read() == {"stopped": point}
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
