"""The kernel's lock: one holder, freed by death, never by a child."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from signedin.errors import StoreError
from signedin_adapters.stores.lock import Lock, held

REPOSITORY = Path(__file__).parents[3]
HOLDER = """
import sys, time
from signedin_adapters.stores.lock import Lock
with Lock(sys.argv[1], deadline=time.monotonic() + 5):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A lock that was never taken."""
    return str(tmp_path / "lock")


def holder(path: str) -> "subprocess.Popen[str]":
    """Another process that holds the lock until its stdin ends."""
    roots = os.pathsep.join(str(REPOSITORY / root) for root in ("core", "adapters"))
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        env=os.environ | {"PYTHONPATH": roots},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_asking_tells_who_holds_it_without_taking_it(path: str) -> None:
    """A lock is free before, held in, and free after its block; asking is no claim."""
    assert not held(path)
    with Lock(path, deadline=0):
        assert held(path)
    assert not held(path)
    assert os.path.exists(path)


def test_another_process_is_waited_for_and_told(path: str) -> None:
    """It is held there, and the deadline passes here."""
    with holder(path) as process:
        assert held(path)
        with pytest.raises(StoreError) as caught, Lock(path, deadline=time.monotonic() + 0.05):
            pass
        assert caught.value.case == "lock-timeout"
        process.communicate()
    with Lock(path, deadline=0):
        pass


def test_death_frees_it(path: str) -> None:
    """Whoever waits gets it as soon as its holder is killed."""
    with holder(path) as process:
        process.kill()
        with Lock(path, deadline=time.monotonic() + 5):
            pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_neither_holds_nor_frees_it(path: str) -> None:
    """A child that ends its copy of the block leaves the lock with its parent; one that lives on does not keep it."""
    reader, writer = os.pipe()
    lock = Lock(path, deadline=0)
    with lock:
        child = os.fork()
        if child == 0:
            os.close(writer)
            lock.__exit__(None, None, None)
            os.read(reader, 1)
            os._exit(0 if held(path) is False else 1)
        assert held(path)
    assert not held(path)
    os.close(writer)
    os.close(reader)
    assert os.waitpid(child, 0)[1] == 0
