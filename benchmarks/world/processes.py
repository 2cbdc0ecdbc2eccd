"""Owns starting processes: each is forked from one that has imported what they need and has opened nothing.

So a process costs milliseconds, and shares no descriptor, thread or lock with the next. POSIX only.
"""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection as Line
from multiprocessing.process import BaseProcess
from typing import Any, Self

PATIENCE = 60.0
"""Seconds after which a process that says nothing is taken to hang."""
IMPORTED = (
    "anyio._backends._asyncio",
    "anyio._backends._trio",
    "filelock",
    "httpcore",
    "httpx",
    "joserfc.jwt",
    "signedin.account",
    "signedin.auth",
    "signedin.connection",
    "signedin_adapters.defaults",
    "signedin_adapters.loopback",
    "signedin_adapters.sandbox.server",
    "signedin_adapters.stores.files",
    "signedin_adapters.transport_failures",
    "socksio",
    "trio",
    "truststore",
)

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(list(IMPORTED))


class Silent(Exception):
    """A process ended or hangs where it should have spoken."""


class Program:
    """A process that runs `work(line, *given)` and speaks over `line`; a context manager that ends it."""

    def __init__(self, work: Callable[..., None], *given: object) -> None:
        self.line, theirs = CONTEXT.Pipe()
        self.process: BaseProcess = CONTEXT.Process(target=work, args=(theirs, *given), daemon=True)
        self.process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def hear(self, *, seconds: float = PATIENCE) -> Any:
        """The next thing it says. Raises Silent."""
        try:
            if self.line.poll(seconds):
                return self.line.recv()
        except (EOFError, OSError):
            raise Silent(f"{self.process.name} ended without a word") from None
        raise Silent(f"{self.process.name} said nothing for {seconds:.0f} s")

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        self.process.kill()
        self.process.join()
        self.line.close()


__all__ = ["CONTEXT", "PATIENCE", "Line", "Program", "Silent"]
