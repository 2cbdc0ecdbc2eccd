"""Owns which runs are kept. Beyond their number those that were silent for longest are folded into counts."""

from collections.abc import Callable

from signedin_adapters.diagnosis.run import NOBODY, Run

RUNS = 1024


class Runs(dict[bytes, Run]):
    """Runs by how their lines begin. `folded` counts those that are kept no longer, `broken` what of them was broken.

    `finish` is called with each that is folded. `NOBODY` stands for all that are not there.
    """

    def __init__(self, finish: Callable[[Run], None]) -> None:
        super().__init__()
        self._finish = finish
        self.folded = self.broken = 0
        self.first_at = self.last_at = ""

    def __missing__(self, _: bytes) -> Run:
        return NOBODY

    def begin(self, prefix: bytes, line: bytes) -> Run:
        """A run of which this is the first line that there is."""
        if len(self) >= RUNS:
            self._fold()
        run = self[prefix] = Run(prefix, line)
        self.first_at = min(self.first_at or run.last_at, run.last_at)
        return run

    def span(self) -> tuple[str, str]:
        """From when to when the log reaches, RFC 3339; empty where there is nothing in it."""
        return self.first_at, max([self.last_at, *(run.last_at for run in self.values())])

    def _fold(self) -> None:
        silent = sorted(self, key=lambda prefix: self[prefix].last_at)[: RUNS // 4]
        for prefix in silent:
            run = self.pop(prefix)
            self._finish(run)
            run.close()
            self.folded += 1
            self.broken += bool(run.cuts or any(track.illegal for track in run.tracks))
            self.last_at = max(self.last_at, run.last_at)
