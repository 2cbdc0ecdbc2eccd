"""The background worker as a process of its own: it goes on through an outage, and stops where a person is needed."""

import signal
from pathlib import Path

import pytest
from tests.support import acme_notes
from tests.support.examples import EXAMPLES, Program, signed_in_hours_ago

from signedin_adapters.sandbox import Sandbox

WORKER = str(EXAMPLES / "worker.py")
ANSWER = "You asked: “Say hello in one line.”"
IMPATIENT = f"""
import runpy
from signedin import context

context.RETRY_SECONDS = 0.2
runpy.run_path({WORKER!r}, run_name="__main__")
"""
"""The worker, with a shorter first wait after a failure than fifteen seconds."""

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="needs SIGTERM, which Windows has not")


def test_it_works_until_it_is_told_to_stop(sandbox: Sandbox, home: Path) -> None:
    """SIGTERM is no trouble: nothing but its own log is said."""
    acme_notes.sign_in(sandbox, home)
    with Program(WORKER) as worker:
        worker.says(ANSWER)
        worker.is_told(signal.SIGTERM)
        assert worker.ends() == 0
    assert "Traceback" not in worker.said


def test_an_outage_is_waited_out(sandbox: Sandbox, home: Path) -> None:
    """The connection tries by itself meanwhile; the worker goes on as soon as it is back."""
    signed_in_hours_ago(sandbox, home)
    sandbox.faults.inject("token-503", 2)
    with Program("-c", IMPATIENT) as worker:
        worker.says("The next try is in")
        worker.says("connected")
        worker.says(ANSWER)


def test_it_can_be_stopped_in_an_outage(sandbox: Sandbox, home: Path) -> None:
    """It waits, and hears."""
    signed_in_hours_ago(sandbox, home)
    sandbox.faults.inject("token-503", None)
    with Program(WORKER) as worker:
        worker.says("The next try is in")
        worker.is_told(signal.SIGTERM)
        assert worker.ends() == 0
    assert "Traceback" not in worker.said


def test_a_session_that_was_revoked_needs_a_person(sandbox: Sandbox, home: Path) -> None:
    """It says so, and ends."""
    signed_in_hours_ago(sandbox, home)
    sandbox.grants.end_all("revoked")
    with Program(WORKER) as worker:
        assert worker.ends() == 4
    assert worker.said.splitlines()[-1].endswith("Open Acme Notes to see to it, then start me again.")
    assert "Traceback" not in worker.said
