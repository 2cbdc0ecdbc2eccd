"""The handle on many processes of one app over one home (`crowd_program`)."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATH = os.pathsep.join(str(ROOT / part) for part in ("", "core", "adapters"))
END_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What one process found: each status of the API and each case of an error once, and where its account stands."""

    statuses: tuple[int, ...]
    errors: tuple[str, ...]
    state: str
    generation: int
    in_doubt: bool
    retry_at: float | None


class Crowd:
    """The running processes; a context manager that ends them. Half of them run on asyncio, half on trio."""

    def __init__(self, home: Path, clock: Path, *, size: int) -> None:
        self._size = size
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.support.crowd_program", str(home), str(clock), str(size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": PATH},
        )

    def __enter__(self) -> "Crowd":
        self.hear()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate(timeout=END_SECONDS)  # closes stdin, which ends them
            assert self._process.returncode == 0
        finally:
            self._process.kill()

    def do(self, command: str) -> list[Member]:
        """Give all of them a command at once, and wait for all."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self.hear()

    def hear(self) -> list[Member]:
        """What each of them has to tell."""
        return [self._member() for _ in range(self._size)]

    def _member(self) -> Member:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "a process ended without an answer"
        facts: dict[str, Any] = json.loads(line)
        statuses, errors = tuple(facts.pop("statuses")), tuple(facts.pop("errors"))
        return Member(statuses=statuses, errors=errors, **facts)
