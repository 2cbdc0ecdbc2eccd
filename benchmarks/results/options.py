"""Owns the options of the benchmarks: how much of something each is to do. A word that nobody knows is refused.

A benchmark that is run by itself takes its own. `make bench` takes those of all of them, and hands each its own.
"""

import argparse
from collections.abc import Mapping

Counts = Mapping[str, tuple[float, str]]
"""A benchmark's options by name: the default, which says what kind of number is wanted, and what it counts."""


def options(words: str | None, counts: Counts) -> argparse.Namespace:
    """What the command line says to one benchmark, whose docstring the words are."""
    parser = argparse.ArgumentParser(description=(words or "").partition("\n")[0])
    for name, (default, counted) in counts.items():
        parser.add_argument(f"--{name}", type=type(default), default=default, help=f"{counted} (%(default)s)")
    return parser.parse_args()


def add_all(parser: argparse.ArgumentParser, counts: Mapping[str, Counts]) -> None:
    """The options of all benchmarks, by the benchmark's name; those of one name are one option."""
    users: dict[str, list[str]] = {}
    kinds: dict[str, type[float]] = {}
    for benchmark, each in counts.items():
        for name, (default, counted) in each.items():
            users.setdefault(name, []).append(f"{benchmark}: {counted} ({default})")
            kinds[name] = type(default)
    for name, told in sorted(users.items()):
        parser.add_argument(f"--{name}", type=kinds[name], default=argparse.SUPPRESS, help="; ".join(told))


def words_for(counts: Counts, given: argparse.Namespace) -> list[str]:
    """The command line of one benchmark: what was given of its own options."""
    return [f"--{name}={getattr(given, name)}" for name in counts if name in given]
