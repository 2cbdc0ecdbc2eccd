"""Owns stdin: read without blocking the event loop, unseen on a terminal, and given back as it was found.

Nothing here can hold the process open: what waits is the event loop, or a daemon thread where it cannot.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

import anyio

from signedin.waiting import apart, wait

_CHUNK = 4096
_ELSEWHERE_SECONDS = 0.5


class Keyboard:
    """One input stream. `is_ours` says whether a person can type into it here and now."""

    def __init__(self, stdin: TextIO | None) -> None:
        self._fd = _descriptor(stdin)
        self._is_terminal = self._fd is not None and os.isatty(self._fd)
        self.is_ours = self._is_terminal and _in_foreground(self._fd)

    @contextmanager
    def taken(self) -> Generator[None]:
        """Keys come one by one and are not shown, until the block ends in whatever way.

        What was typed and not read is dropped then: the rest of a pasted address is nothing for the shell.
        """
        if self._fd is None or not self.is_ours or sys.platform == "win32":
            yield
            return
        import termios

        before = termios.tcgetattr(self._fd)
        quiet = termios.tcgetattr(self._fd)
        quiet[3] &= ~(termios.ICANON | termios.ECHO)
        quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
        try:
            termios.tcsetattr(self._fd, termios.TCSANOW, quiet)
            yield
        finally:
            # In the background the terminal is another's, and touching it would stop this process.
            if _in_foreground(self._fd):
                termios.tcflush(self._fd, termios.TCIFLUSH)
                termios.tcsetattr(self._fd, termios.TCSANOW, before)

    async def read(self) -> bytes:
        """What comes next, as it comes; nothing once there is no more, or never was anything to read."""
        if self._fd is None or (self._is_terminal and not self.is_ours):
            return b""
        try:
            return await self._next(self._fd)
        except (OSError, anyio.BusyResourceError):
            return b""

    async def _next(self, fd: int) -> bytes:
        if not await _readable(fd):
            return await wait(apart(lambda: os.read(fd, _CHUNK)))
        while self._is_terminal and not _in_foreground(fd):
            await anyio.sleep(_ELSEWHERE_SECONDS)
            await anyio.wait_readable(fd)
        return os.read(fd, _CHUNK)


async def _readable(fd: int) -> bool:
    """Wait until `fd` can be read; False where the event loop cannot wait for it (a file, /dev/null, Windows)."""
    if sys.platform == "win32":
        return False
    try:
        await anyio.wait_readable(fd)
    except OSError:
        return False
    return True


def _descriptor(stdin: TextIO | None) -> int | None:
    try:
        return None if stdin is None else stdin.fileno()
    except (OSError, ValueError):
        return None


def _in_foreground(fd: int | None) -> bool:
    """Whether the terminal is this process's to read. One without job control is."""
    if sys.platform == "win32" or fd is None:
        return True
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return True
