"""A wall clock that several processes share: time passes when a test moves it, and not before, so nobody sleeps."""

import mmap
import os
import struct
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager


class SharedClock:
    """Unix seconds out of a file of eight bytes, whole ones to begin with: a token's life is whole at the server."""

    def __init__(self, file: str | os.PathLike[str]) -> None:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        is_new = not os.fstat(descriptor).st_size
        if is_new:
            os.ftruncate(descriptor, 8)
        self._now = mmap.mmap(descriptor, 8)
        os.close(descriptor)
        if is_new:
            self.move_to(float(int(time.time())))

    def __call__(self) -> float:
        """Now."""
        now: float = struct.unpack_from("d", self._now)[0]
        return now

    def move_to(self, at: float) -> None:
        """It is `at` now."""
        struct.pack_into("d", self._now, 0, at)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.move_to(self() + seconds)

    @contextmanager
    def running(self, *, rate: int) -> Generator[None]:
        """Time passes by itself, so many times as fast as it does, one second after the other."""
        over = threading.Event()

        def run() -> None:
            while not over.wait(1 / rate):
                self.advance(1)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
