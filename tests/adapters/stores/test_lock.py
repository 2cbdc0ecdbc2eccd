"""The kernel's lock: one holder, freed by death, never by a child."""

import os
import subprocess
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.support.lock_holder import holding, leave_to_a_forked_child

from signedin.errors import StoreError
from signedin_adapters.stores.lock import Lock, held

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


def holder(path: str) -> AbstractContextManager["subprocess.Popen[str]"]:
    """Another process that holds the lock until its stdin ends."""
    return holding(HOLDER, path)


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
    leave_to_a_forked_child(Lock(path, deadline=0), path)
