"""Owns the tail of a log: each line is told as it is written. It adds nothing to the log, and changes nothing in it."""

import threading
from collections.abc import Callable, Mapping

from signedin.ports import Log


class LogTail:
    """Reads on in a file that others write. `told` is called with each whole line, in order, on any thread."""

    def __init__(self, path: str, told: Callable[[str], None]) -> None:
        self.path, self._told = path, told
        self._lock, self._place, self._rest = threading.Lock(), 0, b""

    def look(self) -> None:
        """Tell what came since the last time."""
        with self._lock:
            *lines, self._rest = (self._rest + self._more()).split(b"\n")
            for line in lines:
                self._told(line.decode(errors="replace"))

    def _more(self) -> bytes:
        try:
            with open(self.path, "rb") as file:
                file.seek(self._place)
                more = file.read()
        except FileNotFoundError:
            return b""
        self._place += len(more)
        return more


class TailedLog:
    """A `Log` that is looked at after each line. `wrote` is told what the line is made of."""

    def __init__(self, log: Log, tail: LogTail, wrote: Callable[[str, Mapping[str, object]], None]) -> None:
        self._log, self._tail, self._wrote = log, tail, wrote

    def write(self, event: str, **fields: object) -> None:
        """Write one line, and let it be told."""
        self._log.write(event, **fields)
        self._tail.look()
        self._wrote(event, fields)
