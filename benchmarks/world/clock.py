"""Owns the wall clock of the world: the same for every process of it, as fast as wanted, and moved forward at will.

Tokens run out by this clock in the server and in the apps alike, so that nothing waits longer than it must. What is
measured is never measured by it.
"""

import time

from world.processes import CONTEXT


class WorldClock:
    """Unix seconds that pass `rate` times as fast as the system's; goes to other processes as an argument."""

    def __init__(self, *, rate: float = 1.0) -> None:
        self.rate = rate
        self._began_at = time.time()
        self._moved = CONTEXT.RawValue("d", 0.0)

    def __call__(self) -> float:
        """Now."""
        return self._began_at + (time.time() - self._began_at) * self.rate + float(self._moved.value)

    def move_to(self, at: float) -> None:
        """Let all time until `at` pass; nothing if it has passed. For one process at a time."""
        self._moved.value += max(0.0, at - self())

    def seconds_until(self, at: float) -> float:
        """How long that is by the system's clock, 0 if it has passed."""
        return max(0.0, at - self()) / self.rate
