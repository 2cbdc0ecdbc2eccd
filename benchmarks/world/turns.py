"""Owns timing whole processes in turns: one of each kind after the other, so that a busy machine is busy for all."""

import os
import random
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A process, in a home of its own. `base` is what it is a multiple of: the same Python, doing nothing."""

    arguments: Sequence[str]
    home: str
    base: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The median seconds, and the median of the ratios to the base of the same turn.

    A ratio is at least 1: nothing takes less than a Python that does nothing, and what says so is noise.
    """

    seconds: float
    ratio: float


def in_turns(commands: Mapping[str, Command], *, turns: int) -> dict[str, Taken]:
    """What each takes; in another order each turn, as it matters who ran before. The first turn fills the caches."""
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    chance = random.Random(turns)
    for _ in range(turns + 1):
        started = [(tuple(command.arguments), command.home) for command in commands.values()]
        started += {(tuple(command.base), command.home) for command in commands.values()}
        chance.shuffle(started)
        taken = {each: _seconds(*each) for each in started}
        for name, command in commands.items():
            own, base = taken[tuple(command.arguments), command.home], taken[tuple(command.base), command.home]
            samples[name].append((own, base))
    return {name: _median(each[1:]) for name, each in samples.items()}


def _median(samples: Sequence[tuple[float, float]]) -> Taken:
    return Taken(
        seconds=statistics.median(taken for taken, _ in samples),
        ratio=max(1.0, statistics.median(taken / base for taken, base in samples)),
    )


def _seconds(arguments: Sequence[str], home: str) -> float:
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": home, "SIGNEDIN_HOME": home}
    begun = time.perf_counter()
    subprocess.run(
        arguments,
        env=environment,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return time.perf_counter() - begun
