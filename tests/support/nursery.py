"""Starts the processes of a test: each is forked from one that has imported everything and has opened nothing.

So a process costs milliseconds, shares no descriptor, thread or lock with the next, and ends as any program does. This
module is on both sides: `Nursery` with the test, `born` in the processes.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
PROGRAM = "tests.support.app_program"
PYTHONPATH = os.pathsep.join(str(ROOT / part) for part in ("", "core", "adapters"))
PATIENCE = 20.0
"""Seconds after which a process that is waited for is taken to hang."""
LONGEST_MESSAGE = 65536


class Nursery:
    """The process that forks; a context manager. `environment` is all that it sees beside PATH.

    `through` is a command that runs another one, elsewhere than here (`nsenter`).
    """

    def __init__(self, *, environment: Mapping[str, str] | None = None, through: Sequence[str] = ()) -> None:
        self._line, theirs = socket.socketpair()
        self._line.settimeout(PATIENCE)
        self._process = subprocess.Popen(
            [*through, sys.executable, "-W", "error", "-m", PROGRAM, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": PYTHONPATH, **(environment or {})},
        )
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._process.wait(PATIENCE)

    def start(self, arguments: Sequence[str], files: Sequence[int]) -> int:
        """The id of a new process with these arguments, and these files as its stdin, stdout and stderr."""
        socket.send_fds(self._line, [json.dumps(list(arguments)).encode()], files)
        return int(json.loads(self._line.recv(LONGEST_MESSAGE)))

    def wait_until_stopped(self, pid: int) -> None:
        """Until the process is stopped. One that ends instead fails the test."""
        status = self._next(pid)
        assert os.WIFSTOPPED(status), f"the app ended instead: {os.waitstatus_to_exitcode(status)}"

    def wait_until_ended(self, pid: int) -> int:
        """How the process ended, as `subprocess` puts it."""
        while os.WIFSTOPPED(status := self._next(pid)):
            pass
        return os.waitstatus_to_exitcode(status)

    def _next(self, pid: int) -> int:
        """What the kernel has to say of the process, asked again until there is something."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self._line.sendall(json.dumps(pid).encode())
            status = json.loads(self._line.recv(LONGEST_MESSAGE))
            if status is not None:
                return int(status)
            time.sleep(0.005)
        raise AssertionError("the app neither stops nor ends")


def born(line: int) -> list[str]:
    """Fork a process for each order that comes; it returns in each of them, with its arguments. Ends with the test."""
    with socket.socket(fileno=line) as orders:
        while True:
            message, files, _, _ = socket.recv_fds(orders, LONGEST_MESSAGE, 3)
            if not message:
                raise SystemExit
            order: Any = json.loads(message)
            if isinstance(order, int):
                answer = _waited(order)
            else:
                answer = os.fork()
                if not answer:
                    _take(files)
                    return [str(argument) for argument in order]
            for file in files:
                os.close(file)
            orders.sendall(json.dumps(answer).encode())


def _waited(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
    return status if found else None


def _take(files: Sequence[int]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for standard, file in enumerate(files):
        os.dup2(file, standard)
        os.close(file)
