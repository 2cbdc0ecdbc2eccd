"""Other processes at a kernel lock: one that holds it, and a forked child that has a copy of the block."""

import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from signedin_adapters.stores.lock import held

REPOSITORY = Path(__file__).parents[2]

TAKES_A_LOCK = """
import fcntl, sys
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
"""A program for `holding`: it takes the lock on a file by the system alone, with nothing of ours."""


@contextmanager
def holding(program: str, *arguments: str) -> Generator["subprocess.Popen[str]"]:
    """A process that runs `program`, which says "held" and waits for the end of its stdin; until the block ends."""
    roots = os.pathsep.join(str(REPOSITORY / root) for root in ("core", "adapters"))
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | {"PYTHONPATH": roots},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def leave_to_a_forked_child(block: AbstractContextManager[object], path: str) -> None:
    """A child that ends its copy of the block leaves the lock with its parent; one that lives on does not keep it."""
    end: Callable[..., object] = block.__exit__
    reader, writer = os.pipe()
    with block:
        child = os.fork()
        if child == 0:
            os.close(writer)
            end(None, None, None)
            os.read(reader, 1)
            os._exit(0 if held(path) is False else 1)
        assert held(path)
    assert not held(path)
    os.close(writer)
    os.close(reader)
    assert os.waitpid(child, 0)[1] == 0
