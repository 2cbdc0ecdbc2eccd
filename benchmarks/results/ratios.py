"""Owns the ratios on record, `ratios.json`: what an earlier run measured, to notice what became slower.

A ratio may be within its promise and still be twice what it was. What is measured in units is a matter of the machine
and is not recorded.
"""

import json

from results.place import RECORD
from results.promise import RATIO, Promise

TOLERANCE = 1.5
"""How many times worse a ratio may be than on record: machines differ, and are busy."""

Promises = dict[str, list[Promise]]
"""The promises of each benchmark, by its name."""
Ratios = dict[str, dict[str, float]]


def complaints(promises: Promises, recorded: Ratios) -> list[str]:
    """What is broken, and what became too slow."""
    return [
        f"{name}: {complaint}"
        for name, each in promises.items()
        for promise in each
        for complaint in _complaints(promise, recorded.get(name, {}).get(promise.name))
    ]


def _complaints(promise: Promise, recorded: float | None) -> list[str]:
    broken = [] if promise.kept else [str(promise)]
    if recorded is None or (worse := promise.worse_than(recorded)) <= TOLERANCE:
        return broken
    return [*broken, f"{promise.name}: {promise.measured:.2f} × is {worse:.1f} times worse than {recorded:.2f} ×"]


def load() -> Ratios:
    """What is on record."""
    with open(RECORD, encoding="utf-8") as file:
        recorded: Ratios = json.load(file)
    return recorded


def save(promises: Promises) -> None:
    """Put these on record in place of older ones; what was not measured stays."""
    measured = {
        name: {promise.name: round(promise.measured, 3) for promise in each if promise.unit == RATIO}
        for name, each in promises.items()
    }
    newest = load() | {name: ratios for name, ratios in measured.items() if ratios}
    with open(RECORD, "w", encoding="utf-8") as file:
        json.dump(dict(sorted(newest.items())), file, ensure_ascii=False, indent=2)
        file.write("\n")
