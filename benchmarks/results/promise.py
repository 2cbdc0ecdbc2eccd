"""Owns `Promise`: one measured figure and the limit that it has to stay within."""

from dataclasses import dataclass

RATIO = "×"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A ratio within one run, unless `unit` says otherwise; with one limit of the two."""

    name: str
    measured: float
    at_most: float | None = None
    at_least: float | None = None
    unit: str = RATIO

    @property
    def kept(self) -> bool:
        """Whether the figure stays within the limit."""
        low_enough = self.at_most is None or self.measured <= self.at_most
        return low_enough and (self.at_least is None or self.measured >= self.at_least)

    def worse_than(self, recorded: float) -> float:
        """How many times worse the ratio is than one of an earlier run."""
        better, worse = (recorded, self.measured) if self.at_least is None else (self.measured, recorded)
        return worse / better if better else float(worse > 0)

    def __str__(self) -> str:
        limit = f"at most {self.at_most:g}" if self.at_least is None else f"at least {self.at_least:g}"
        verdict = "kept" if self.kept else "broken"
        return f"{verdict}: {self.name} (promised {limit} {self.unit}, measured {self._short()} {self.unit})"

    def _short(self) -> str:
        whole = self.unit != RATIO and self.measured == int(self.measured)
        return f"{self.measured:.0f}" if whole or abs(self.measured) >= 100 else f"{self.measured:.2f}"
