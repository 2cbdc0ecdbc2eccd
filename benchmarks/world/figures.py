"""Owns how figures are shown, percentiles above all, and the disk that they are measured on."""

import os
import tempfile
from collections.abc import Sequence


def percentile(figures: Sequence[float], share: float) -> float:
    """The smallest figure that is not exceeded by `share` of all; 0 for none."""
    ordered = sorted(figures)
    return next((figure for number, figure in enumerate(ordered, start=1) if number >= share * len(ordered)), 0.0)


def milliseconds(seconds: Sequence[float]) -> str:
    """The median, the 99th percentile and the worst."""
    p50, p99, worst = percentile(seconds, 0.50), percentile(seconds, 0.99), max(seconds, default=0.0)
    return f"p50 {p50 * 1000:.0f} ms · p99 {p99 * 1000:.0f} ms · worst {worst * 1000:.0f} ms"


def on_disk() -> tempfile.TemporaryDirectory[str]:
    """A home that goes at the end, where the system keeps temporary files on a disk rather than in memory."""
    return tempfile.TemporaryDirectory(dir="/var/tmp" if os.path.isdir("/var/tmp") else None)
