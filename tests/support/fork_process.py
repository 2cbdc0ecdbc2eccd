"""The handle on a plain program that forks (`fork_program`)."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.support.app_process import AppProcess
from tests.support.nursery import Nursery


class ForkingProcess(AppProcess):
    """Whoever listens, the program or its child, is spoken to through the same pipes; a child outlives a `kill`."""

    def __init__(self, home: Path, *, store: str, nursery: Nursery, clock: Path) -> None:
        super().__init__(home, store=store, nursery=nursery, clock=clock, runner="forking")

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Its child ends with it."""
        try:
            super().__exit__(kind, *rest)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
