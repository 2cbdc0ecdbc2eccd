"""Draws docs/images/demo.svg from what `signedin demo` really prints.

Nothing in the demo's output changes from run to run, so the picture can be checked. It shows three of the acts.
"""

import os
import re
import subprocess
import sys
from functools import cache

from tools.terminal_svg import terminal_svg

COLUMNS = 96
ACTS = ("Sign in", "The access token runs out", "A refresh token is spent twice")
PROMPT = "$ signedin demo"
TITLE = "signedin demo: requests on the left, the states of the connection on the right"
LEFT_OUT = "⋮"


def demo_svg() -> str:
    """The picture."""
    return terminal_svg(lines(), title=TITLE)


def lines() -> list[str]:
    """The lines of the picture."""
    opening, *acts = re.split(r"\n\n(?=\d  )", _printed())
    first, *rest = [act.splitlines() for act in acts if act.splitlines()[0][3:] in ACTS]
    return [PROMPT, opening, "", *first, *(line for act in rest for line in ("", LEFT_OUT, "", *act))]


@cache
def _printed() -> str:
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "PYTHONUTF8": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "signedin_adapters.cli", "demo"], env=environment, capture_output=True, check=False
    )
    if ran.returncode != 0:
        raise SystemExit(f"the demo failed: {ran.stderr.decode()}")
    return ran.stdout.decode().replace("\r\n", "\n")
