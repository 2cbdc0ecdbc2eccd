"""One process that holds many accounts of one package and leaves them at rest; tells the bytes of each as JSON.

Run by the package's own Python: `python -m peers.held NAME HOME ACCOUNTS DISTRIBUTION`. Each account has a home of its
own and was asked for a token once. The network is out of reach.
"""

import gc
import json
import os
import sys
import threading
import tracemalloc
from dataclasses import asdict, dataclass
from importlib.metadata import version

from peers.calls import CALLS, Call
from peers.timing import cut_off

FIRST = 2
"""So many are open before the first look: what a process keeps once is no account's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An account's share of what Python has allocated, in bytes, and how many threads run for all of them."""

    memory: float
    threads: int
    version: str


def main() -> None:
    """Open them, and print what that comes to."""
    name, home, number, distribution = sys.argv[1:]
    cut_off()
    calls = [_asked(name, home, each) for each in range(FIRST)]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    calls += [_asked(name, home, FIRST + each) for each in range(int(number))]
    gc.collect()
    memory = (tracemalloc.get_traced_memory()[0] - before) / int(number)
    held = Held(memory=memory, threads=threading.active_count() - 1, version=version(distribution))
    print(json.dumps(asdict(held)))


def _asked(name: str, home: str, number: int) -> Call:
    call = CALLS[name](os.path.join(home, str(number)))
    call.ask()
    return call


if __name__ == "__main__":
    main()
