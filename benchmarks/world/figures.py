"""Owns how figures are shown: percentiles, and one table that reads well on a terminal and pastes into RESULTS.md."""

import os
import platform
import tempfile
import time
from collections.abc import Sequence

from signedin import __version__


def percentile(figures: Sequence[float], share: float) -> float:
    """The smallest figure that is not exceeded by `share` of all; 0 for none."""
    ordered = sorted(figures)
    return next((figure for number, figure in enumerate(ordered, start=1) if number >= share * len(ordered)), 0.0)


def milliseconds(seconds: Sequence[float]) -> str:
    """The median, the 99th percentile and the worst."""
    p50, p99, worst = percentile(seconds, 0.50), percentile(seconds, 0.99), max(seconds, default=0.0)
    return f"p50 {p50 * 1000:.0f} ms · p99 {p99 * 1000:.0f} ms · worst {worst * 1000:.0f} ms"


def show(title: str, rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table, the first row its head, under the date and the machine."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(f"\n### {title}, {time.strftime('%Y-%m-%d')}\n\n{_machine()}\n")
    for row in (cells[0], ["-" * width for width in widths], *cells[1:]):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
    print()


def _machine() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"signedin {__version__}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, {python}"


def on_disk() -> tempfile.TemporaryDirectory[str]:
    """A home that goes at the end, where the system keeps temporary files on a disk rather than in memory."""
    return tempfile.TemporaryDirectory(dir="/var/tmp" if os.path.isdir("/var/tmp") else None)
