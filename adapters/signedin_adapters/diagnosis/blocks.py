"""Owns how a log comes apart into lines: whole ones, in blocks, however long the log and however odd what is in it."""

from collections.abc import Iterator

from signedin_adapters.diagnosis.sources import Source

MAX_LINE = 4096
"""Bytes; a line of ours is a tenth of that."""


class Blocks:
    """The lines of one log. `too_long` counts those that are no longer read; empty lines are none."""

    def __init__(self, source: Source) -> None:
        self._source, self.too_long = source, 0

    def __iter__(self) -> Iterator[list[bytes]]:
        """The lines, a block at a time, and at the end what has no newline behind it."""
        rest, lost = b"", False
        for block in self._source.blocks():
            *lines, rest = (rest + block).split(b"\n")
            if lost and lines:
                del lines[0]  # the end of one that was given up
                lost = False
            if len(rest) > MAX_LINE:
                self.too_long += not lost
                rest, lost = b"", True
            yield self._short(lines)
        if rest and not lost:
            yield self._short([rest])

    def _short(self, lines: list[bytes]) -> list[bytes]:
        if lines and max(map(len, lines)) > MAX_LINE:
            self.too_long += sum(len(line) > MAX_LINE for line in lines)
            lines = [line for line in lines if len(line) <= MAX_LINE]
        return [line for line in lines if line] if b"" in lines else lines
