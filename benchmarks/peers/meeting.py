"""Owns the processes of one package in which several callers meet an expiry: started one by one, let go together."""

import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from results.place import BENCHMARKS

from peers.at_once import Asked
from peers.environment import program
from peers.token_endpoint import TokenEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What came of it in all processes together, and how often the token endpoint gave each answer."""

    asked: Asked
    statuses: Counter[int]


def meet_in(environment: str, package: str, *, processes: int, callers: int, seconds: float) -> Meeting | None:
    """Nothing where the package cannot be had. `seconds` is how long the token endpoint takes."""
    python = program(environment)
    if python is None:
        return None
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory())
        endpoint = stack.enter_context(TokenEndpoint(seconds=seconds))
        command = [python, "-m", "peers.at_once", package, home, endpoint.address, str(callers), package]
        started = [stack.enter_context(_ready(command, home)) for _ in range(processes)]
        asked = _together(started)
        return Meeting(asked=asked, statuses=endpoint.statuses())


def _ready(command: Sequence[str], home: str) -> "subprocess.Popen[str]":
    """Started, and waiting for a word: each sets its file up as the one before did, and none while another asks."""
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": home, "PYTHONPATH": BENCHMARKS}
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, env=environment, cwd=home, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        process.kill()
        raise RuntimeError(f"{command[3]} could not be set up")
    return process


def _together(started: Sequence["subprocess.Popen[str]"]) -> Asked:
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    each = [Asked(**json.loads(process.communicate()[0])) for process in started]
    return Asked(
        version=each[0].version,
        waits=[wait for asked in each for wait in asked.waits],
        failures=[failure for asked in each for failure in asked.failures],
    )
