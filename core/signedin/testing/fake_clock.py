"""Owns `FakeClock`: the time as a test wants it."""

import time


class FakeClock:
    """A `Clock` that is moved at will. With `at` it stands at these Unix seconds; without, it goes with the system's.

    `offset` is how far it was moved, in seconds.
    """

    def __init__(self, at: float | None = None) -> None:
        self.offset = 0.0
        self._at = at

    def __call__(self) -> float:
        """Now, Unix seconds."""
        return self.offset + (time.time() if self._at is None else self._at)

    def advance(self, seconds: float) -> None:
        """Let time pass; set the clock back where `seconds` is negative."""
        self.offset += seconds
