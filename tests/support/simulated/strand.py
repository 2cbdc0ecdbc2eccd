"""A thread of a simulated process: it runs from point to point, and only when it is told to.

One strand runs at a time, so whoever holds the world decides every interleaving. A strand that is killed ends where it
stands: from then on each point, and everything that would touch the disk or the network, raises `Killed`.
"""

import threading
from collections.abc import Callable

PATIENCE = 10.0
"""Real seconds after which a strand that reaches no point has hung."""

_here = threading.local()


class Killed(BaseException):
    """kill -9: no handler of the code under test catches it, and nothing that it does on the way out counts."""


class Strand:
    """`at` names the point where it stands; `done` tells that it ran to its end or was killed."""

    def __init__(self, name: str, work: Callable[[], object], *, process: object) -> None:
        self.name, self.process = name, process
        self.at, self.done, self.killed = "start", False, False
        self._work = work
        self._error: BaseException | None = None
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def go(self) -> None:
        """Let it run to its next point, or to its end. Raises what it raised."""
        if self.done:
            return
        self._go.release()
        assert self._back.acquire(timeout=PATIENCE), f"{self} hangs behind the point {self.at!r}"
        if self.done:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def kill(self) -> None:
        """End it here. What it holds of the kernel is free afterwards."""
        self.killed = True
        while not self.done:
            self.go()

    def pause(self, name: str) -> None:
        """Stand here until it may go on. On the strand's own thread."""
        self.still_lives()
        self.at = name
        self._back.release()
        self._go.acquire()
        self.still_lives()

    def still_lives(self) -> None:
        """Raise Killed where that happened."""
        if self.killed:
            raise Killed

    def _run(self) -> None:
        _here.strand = self
        self._go.acquire()
        try:
            self.still_lives()
            self._work()
        except Killed:
            pass
        except BaseException as error:
            self._error = error
        self.done, self.at = True, "end"
        self._back.release()

    def __repr__(self) -> str:
        return f"{self.process}'s {self.name} at {self.at!r}"


def here() -> Strand | None:
    """The strand that asks; None outside all of them, where nothing can be killed or stopped."""
    return getattr(_here, "strand", None)


def point(name: str) -> None:
    """A place in the protocol where a process may be stopped for long, or killed."""
    strand = here()
    if strand is not None:
        strand.pause(name)


def still_lives() -> None:
    """Before anything that others could see: the dead do nothing."""
    strand = here()
    if strand is not None:
        strand.still_lives()
