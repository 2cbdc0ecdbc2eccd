"""A process of its own that refreshes the account of a home."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATH = os.pathsep.join(str(ROOT / part) for part in ("", "core", "adapters"))


@contextmanager
def refreshing_child(home: str, *, backend: str = "asyncio") -> Generator["subprocess.Popen[str]"]:
    """The process, from its start to its end."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.support.signed_in_child", home, backend],
        env=os.environ | {"PYTHONPATH": PATH},
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()
