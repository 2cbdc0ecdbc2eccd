"""Owns where benchmarks keep things: the repository's own files, and `.bench`, which git ignores."""

import os

BENCHMARKS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(BENCHMARKS, "RESULTS.md")
RECORD = os.path.join(BENCHMARKS, "ratios.json")
KEPT = os.path.join(os.path.dirname(BENCHMARKS), ".bench")
TOLD = os.path.join(KEPT, "told")
"""What each benchmark said when it was last run, one file each."""
ENVIRONMENTS = os.path.join(KEPT, "environments")
"""The Python environments of the peers."""
